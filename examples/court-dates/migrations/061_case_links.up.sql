-- Joined, severed and appealed cases know of each other.
create table case_links (
  from_case_id bigint not null references cases (id) on delete cascade,
  to_case_id bigint not null references cases (id) on delete cascade,
  relation text not null,
  primary key (from_case_id, to_case_id, relation),
  constraint case_links_relation_known check (relation in ('joined', 'severed', 'appeal-of', 'related')),
  constraint case_links_not_self check (from_case_id <> to_case_id)
);

create index case_links_to_idx on case_links (to_case_id);

grant select, insert, delete on case_links to court_app;
