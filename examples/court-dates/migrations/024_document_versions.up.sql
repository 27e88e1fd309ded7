-- A corrected filing never overwrites the one before it.
create table document_versions (
  document_id uuid not null references documents (id) on delete cascade,
  version_no integer not null,
  storage_key text not null constraint document_versions_storage_key_key unique,
  media_type text not null,
  size_bytes bigint not null,
  uploaded_by bigint references users (id),
  uploaded_at timestamptz not null default now(),
  primary key (document_id, version_no),
  constraint document_versions_version_positive check (version_no > 0),
  constraint document_versions_size_sane check (size_bytes between 0 and 1073741824)
);

create view current_documents with (security_invoker = true) as
select distinct on (d.id)
  d.id, d.case_id, d.title, d.filed_at, d.is_confidential,
  v.version_no, v.storage_key, v.media_type, v.size_bytes
from documents d
join document_versions v on v.document_id = d.id
order by d.id, v.version_no desc;
