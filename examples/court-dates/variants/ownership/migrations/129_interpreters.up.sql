-- A case that needs an interpreter says in which language.
set local lock_timeout = '3s';

alter table cases add column interpreter_language language_code;
