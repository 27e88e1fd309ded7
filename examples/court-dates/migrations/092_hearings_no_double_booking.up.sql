-- What the span was for: two hearings never share a room. A cancelled or adjourned one gives it back.
alter table hearings
  add constraint hearings_room_free
    exclude using gist (room_id with =, during with &&) where (status in ('scheduled', 'held'));
