-- Money is numeric, and a fee that was charged is never edited: a correction is a second row that points to the first.
create table fee_items (
  id bigint generated always as identity primary key,
  case_id bigint not null references cases (id),
  payer_id bigint references parties (id),
  label text not null,
  amount numeric(12, 2) not null,
  currency char(3) not null default 'EUR',
  corrects_id bigint references fee_items (id),
  charged_on date not null default current_date,
  paid_on date,
  constraint fee_items_amount_not_zero check (amount <> 0),
  constraint fee_items_negative_is_correction check (amount > 0 or corrects_id is not null)
);

create index fee_items_case_idx on fee_items (case_id);
create index fee_items_unpaid_idx on fee_items (charged_on) where paid_on is null;

grant select, insert on fee_items to court_app;
grant update (paid_on) on fee_items to court_app;
grant select on fee_items to court_report;
