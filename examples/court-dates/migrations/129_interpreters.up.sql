-- A case that needs an interpreter. In a table of its own, because cases belongs to court_owner; and a case may
-- need two languages.
create table case_interpreters (
  case_id bigint not null references cases (id) on delete cascade,
  language language_code not null,
  party_id bigint references parties (id),
  arranged_by bigint references users (id),
  arranged_at timestamptz,
  primary key (case_id, language),
  constraint case_interpreters_arranged_whole check ((arranged_by is null) = (arranged_at is null))
);

grant select, insert, update, delete on case_interpreters to court_app;
grant select on case_interpreters to court_report;
