-- Who is to be reminded of which hearing, and when. One reminder a moment: a retry must not write twice.
create table reminders (
  id bigint generated always as identity primary key,
  hearing_id bigint not null references hearings (id) on delete cascade,
  party_id bigint not null references parties (id),
  due_at timestamptz not null,
  sent_at timestamptz,
  outbox_id uuid references notification_outbox (id) on delete set null,
  created_at timestamptz not null default now(),
  constraint reminders_moment_key unique (hearing_id, party_id, due_at)
);

create index reminders_party_idx on reminders (party_id);

grant select, insert, update, delete on reminders to court_app;
