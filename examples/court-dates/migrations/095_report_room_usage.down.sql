drop view report.room_usage;
