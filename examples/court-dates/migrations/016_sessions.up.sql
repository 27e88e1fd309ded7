-- Only a digest of the cookie is kept: a stolen backup opens no session.
create table sessions (
  token_sha256 bytea primary key,
  user_id bigint not null references users (id) on delete cascade,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  user_agent text,
  constraint sessions_token_length check (octet_length(token_sha256) = 32),
  constraint sessions_expires_later check (expires_at > created_at)
);

create index sessions_user_idx on sessions (user_id);
