drop index notification_outbox_due_idx;
create index notification_outbox_unsent_idx on notification_outbox (created_at) where sent_at is null;

alter table notification_outbox
  drop column last_error,
  drop column next_attempt_at,
  drop column attempts;
