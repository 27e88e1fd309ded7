drop view report.clearance_rate;
drop view report.upcoming_hearings;
drop schema report;
