drop table hearing_outcomes;
