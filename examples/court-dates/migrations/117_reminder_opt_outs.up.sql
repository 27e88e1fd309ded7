-- A party may refuse reminders for one case or, with no case given, for all of them.
create table reminder_opt_outs (
  id bigint generated always as identity primary key,
  party_id bigint not null references parties (id) on delete cascade,
  case_id bigint references cases (id) on delete cascade,
  since timestamptz not null default now(),
  constraint reminder_opt_outs_once unique nulls not distinct (party_id, case_id)
);

grant select, insert, delete on reminder_opt_outs to court_app;
