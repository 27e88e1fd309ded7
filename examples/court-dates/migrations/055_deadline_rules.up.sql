-- "Four weeks from service": the periods of procedure, so that nobody counts days by hand.
create table deadline_rules (
  code text primary key,
  label text not null,
  period interval not null,
  must_be_court_day boolean not null default true,
  constraint deadline_rules_period_forward check (period > interval '0')
);

insert into deadline_rules (code, label, period) values
  ('defence', 'Statement of defence', interval '4 weeks'),
  ('reply', 'Reply', interval '3 weeks'),
  ('appeal', 'Notice of appeal', interval '1 month'),
  ('costs', 'Schedule of costs', interval '14 days');

alter table deadlines
  add column rule_code text constraint deadlines_rule_fkey references deadline_rules (code);

create function due_date(court bigint, rule text, starts_on date) returns date
  language sql stable
  return (
    select case
      when r.must_be_court_day then next_court_day(court, (starts_on + r.period)::date)
      else (starts_on + r.period)::date
    end
    from deadline_rules r
    where r.code = rule
  );

grant select on deadline_rules to court_app, court_report;
