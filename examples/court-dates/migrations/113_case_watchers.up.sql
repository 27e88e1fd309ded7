-- Staff who want to hear of every change in a case.
create table case_watchers (
  case_id bigint not null references cases (id) on delete cascade,
  user_id bigint not null references users (id) on delete cascade,
  since timestamptz not null default now(),
  primary key (case_id, user_id)
);

create index case_watchers_user_idx on case_watchers (user_id);

grant select, insert, delete on case_watchers to court_app;
