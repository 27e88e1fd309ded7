alter table document_versions drop column sha256;
