drop trigger deadlines_audit on deadlines;
drop trigger hearings_audit on hearings;
drop trigger cases_audit on cases;
drop function audit.record();
drop function current_user_id();
