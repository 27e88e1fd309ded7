alter table hearings
  drop constraint hearings_during_bounded,
  alter column during drop not null;
