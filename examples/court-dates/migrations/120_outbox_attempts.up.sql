-- A mail server that is down for an hour must not be asked every second: attempts are counted and spaced.
alter table notification_outbox
  add column attempts integer not null default 0,
  add column next_attempt_at timestamptz not null default now(),
  add column last_error text,
  add constraint notification_outbox_attempts_limited check (attempts between 0 and 20);

drop index notification_outbox_unsent_idx;
create index notification_outbox_due_idx on notification_outbox (next_attempt_at) where sent_at is null;
