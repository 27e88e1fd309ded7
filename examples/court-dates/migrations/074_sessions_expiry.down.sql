drop index sessions_live_idx;
alter table sessions drop column revoked_at;
