revoke select on
  courts, court_rooms, judges, judge_appointments, cases, hearings, hearing_judges, hearing_types, deadlines, holidays
from court_report;

revoke select on current_documents from court_app;
revoke select, insert, update, delete on
  courts, court_rooms, judges, judge_appointments, cases, parties, case_parties, hearings, hearing_judges,
  hearing_types, deadlines, documents, document_versions, holidays, users, sessions
from court_app;

revoke select on audit.entries from court_app;
revoke usage on schema audit from court_app;
