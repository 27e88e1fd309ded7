-- Letters and summonses go out in the language of the party. Null: the court's own.
alter table parties add column preferred_language language_code;
