drop trigger hearings_sync_during on hearings;
drop function hearings_sync_during();
alter table hearings drop column during;
