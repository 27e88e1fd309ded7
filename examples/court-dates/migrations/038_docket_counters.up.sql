-- Docket numbers have no holes, so a sequence will not do: the counter is a row, and the row is the lock.
create table docket_counters (
  court_id bigint not null references courts (id) on delete cascade,
  register text not null,
  year integer not null,
  last_number integer not null default 0,
  primary key (court_id, register, year),
  constraint docket_counters_register_shape check (register ~ '^[A-Z]{2}$'),
  constraint docket_counters_range check (last_number between 0 and 99999)
);

create function next_docket(court bigint, register text, filed_on date) returns docket_number
  language sql
  begin atomic
    insert into docket_counters as c (court_id, register, year, last_number)
    values (court, next_docket.register, extract(year from filed_on)::integer, 1)
    on conflict (court_id, register, year) do update set last_number = c.last_number + 1
    returning
      (to_char(c.year, 'FM0000') || '-' || c.register || '-' || to_char(c.last_number, 'FM00000'))::docket_number;
  end;

grant select, insert, update on docket_counters to court_app;
