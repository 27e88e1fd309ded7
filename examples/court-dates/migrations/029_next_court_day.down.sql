drop function next_court_day(bigint, date);
drop function is_court_day(bigint, date);
