drop function due_date(bigint, text, date);
alter table deadlines drop column rule_code;
drop table deadline_rules;
