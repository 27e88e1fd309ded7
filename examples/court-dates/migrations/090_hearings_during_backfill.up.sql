-- Step 2 of 3: the hearings from before the trigger.
update hearings
set during = tstzrange(scheduled_at, scheduled_at + make_interval(mins => duration_minutes))
where during is null;

alter table hearings
  alter column during set not null,
  add constraint hearings_during_bounded
    check (not isempty(during) and not lower_inf(during) and not upper_inf(during));
