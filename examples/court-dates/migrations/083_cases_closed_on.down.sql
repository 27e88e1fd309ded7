drop view report.duration;
alter table cases drop column closed_on;
