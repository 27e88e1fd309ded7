drop policy cases_report_unsealed on cases;
drop policy cases_open_to_staff on cases;
alter table cases disable row level security;
drop table case_clearances;
alter table cases drop column is_sealed;
