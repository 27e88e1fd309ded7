-- Court staff. Parties have no account; they only get mail.
create table users (
  id bigint generated always as identity primary key,
  email citext not null constraint users_email_key unique,
  full_name text not null,
  password_hash text not null,
  disabled_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint users_email_shape check (email ~ '^[^@[:space:]]+@[^@[:space:]]+$')
);

create trigger users_touch before update on users
  for each row execute function touch_updated_at();
