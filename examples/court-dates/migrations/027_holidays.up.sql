-- Days on which a court does not sit. No court: a public holiday for all of them.
create table holidays (
  id bigint generated always as identity primary key,
  court_id bigint references courts (id) on delete cascade,
  day date not null,
  name text not null,
  constraint holidays_day_key unique nulls not distinct (court_id, day)
);

insert into holidays (day, name) values
  ('2021-01-01', 'New Year''s Day'),
  ('2021-05-01', 'Labour Day'),
  ('2021-12-25', 'Christmas Day'),
  ('2021-12-26', 'Boxing Day'),
  ('2022-01-01', 'New Year''s Day'),
  ('2022-12-25', 'Christmas Day'),
  ('2022-12-26', 'Boxing Day');
