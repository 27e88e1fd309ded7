-- How many reminders went out in time, a month each.
create view report.reminder_delivery as
select
  date_trunc('month', due_at)::date as month,
  count(*) as due,
  count(*) filter (where sent_at <= due_at + interval '1 hour') as in_time,
  count(*) filter (where sent_at is null and due_at < now()) as overdue
from reminders
group by date_trunc('month', due_at);

grant select on report.reminder_delivery to court_report;
