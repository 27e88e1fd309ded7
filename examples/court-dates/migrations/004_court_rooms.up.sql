-- Rooms are named on the door, and the name is unique within the house only.
create table court_rooms (
  id bigint generated always as identity primary key,
  court_id bigint not null references courts (id),
  name text not null,
  seats integer not null default 20,
  is_accessible boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint court_rooms_name_key unique (court_id, name),
  constraint court_rooms_seats_positive check (seats > 0)
);
