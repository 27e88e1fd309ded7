-- Case-insensitive e-mail addresses, fuzzy name search, and equality inside exclusion constraints.
-- All three are trusted extensions: the owner of the database may create them.
create extension citext;
create extension pg_trgm;
create extension btree_gist;
