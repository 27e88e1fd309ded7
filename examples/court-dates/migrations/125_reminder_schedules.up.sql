-- Each court decides how many days ahead it reminds, and by what means. The worker reads the plan and writes what
-- is missing.
create table reminder_schedules (
  court_id bigint not null references courts (id) on delete cascade,
  days_before smallint not null,
  channel text not null default 'email',
  primary key (court_id, days_before, channel),
  constraint reminder_schedules_days_sane check (days_before between 0 and 90),
  constraint reminder_schedules_channel_known check (channel in ('email', 'sms', 'letter'))
);

insert into reminder_schedules (court_id, days_before)
select id, 7 from courts;

create view reminder_plan with (security_invoker = true) as
select
  h.id as hearing_id,
  cp.party_id,
  s.channel,
  lower(h.during) - make_interval(days => s.days_before) as due_at,
  upper(h.during) - lower(h.during) as expected_length
from hearings h
join cases c on c.id = h.case_id
join case_parties cp on cp.case_id = c.id
join reminder_schedules s on s.court_id = c.court_id
where h.status = 'scheduled';

grant select, insert, update, delete on reminder_schedules to court_app;
grant select on reminder_plan to court_app;
