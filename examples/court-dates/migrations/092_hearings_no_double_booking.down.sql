alter table hearings drop constraint hearings_room_free;
