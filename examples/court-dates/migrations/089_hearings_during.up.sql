-- Step 1 of 3: a hearing is a span of time, not a start and a number of minutes. Only a span can be kept from
-- overlapping: timestamptz + interval depends on the session's time zone and is not allowed in an index.
-- The trigger keeps both forms in step while old and new versions of the service run side by side.
alter table hearings add column during tstzrange;

create function hearings_sync_during() returns trigger
  language plpgsql
as $$
begin
  new.during := tstzrange(new.scheduled_at, new.scheduled_at + make_interval(mins => new.duration_minutes));
  return new;
end
$$;

create trigger hearings_sync_during before insert or update of scheduled_at, duration_minutes on hearings
  for each row execute function hearings_sync_during();
