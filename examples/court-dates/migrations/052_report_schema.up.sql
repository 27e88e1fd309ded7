-- Views for the statistics office, which must not depend on the shape of our tables.
create schema report;
grant usage on schema report to court_report;

create view report.upcoming_hearings as
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

create view report.clearance_rate as
select
  ct.name as court,
  date_trunc('month', c.filed_on)::date as month,
  count(*) as filed,
  count(*) filter (where c.status in ('decided', 'closed')) as cleared
from cases c
join courts ct on ct.id = c.court_id
group by ct.name, date_trunc('month', c.filed_on);

grant select on report.upcoming_hearings, report.clearance_rate to court_report;
