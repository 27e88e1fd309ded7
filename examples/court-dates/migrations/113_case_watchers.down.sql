drop table case_watchers;
