drop function next_docket(bigint, text, date);
drop table docket_counters;
