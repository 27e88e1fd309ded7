drop policy documents_with_their_case on documents;
drop policy cases_report_unsealed on cases;
drop policy cases_open_to_staff on cases;
alter table documents disable row level security;
alter table cases disable row level security;
drop table case_clearances;
alter table cases drop column is_sealed;
