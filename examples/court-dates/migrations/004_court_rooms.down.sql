drop table court_rooms;
