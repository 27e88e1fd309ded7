-- A judge may sit at several courts, at each of them for a time.
create table judges (
  id bigint generated always as identity primary key,
  given_name text not null,
  family_name text not null,
  title text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table judge_appointments (
  judge_id bigint not null references judges (id),
  court_id bigint not null references courts (id),
  term daterange not null,
  constraint judge_appointments_term_not_empty check (not isempty(term)),
  constraint judge_appointments_no_overlap
    exclude using gist (judge_id with =, court_id with =, term with &&)
);

create trigger judges_touch before update on judges
  for each row execute function touch_updated_at();
