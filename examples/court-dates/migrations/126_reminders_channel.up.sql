-- Reminders by text message. What is there was sent by e-mail, which is what the constant default says; no row is
-- rewritten, and a lock that is not to be had in three seconds is given up. The language is a plain text: a column of
-- the domain language_code would write every row anew, for the domain's check.
set local lock_timeout = '3s';

alter table reminders
  add column channel text not null default 'email',
  add column template_code text,
  add column template_language text;
