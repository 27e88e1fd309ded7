alter table reminders
  drop constraint reminders_template_fkey,
  drop constraint reminders_channel_known;
