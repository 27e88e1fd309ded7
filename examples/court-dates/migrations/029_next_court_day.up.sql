-- A deadline that ends on a Sunday ends on Monday: the rule, in one place.
create function is_court_day(court bigint, day date) returns boolean
  language sql stable
  return extract(isodow from day) < 6
    and not exists (
      select 1 from holidays h
      where h.day = is_court_day.day and (h.court_id is null or h.court_id = court)
    );

create function next_court_day(court bigint, from_day date) returns date
  language plpgsql stable
as $$
declare
  candidate date := from_day;
begin
  for attempt in 1..60 loop
    if is_court_day(court, candidate) then
      return candidate;
    end if;
    candidate := candidate + 1;
  end loop;
  raise exception 'court % has no court day within 60 days of %', court, from_day;
end
$$;
