-- One row a court house. The time zone belongs to the court: "9 a.m." on a summons means 9 a.m. there.
create table courts (
  id bigint generated always as identity primary key,
  code text not null constraint courts_code_key unique,
  name text not null,
  time_zone text not null default 'Europe/Vienna',
  address text not null,
  phone text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint courts_code_shape check (code ~ '^[A-Z]{2,6}$'),
  constraint courts_name_not_blank check (btrim(name) <> '')
);
