drop table hearing_judges;
