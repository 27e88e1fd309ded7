-- From here on the service applies its own migrations at start-up, as court_deploy, a member of court_migrator. It may
-- use every table, point foreign keys at them and create new ones; the tables up to here stay with court_owner.
-- (CREATE on the schema public was granted by hand, by the owner of the database.)
grant usage on schema audit, report to court_migrator;
grant create on schema report to court_migrator;

grant select, insert, update, delete, references on
  courts, court_rooms, judges, judge_appointments, judge_absences, cases, case_parties, case_clearances, case_links,
  parties, hearings, hearing_judges, hearing_types, deadlines, deadline_rules, documents, document_versions,
  docket_counters, fee_items, holidays, memberships, sessions, users
to court_migrator;

-- Row security holds for everybody but the owner, and a back-fill that skips sealed cases would be a quiet disaster.
create policy cases_migrations_see_all on cases to court_migrator using (true) with check (true);
create policy documents_migrations_see_all on documents to court_migrator using (true) with check (true);
