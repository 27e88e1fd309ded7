const open = (name: string, body: string): string =>
  `CREATE FUNCTION ${name} LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$ ${body} $$`

/** Who may do more than before, what leaves the database, and what only a statement shows. */
export const PROTECTION: readonly (readonly [sql: string, code: string, subject?: string])[] = [
  [open('all_sessions() RETURNS SETOF sessions', 'SELECT * FROM sessions'), 'security/definer-open-to-public'],
  [open('drop_user(u bigint) RETURNS void', 'DELETE FROM users WHERE id = u'), 'security/definer-open-to-public'],
  [
    `CREATE VIEW shown AS SELECT * FROM sessions; ${open('through_a_view() RETURNS bigint', 'SELECT count(*) FROM shown')}`,
    'security/definer-open-to-public',
    'function public.through_a_view',
  ],
  [
    `CREATE FUNCTION runs(t text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$ BEGIN EXECUTE 'SELECT ' || t; END $$`,
    'security/definer-open-to-public',
  ],
  [
    `CREATE FUNCTION mine() RETURNS SETOF sessions LANGUAGE sql SET search_path = public, pg_temp AS 'SELECT * FROM sessions'; ALTER FUNCTION mine() SECURITY DEFINER`,
    'security/definer-open-to-public',
  ],
  ["ALTER USER MAPPING FOR app SERVER far OPTIONS (SET password 'b')", 'compat/change-object'],
  ["ALTER SERVER far OPTIONS (SET sslrootcert 'b')", 'compat/change-object', 'server far'],
  ["ALTER SERVER far OPTIONS (ADD host 'b')", 'compat/change-object', 'server far'],
  ['CREATE USER MAPPING FOR PUBLIC SERVER far', 'security/grant-to-public'],
  ['DROP USER MAPPING FOR app SERVER far', 'compat/drop-object'],
  [
    "CREATE SUBSCRIPTION copies CONNECTION 'host=db.invalid' PUBLICATION changes WITH (connect = false)",
    'security/reach-out',
    'subscription copies',
  ],
  [
    'CREATE FUNCTION on_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN NULL; END $$; CREATE EVENT TRIGGER later ON ddl_command_start EXECUTE FUNCTION on_ddl()',
    'compat/change-object',
    'event trigger later',
  ],
  [
    "CREATE FUNCTION mine() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = '$user', public AS 'SELECT 1::bigint'",
    'security/definer-without-search-path',
    'function public.mine',
  ],
  [
    'ALTER FUNCTION secret() SET search_path = pg_temp, public',
    'security/definer-without-search-path',
    'function public.secret',
  ],
  ['CREATE TABLE kept AS SELECT * FROM sessions', 'security/copy-around-rights', 'table public.kept'],
  ['CREATE TABLE kept AS SELECT * FROM audit', 'security/copy-around-rights', 'table public.kept'],
  [
    'CREATE MATERIALIZED VIEW kept AS SELECT what FROM audit',
    'security/copy-around-rights',
    'materialized view public.kept',
  ],
  ['ALTER TABLE users ALTER nickname SET STORAGE PLAIN', 'compat/restrict-writes', 'column public.users.nickname'],
  ['ALTER FUNCTION counted() LEAKPROOF', 'compat/change-function', 'function public.counted()'],
  ['ALTER FUNCTION numbered() PARALLEL SAFE', 'compat/change-function', 'function public.numbered()'],
  ['ALTER FUNCTION numbered() IMMUTABLE', 'compat/change-function', 'function public.numbered()'],
  ["SELECT pg_read_file('PG_VERSION')", 'security/reach-out', 'function pg_read_file'],
  ["CREATE SCHEMA app; CREATE TYPE app.mood AS ENUM ('ok')", 'compat/shadow-object', 'type app.mood'],
  ['ALTER TABLE audit REPLICA IDENTITY NOTHING', 'compat/change-replication', 'table public.audit'],
]
