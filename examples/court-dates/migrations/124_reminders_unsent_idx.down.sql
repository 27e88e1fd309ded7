drop index concurrently reminders_unsent_idx;
