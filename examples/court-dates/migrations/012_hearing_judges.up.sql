-- The bench: one presiding judge at most, any number beside.
create table hearing_judges (
  hearing_id bigint not null references hearings (id) on delete cascade,
  judge_id bigint not null references judges (id),
  is_presiding boolean not null default false,
  primary key (hearing_id, judge_id)
);

create unique index hearing_judges_one_presiding on hearing_judges (hearing_id) where is_presiding;
create index hearing_judges_judge_idx on hearing_judges (judge_id);
