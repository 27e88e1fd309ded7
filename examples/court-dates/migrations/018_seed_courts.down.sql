delete from court_rooms where court_id in (select id from courts where code in ('NORTH', 'HARB'));
delete from courts where code in ('NORTH', 'HARB');
