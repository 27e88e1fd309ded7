-- Mail is handed over in the transaction that causes it, and sent by a worker afterwards: none without its
-- cause, and no cause without its mail. Workers take rows with FOR UPDATE SKIP LOCKED.
create table notification_outbox (
  id uuid primary key default gen_random_uuid(),
  recipient text not null,
  subject text not null,
  body text not null,
  created_at timestamptz not null default now(),
  sent_at timestamptz
);

create index notification_outbox_unsent_idx on notification_outbox (created_at) where sent_at is null;

create function notification_outbox_wake() returns trigger
  language plpgsql
as $$
begin
  perform pg_notify('notification_outbox', '');
  return null;
end
$$;

create trigger notification_outbox_wake after insert on notification_outbox
  for each statement execute function notification_outbox_wake();

grant select, insert, update, delete on notification_outbox to court_app;
