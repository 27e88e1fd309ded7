-- The service no longer works as the owner of its tables: court_app reads and writes rows, court_report only reads.
-- Tables are named one by one: sessions and password hashes are nothing for a report.
grant usage on schema audit to court_app;
grant select on audit.entries to court_app;

grant select, insert, update, delete on
  courts, court_rooms, judges, judge_appointments, cases, parties, case_parties, hearings, hearing_judges,
  hearing_types, deadlines, documents, document_versions, holidays, users, sessions
to court_app;
grant select on current_documents to court_app;

grant select on
  courts, court_rooms, judges, judge_appointments, cases, hearings, hearing_judges, hearing_types, deadlines, holidays
to court_report;
