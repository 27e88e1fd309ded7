-- What the service is named after: when a case is heard, and where.
create table hearings (
  id bigint generated always as identity primary key,
  case_id bigint not null references cases (id) on delete cascade,
  room_id bigint not null references court_rooms (id),
  scheduled_at timestamptz not null,
  duration_minutes integer not null default 60,
  status hearing_status not null default 'scheduled',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint hearings_duration_sane check (duration_minutes between 5 and 720)
);

create index hearings_case_idx on hearings (case_id);
create index hearings_room_scheduled_idx on hearings (room_id, scheduled_at);

create trigger hearings_touch before update on hearings
  for each row execute function touch_updated_at();
