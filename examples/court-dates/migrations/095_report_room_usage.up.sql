-- Hours sat a room and week: the figure behind every request for another court room.
create view report.room_usage as
select
  ct.name as court,
  r.name as room,
  date_trunc('week', lower(h.during))::date as week,
  count(*) as hearings,
  round(sum(extract(epoch from upper(h.during) - lower(h.during))) / 3600, 1) as hours
from hearings h
join court_rooms r on r.id = h.room_id
join courts ct on ct.id = r.court_id
where h.status in ('scheduled', 'held')
group by ct.name, r.name, date_trunc('week', lower(h.during));

grant select on report.room_usage to court_report;
