drop table fee_items;
