-- The words of a message, a language each, so that an edit needs no deploy.
create table message_templates (
  code text not null,
  language language_code not null default 'en',
  subject text not null,
  body text not null,
  primary key (code, language)
);

insert into message_templates (code, subject, body) values
  ('hearing-reminder', 'Your court date', 'Case {docket} will be heard on {date} in room {room}.'),
  ('hearing-cancelled', 'Your court date was cancelled', 'The hearing of case {docket} on {date} will not take place.'),
  ('deadline-near', 'A deadline is near', 'In case {docket}, {subject} is due on {date}.');

grant select, insert, update on message_templates to court_app;
