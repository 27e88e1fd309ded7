alter table parties drop column preferred_language;
