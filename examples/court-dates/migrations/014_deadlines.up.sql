-- A day by which somebody has to do something. A deadline is met, waived or missed, and open until then.
create table deadlines (
  id bigint generated always as identity primary key,
  case_id bigint not null references cases (id) on delete cascade,
  party_id bigint references parties (id),
  subject text not null,
  due_on date not null,
  settled_on date,
  settled_as text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint deadlines_settled_as_known check (settled_as in ('met', 'waived', 'missed')),
  constraint deadlines_settled_whole check ((settled_on is null) = (settled_as is null))
);

create index deadlines_case_idx on deadlines (case_id);
create index deadlines_open_idx on deadlines (due_on) where settled_on is null;

create trigger deadlines_touch before update on deadlines
  for each row execute function touch_updated_at();
