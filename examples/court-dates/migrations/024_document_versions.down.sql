drop view current_documents;
drop table document_versions;
