drop view reminder_plan;
drop table reminder_schedules;
