-- What a user may do depends on the court: a registrar here may be a guest there.
create type staff_role as enum ('guest', 'clerk', 'registrar', 'judge', 'administrator');

create table memberships (
  user_id bigint not null references users (id) on delete cascade,
  court_id bigint not null references courts (id) on delete cascade,
  role staff_role not null default 'clerk',
  judge_id bigint references judges (id),
  since date not null default current_date,
  primary key (user_id, court_id),
  constraint memberships_judge_is_named check (role <> 'judge' or judge_id is not null)
);

create index memberships_court_idx on memberships (court_id, role);

grant select, insert, update, delete on memberships to court_app;
