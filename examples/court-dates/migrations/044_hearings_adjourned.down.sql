-- PostgreSQL cannot take a value out of an enum, so the type is made anew without it.
alter table hearings alter column status drop default;
alter type hearing_status rename to hearing_status_with_adjourned;
create type hearing_status as enum ('scheduled', 'held', 'cancelled');

alter table hearings
  alter column status type hearing_status
    using (case status::text when 'adjourned' then 'scheduled' else status::text end)::hearing_status,
  alter column status set default 'scheduled';

drop type hearing_status_with_adjourned;
