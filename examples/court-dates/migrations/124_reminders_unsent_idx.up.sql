-- The worker looks for unsent reminders every minute. Alone in its file: CONCURRENTLY cannot run in a transaction.
create index concurrently reminders_unsent_idx on reminders (due_at) where sent_at is null;
