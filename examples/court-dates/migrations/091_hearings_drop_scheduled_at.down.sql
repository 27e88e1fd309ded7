alter table hearings
  add column scheduled_at timestamptz,
  add column duration_minutes integer not null default 60;

update hearings
set scheduled_at = lower(during),
    duration_minutes = extract(epoch from upper(during) - lower(during))::integer / 60;

alter table hearings
  alter column scheduled_at set not null,
  add constraint hearings_duration_sane check (duration_minutes between 5 and 720);
create index hearings_room_scheduled_idx on hearings (room_id, scheduled_at);

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

create or replace view report.upcoming_hearings as
select
  c.docket,
  ct.name as court,
  r.name as room,
  t.label as kind,
  h.scheduled_at
from hearings h
join cases c on c.id = h.case_id
join courts ct on ct.id = c.court_id
join court_rooms r on r.id = h.room_id
join hearing_types t on t.code = h.type_code
where h.status = 'scheduled' and h.scheduled_at > now() and t.is_public and not c.is_sealed;
