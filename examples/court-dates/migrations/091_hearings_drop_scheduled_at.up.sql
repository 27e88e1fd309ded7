-- Step 3 of 3: nothing reads scheduled_at and duration_minutes any more, four releases after 089.
-- The report keeps its column name: the statistics office depends on it.
create or replace view report.upcoming_hearings as
select
  c.docket,
  ct.name as court,
  r.name as room,
  t.label as kind,
  lower(h.during) as scheduled_at
from hearings h
join cases c on c.id = h.case_id
join courts ct on ct.id = c.court_id
join court_rooms r on r.id = h.room_id
join hearing_types t on t.code = h.type_code
where h.status = 'scheduled' and lower(h.during) > now() and t.is_public and not c.is_sealed;

drop trigger hearings_sync_during on hearings;
drop function hearings_sync_during();

drop index hearings_room_scheduled_idx;
alter table hearings
  drop column scheduled_at,
  drop column duration_minutes;
