alter table cases drop column interpreter_language;
