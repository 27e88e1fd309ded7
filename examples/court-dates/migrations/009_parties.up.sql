-- People, companies and authorities, and the part they play in a case.
create table parties (
  id bigint generated always as identity primary key,
  kind party_kind not null,
  display_name text not null,
  email citext,
  phone text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint parties_display_name_not_blank check (btrim(display_name) <> '')
);

create table case_parties (
  case_id bigint not null references cases (id) on delete cascade,
  party_id bigint not null references parties (id),
  part text not null,
  represented_by bigint references parties (id),
  primary key (case_id, party_id, part),
  constraint case_parties_part_known
    check (part in ('claimant', 'respondent', 'counsel', 'witness', 'expert', 'intervener')),
  constraint case_parties_not_own_counsel check (represented_by <> party_id)
);

create index case_parties_party_idx on case_parties (party_id);

create trigger parties_touch before update on parties
  for each row execute function touch_updated_at();
