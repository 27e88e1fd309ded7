alter table hearings drop column type_code;
drop table hearing_types;
