-- A file that changed in storage must be noticed. Versions uploaded before this day have no digest, and say so.
alter table document_versions
  add column sha256 bytea,
  add constraint document_versions_sha256_length check (octet_length(sha256) = 32);

create index document_versions_sha256_idx on document_versions (sha256) where sha256 is not null;
