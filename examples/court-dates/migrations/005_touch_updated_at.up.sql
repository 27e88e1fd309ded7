-- Keeps updated_at honest, whoever writes the row.
create function touch_updated_at() returns trigger
  language plpgsql
as $$
begin
  new.updated_at := now();
  return new;
end
$$;

create trigger courts_touch before update on courts
  for each row execute function touch_updated_at();
create trigger court_rooms_touch before update on court_rooms
  for each row execute function touch_updated_at();
