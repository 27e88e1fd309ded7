-- What is filed in a case. The bytes live in object storage; here is what they are and who may see them.
create table documents (
  id uuid primary key default gen_random_uuid(),
  case_id bigint not null references cases (id) on delete cascade,
  filed_by bigint references parties (id),
  title text not null,
  filed_at timestamptz not null default now(),
  is_confidential boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create index documents_case_idx on documents (case_id, filed_at desc);

create trigger documents_touch before update on documents
  for each row execute function touch_updated_at();
