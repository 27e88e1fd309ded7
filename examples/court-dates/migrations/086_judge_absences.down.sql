drop table judge_absences;
