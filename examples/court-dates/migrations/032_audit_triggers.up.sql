-- The application may not write to the audit log; this function may, and fixes its search path for that reason.
create function current_user_id() returns bigint
  language sql stable
  return nullif(current_setting('court.user_id', true), '')::bigint;
comment on function current_user_id() is
  'The signed-in user, as the application set it for this transaction; null outside of one.';

create function audit.record() returns trigger
  language plpgsql security definer
  set search_path = pg_catalog, pg_temp
as $$
begin
  insert into audit.entries (actor_id, table_name, action, before, after)
  values (
    public.current_user_id(),
    tg_table_name,
    tg_op,
    case when tg_op <> 'INSERT' then to_jsonb(old) end,
    case when tg_op <> 'DELETE' then to_jsonb(new) end
  );
  return null;
end
$$;

create trigger cases_audit after insert or update or delete on cases
  for each row execute function audit.record();
create trigger hearings_audit after insert or update or delete on hearings
  for each row execute function audit.record();
create trigger deadlines_audit after insert or update or delete on deadlines
  for each row execute function audit.record();
