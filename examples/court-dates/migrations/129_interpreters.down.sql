drop table case_interpreters;
