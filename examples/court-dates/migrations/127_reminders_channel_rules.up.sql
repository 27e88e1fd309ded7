-- The rules hold for new rows from now on; 128 looks at the old ones without keeping writers out.
set local lock_timeout = '3s';

alter table reminders
  add constraint reminders_channel_known check (channel in ('email', 'sms', 'letter')) not valid,
  add constraint reminders_template_fkey foreign key (template_code, template_language)
    references message_templates (code, language) match full not valid;
