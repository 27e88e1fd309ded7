-- The vocabulary of a docket, so that a typing error is refused where it happens.
create domain docket_number as text
  constraint docket_number_shape check (value ~ '^[0-9]{4}-[A-Z]{2}-[0-9]{5}$');
comment on domain docket_number is 'Year, register and running number: 2021-CV-00412.';

create domain language_code as text
  constraint language_code_shape check (value ~ '^[a-z]{2,3}$');

create type case_status as enum ('filed', 'open', 'stayed', 'decided', 'closed');
create type party_kind as enum ('person', 'company', 'authority');
create type hearing_status as enum ('scheduled', 'held', 'cancelled');
