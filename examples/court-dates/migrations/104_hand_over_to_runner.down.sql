drop policy documents_migrations_see_all on documents;
drop policy cases_migrations_see_all on cases;

revoke select, insert, update, delete, references on
  courts, court_rooms, judges, judge_appointments, judge_absences, cases, case_parties, case_clearances, case_links,
  parties, hearings, hearing_judges, hearing_types, deadlines, deadline_rules, documents, document_versions,
  docket_counters, fee_items, holidays, memberships, sessions, users
from court_migrator;

revoke create on schema report from court_migrator;
revoke usage on schema audit, report from court_migrator;
