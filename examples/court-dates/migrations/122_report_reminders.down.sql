drop view report.reminder_delivery;
