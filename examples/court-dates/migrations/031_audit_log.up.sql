-- Who changed what. In a schema of its own, a partition a year, so that an old year can be moved away whole.
create schema audit;

create table audit.entries (
  id bigint generated always as identity,
  happened_at timestamptz not null default clock_timestamp(),
  actor_id bigint,
  table_name text not null,
  action text not null,
  before jsonb,
  after jsonb,
  primary key (happened_at, id),
  constraint entries_action_known check (action in ('INSERT', 'UPDATE', 'DELETE'))
) partition by range (happened_at);

create table audit.entries_2021 partition of audit.entries
  for values from ('2021-01-01 00:00+00') to ('2022-01-01 00:00+00');
create table audit.entries_2022 partition of audit.entries
  for values from ('2022-01-01 00:00+00') to ('2023-01-01 00:00+00');
create table audit.entries_other partition of audit.entries default;

create index entries_table_idx on audit.entries (table_name, happened_at desc);
