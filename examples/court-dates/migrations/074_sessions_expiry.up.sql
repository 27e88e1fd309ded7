-- The hourly sweep walked the whole table; and a session that was ended by hand has to stay on record.
alter table sessions add column revoked_at timestamptz;

create index sessions_live_idx on sessions (expires_at) where revoked_at is null;
