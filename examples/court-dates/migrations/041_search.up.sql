-- The clerk types a few words of the title, or a name as it sounded on the telephone.
alter table cases
  add column search tsvector
    generated always as (to_tsvector('simple', title || ' ' || docket::text)) stored;

create index cases_search_idx on cases using gin (search);
create index parties_name_trgm_idx on parties using gin (display_name gin_trgm_ops);
