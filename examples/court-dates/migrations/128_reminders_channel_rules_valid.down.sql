-- A constraint cannot be made unproved again; it is put back as 127 left it.
alter table reminders
  drop constraint reminders_template_fkey,
  drop constraint reminders_channel_known;
alter table reminders
  add constraint reminders_channel_known check (channel in ('email', 'sms', 'letter')) not valid,
  add constraint reminders_template_fkey foreign key (template_code, template_language)
    references message_templates (code, language) match full not valid;
