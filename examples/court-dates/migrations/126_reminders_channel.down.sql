alter table reminders
  drop column template_language,
  drop column template_code,
  drop column channel;
