-- What came of a hearing, written down by the presiding judge.
create table hearing_outcomes (
  hearing_id bigint primary key references hearings (id) on delete cascade,
  outcome text not null,
  noted_by bigint not null references judges (id),
  noted_at timestamptz not null default now(),
  constraint hearing_outcomes_known
    check (outcome in ('decided', 'settled', 'continued', 'no-show', 'struck-out'))
);

grant select, insert, update on hearing_outcomes to court_app;
