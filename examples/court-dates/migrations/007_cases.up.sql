-- The case is the folder that everything else is filed in.
create table cases (
  id bigint generated always as identity primary key,
  court_id bigint not null references courts (id),
  docket docket_number not null,
  title text not null,
  status case_status not null default 'filed',
  filed_on date not null default current_date,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint cases_docket_key unique (court_id, docket)
);

create index cases_open_idx on cases (court_id, filed_on) where status in ('filed', 'open', 'stayed');

create trigger cases_touch before update on cases
  for each row execute function touch_updated_at();
