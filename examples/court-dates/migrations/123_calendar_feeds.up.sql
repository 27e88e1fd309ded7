-- A judge subscribes to the docket from a calendar. The address of the feed is the key to it, so only its digest
-- is kept.
create table calendar_feeds (
  id bigint generated always as identity primary key,
  user_id bigint not null references users (id) on delete cascade,
  court_id bigint not null references courts (id) on delete cascade,
  token_sha256 bytea not null constraint calendar_feeds_token_key unique,
  created_at timestamptz not null default now(),
  last_read_at timestamptz,
  revoked_at timestamptz,
  constraint calendar_feeds_token_length check (octet_length(token_sha256) = 32)
);

create index calendar_feeds_user_idx on calendar_feeds (user_id);

grant select, insert, update, delete on calendar_feeds to court_app;
