-- A sealed case and its documents are seen by those who were cleared for it, and by nobody else,
-- whatever query they write.
alter table cases add column is_sealed boolean not null default false;

create table case_clearances (
  case_id bigint not null references cases (id) on delete cascade,
  user_id bigint not null references users (id) on delete cascade,
  granted_by bigint references users (id),
  granted_at timestamptz not null default now(),
  primary key (case_id, user_id)
);
grant select, insert, delete on case_clearances to court_app;

alter table cases enable row level security;
alter table documents enable row level security;

create policy cases_open_to_staff on cases to court_app
  using (
    not is_sealed
    or exists (
      select 1 from case_clearances cl where cl.case_id = cases.id and cl.user_id = current_user_id()
    )
  );
create policy cases_report_unsealed on cases for select to court_report
  using (not is_sealed);

-- The sub-select is itself under the policies of cases: who sees the case sees its documents.
create policy documents_with_their_case on documents to court_app
  using (exists (select 1 from cases c where c.id = documents.case_id));
