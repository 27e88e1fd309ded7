drop table judge_appointments;
drop table judges;
