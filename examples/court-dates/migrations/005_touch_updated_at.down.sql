drop trigger court_rooms_touch on court_rooms;
drop trigger courts_touch on courts;
drop function touch_updated_at();
