-- The two houses of the pilot, and their rooms.
insert into courts (code, name, time_zone, address) values
  ('NORTH', 'District Court North', 'Europe/Vienna', '4 Weighhouse Lane'),
  ('HARB', 'Harbour Court', 'Europe/Vienna', '1 Customs Quay');

insert into court_rooms (court_id, name, seats, is_accessible)
select c.id, r.name, r.seats, r.is_accessible
from courts c
join (values
  ('NORTH', '1.01', 60, true),
  ('NORTH', '1.02', 24, true),
  ('NORTH', '2.07', 12, false),
  ('HARB', 'Great Hall', 120, true),
  ('HARB', 'Chart Room', 16, false)
) as r (code, name, seats, is_accessible) on r.code = c.code;
