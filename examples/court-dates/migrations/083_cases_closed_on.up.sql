-- The statistics office asks how long a case took. A closed case has a closing day, and an open one has none.
alter table cases add column closed_on date;

update cases set closed_on = updated_at::date where status = 'closed';

alter table cases
  add constraint cases_closed_whole check ((status = 'closed') = (closed_on is not null)),
  add constraint cases_closed_after_filed check (closed_on >= filed_on);

create view report.duration as
select
  ct.name as court,
  date_trunc('quarter', c.closed_on)::date as quarter,
  count(*) as closed,
  percentile_cont(0.5) within group (order by c.closed_on - c.filed_on) as median_days
from cases c
join courts ct on ct.id = c.court_id
where c.status = 'closed'
group by ct.name, date_trunc('quarter', c.closed_on);

grant select on report.duration to court_report;
