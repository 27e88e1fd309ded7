-- In a file of its own, so that the strong lock of 127 is long gone while the rows are read.
alter table reminders validate constraint reminders_channel_known;
alter table reminders validate constraint reminders_template_fkey;
