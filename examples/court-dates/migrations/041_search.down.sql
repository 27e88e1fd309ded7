drop index parties_name_trgm_idx;
alter table cases drop column search;
