-- Leave, training and illness. Two absences of one judge never overlap: they are one, then.
create table judge_absences (
  id bigint generated always as identity primary key,
  judge_id bigint not null references judges (id) on delete cascade,
  away daterange not null,
  reason text not null default 'leave',
  constraint judge_absences_reason_known check (reason in ('leave', 'training', 'illness', 'secondment')),
  constraint judge_absences_no_overlap exclude using gist (judge_id with =, away with &&)
);

grant select, insert, update, delete on judge_absences to court_app;
