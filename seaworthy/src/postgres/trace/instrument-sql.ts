import { quotedName, quotedText } from '../../sql/identifier.ts'

/** What every function of ours begins with: names are the server's own, and the migration's own level mutes nothing. */
const SEALED = 'SET search_path = pg_catalog, pg_temp SET client_min_messages = notice'

/**
 * SQL that reports one JSON document. A notice goes to the migrating session's client at once, in the order of the
 * protocol, and no ROLLBACK takes it back. Base64, so that no client_encoding changes a name.
 */
const report = (mark: string, document: string): string =>
  `RAISE NOTICE USING MESSAGE = ${quotedText(`${mark} `)} || encode(convert_to((${document})::text, 'UTF8'), 'base64');`

/** Locks that block somebody, as the session holds them now: also those that a subtransaction will let go of. */
const LOCKS = `(SELECT jsonb_agg(jsonb_build_array(l.relation::int8, l.mode)) FROM pg_locks l
  WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' AND l.relation >= 16384
    AND l.mode NOT IN ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock', 'SIReadLock'))`

/**
 * The instruments of one database as one script for a superuser: event triggers, statement triggers on every table, and
 * a function by which the session itself looks. `mark` names the schema and begins every notice; it is not a secret:
 * who knows it can add to the trace, and take nothing from it.
 *
 * Functions of event triggers run as their owner, so that they can mend what the owner of a table did to its triggers.
 * `hasStatements` says whether pg_stat_statements is loaded. Nobody else may call or attach any of them; triggers and event triggers fire without the right to.
 */
export function installSql(mark: string, hasStatements: boolean): string {
  const schema = quotedName(mark)
  const asOwner = `SECURITY DEFINER ${SEALED}${hasStatements ? " SET pg_stat_statements.track = 'none'" : ''}`
  return `BEGIN;
SET LOCAL allow_system_table_mods = on;
CREATE SCHEMA ${schema};
${writeFunction(mark)}
${changeFunction(mark, asOwner)}
${dropFunction(mark, asOwner)}
${rewriteFunction(mark, asOwner)}
${lookFunction(schema, asOwner)}
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ${schema} FROM PUBLIC;
GRANT USAGE ON SCHEMA ${schema} TO PUBLIC;
GRANT EXECUTE ON FUNCTION ${schema}.look(text) TO PUBLIC;
${attach(mark)}
${eventTrigger(mark, 'ddl', 'ddl_command_end')}
${eventTrigger(mark, 'drop', 'sql_drop')}
${eventTrigger(mark, 'rewrite', 'table_rewrite')}
COMMIT`
}

/** ALWAYS: also where session_replication_role says replica. */
function eventTrigger(mark: string, name: string, event: string): string {
  const trigger = quotedName(`${mark}_${name}`)
  return `CREATE EVENT TRIGGER ${trigger} ON ${event} EXECUTE FUNCTION ${quotedName(mark)}.on_${name}();
ALTER EVENT TRIGGER ${trigger} ENABLE ALWAYS;`
}

/** What the trigger of a relation is given for its reports: the sort of a relation that the release made, nothing for others. */
const OWN = `CASE WHEN c.oid::oid < writer THEN '' WHEN c.relkind = 'v' THEN 'view' ELSE 'table' END`

/** The relations that the commands of an event name, or hung a trigger on. */
const TOUCHED_SQL = `
    SELECT DISTINCT CASE c.classid WHEN 'pg_class'::regclass THEN c.objid
        ELSE (SELECT t.tgrelid FROM pg_trigger t WHERE t.oid = c.objid AND t.tgfoid <> writer) END AS oid
      FROM pg_event_trigger_ddl_commands() c
     WHERE c.object_type IN ('table', 'view', 'foreign table', 'trigger')`

/**
 * Relations without a trigger of ours on which something hangs since the commands: a function that runs for their rows,
 * or rows of before that go the way of theirs. It is in force also where no row is there to show it. Each part goes by an
 * index of its catalogue: nobody gathers statistics of those.
 */
const hungSql = (mark: string): string => `
    SELECT c.oid::regclass AS relation, CASE WHEN c.relkind = 'v' THEN '' ELSE 'OR TRUNCATE' END AS truncate, ${OWN} AS own
      FROM (
        SELECT touched.oid WHERE EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = touched.oid AND t.tgfoid >= 16384)
          OR EXISTS (SELECT FROM pg_inherits i WHERE i.inhparent = touched.oid AND i.inhrelid < writer)
        UNION SELECT p.relid FROM pg_partition_tree(touched.oid) p
          WHERE EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = p.relid AND t.tgfoid >= 16384)
        UNION SELECT k.confrelid FROM pg_constraint k WHERE k.conrelid = touched.oid AND touched.oid < writer
          AND k.contype = 'f' AND (k.confdeltype IN ('c', 'n', 'd') OR k.confupdtype IN ('c', 'n', 'd'))
        UNION SELECT i.inhparent FROM pg_inherits i WHERE i.inhrelid = touched.oid AND touched.oid < writer
      ) hung JOIN pg_class c ON c.oid = hung.oid
     WHERE NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND (t.tgfoid = writer OR t.tgname = ${quotedText(mark)}))
       AND (c.relkind IN ('r', 'p', 'f')
         OR c.relkind = 'v' AND EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgtype & 64 <> 0))`

/**
 * Reports what was made or changed, and listens to what something was hung on; then turns our triggers on again where
 * ALTER TABLE turned them off.
 */
const changeFunction = (mark: string, asOwner: string): string => `
CREATE FUNCTION ${quotedName(mark)}.on_ddl() RETURNS event_trigger LANGUAGE plpgsql ${asOwner} AS $seaworthy$
DECLARE
  writer oid := ${quotedText(`${quotedName(mark)}.on_write`)}::regproc;
  commands jsonb;
  muted int8[];
  touched record;
  target record;
BEGIN
  SELECT jsonb_agg(jsonb_build_object('class', c.classid::int8, 'oid', c.objid::int8, 'tag', c.command_tag,
      'type', c.object_type, 'schema', c.schema_name, 'identity', c.object_identity, 'extension', c.in_extension,
      'names', a.object_names, 'args', a.object_args,
      'definition', CASE c.classid WHEN 'pg_trigger'::regclass THEN pg_get_triggerdef(c.objid)
        WHEN 'pg_rewrite'::regclass THEN pg_get_ruledef(c.objid) END,
      'config', (SELECT to_jsonb(p.proconfig) FROM pg_proc p WHERE c.classid = 'pg_proc'::regclass AND p.oid = c.objid),
      'domain', (SELECT t.typtype = 'd' FROM pg_type t WHERE c.classid = 'pg_type'::regclass AND t.oid = c.objid)))
    INTO commands
    FROM pg_event_trigger_ddl_commands() c
    LEFT JOIN LATERAL pg_identify_object_as_address(c.classid, c.objid, c.objsubid) a ON c.objid <> 0
   WHERE c.classid <> 'pg_trigger'::regclass
      OR NOT EXISTS (SELECT FROM pg_trigger t WHERE t.oid = c.objid AND t.tgfoid = writer);
  IF commands IS NOT NULL THEN
    ${report(mark, `jsonb_build_object('is', 'ddl', 'commands', commands, 'locks', ${LOCKS})`)}
  END IF;
  FOR touched IN ${TOUCHED_SQL} LOOP
    FOR target IN ${hungSql(mark)} LOOP
      EXECUTE format(${quotedText(TRIGGER_SQL(mark))}, target.relation, target.truncate, target.own);
      UPDATE pg_trigger SET tgenabled = 'A' WHERE tgrelid = target.relation AND tgfoid = writer;
      UPDATE pg_class SET relhastriggers = true WHERE oid = target.relation;
    END LOOP;
  END LOOP;
  IF tg_tag IN ('ALTER TABLE', 'ALTER FOREIGN TABLE', 'ALTER VIEW', 'ALTER TRIGGER') THEN
    WITH mended AS (
      UPDATE pg_trigger SET tgenabled = 'A', tgname = ${quotedText(mark)}
       WHERE tgfoid = writer AND (tgenabled <> 'A' OR tgname <> ${quotedText(mark)}) RETURNING tgrelid
    )
    SELECT array_agg(tgrelid::int8) INTO muted FROM mended;
    IF muted IS NOT NULL THEN
      -- Only a change of the table's own row makes sessions read its triggers anew.
      UPDATE pg_class SET relhastriggers = true WHERE oid = ANY (muted);
    END IF;
  ELSIF tg_tag = 'CREATE TRIGGER' AND EXISTS (
    SELECT FROM pg_trigger t WHERE t.tgname = ${quotedText(mark)} AND t.tgfoid <> writer
  ) THEN
    ${report(mark, `jsonb_build_object('is', 'blind', 'relation', tg_tag, 'why', 'our trigger was replaced')`)}
  END IF;
END
$seaworthy$;`

/** Reports what went, and puts back a trigger of ours that went alone. */
const dropFunction = (mark: string, asOwner: string): string => `
CREATE FUNCTION ${quotedName(mark)}.on_drop() RETURNS event_trigger LANGUAGE plpgsql ${asOwner} AS $seaworthy$
DECLARE
  writer oid := ${quotedText(`${quotedName(mark)}.on_write`)}::regproc;
  dropped jsonb;
  lost record;
BEGIN
  SELECT jsonb_agg(jsonb_build_object('class', d.classid::int8, 'oid', d.objid::int8, 'sub', d.objsubid,
      'type', d.object_type, 'schema', d.schema_name, 'identity', d.object_identity, 'original', d.original,
      'normal', d.normal, 'temporary', d.is_temporary, 'names', d.address_names, 'args', d.address_args) ORDER BY d.ordinality)
    INTO dropped FROM pg_event_trigger_dropped_objects() WITH ORDINALITY d;
  IF dropped IS NOT NULL THEN
    ${report(mark, `jsonb_build_object('is', 'drop', 'tag', tg_tag, 'objects', dropped, 'locks', ${LOCKS})`)}
  END IF;
  FOR lost IN
    SELECT c.oid::regclass AS relation, CASE WHEN c.relkind = 'v' THEN '' ELSE 'OR TRUNCATE' END AS truncate, ${OWN} AS own
      FROM pg_event_trigger_dropped_objects() d
      JOIN pg_namespace n ON n.nspname = d.address_names[1] JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = d.address_names[2]
     WHERE d.classid = 'pg_trigger'::regclass AND d.address_names[3] = ${quotedText(mark)}
  LOOP
    BEGIN
      EXECUTE format(${quotedText(TRIGGER_SQL(mark))}, lost.relation, lost.truncate, lost.own);
      UPDATE pg_trigger SET tgenabled = 'A' WHERE tgrelid = lost.relation AND tgfoid = writer;
    EXCEPTION WHEN OTHERS THEN
      ${report(mark, `jsonb_build_object('is', 'blind', 'relation', lost.relation::text, 'why', sqlerrm)`)}
    END;
  END LOOP;
END
$seaworthy$;`

const rewriteFunction = (mark: string, asOwner: string): string => `
CREATE FUNCTION ${quotedName(mark)}.on_rewrite() RETURNS event_trigger LANGUAGE plpgsql ${asOwner} AS $seaworthy$
BEGIN
  ${report(mark, `jsonb_build_object('is', 'rewrite', 'oid', pg_event_trigger_table_rewrite_oid()::int8, 'reason', pg_event_trigger_table_rewrite_reason(), 'locks', ${LOCKS})`)}
END
$seaworthy$;`

/** The trigger of a table, for format(): its name, what it listens to besides, and what it is given. */
const TRIGGER_SQL = (mark: string): string =>
  `CREATE TRIGGER ${quotedName(mark)} BEFORE INSERT OR UPDATE OR DELETE %2$s ON %1$s FOR EACH STATEMENT EXECUTE FUNCTION ${quotedName(mark)}.on_write(%3$L)`

/** Simple expressions only: they run no query that pg_stat_statements or a lock would show. */
const writeFunction = (mark: string): string => `
CREATE FUNCTION ${quotedName(mark)}.on_write() RETURNS trigger LANGUAGE plpgsql ${SEALED} AS $seaworthy$
BEGIN
  ${report(
    mark,
    `jsonb_build_object('is', 'write', 'op', lower(tg_op), 'oid', tg_relid::int8,
      'own', CASE WHEN tg_argv[0] <> '' THEN format('%s %I.%I', tg_argv[0], tg_table_schema, tg_table_name) END, 'done', jsonb_build_array(
      pg_stat_get_xact_tuples_inserted(tg_relid), pg_stat_get_xact_tuples_updated(tg_relid),
      pg_stat_get_xact_tuples_deleted(tg_relid)))`,
  )}
  RETURN NULL;
END
$seaworthy$;`

/**
 * The session's own look at what nobody else sees before it commits: files of the relations that existed, settings of
 * roles and databases, rows written so far in this transaction to the tables that are asked for. Everybody may read all
 * of it anyway; it runs as its owner only to leave no text of its own in pg_stat_statements.
 */
const lookFunction = (schema: string, asOwner: string): string => `
DO $seaworthy$
BEGIN
  EXECUTE format($make$
    CREATE FUNCTION ${schema}.look(asked text) RETURNS text LANGUAGE plpgsql STABLE ${asOwner}
    AS $look$ BEGIN
      RETURN jsonb_build_object(
        'files', (SELECT jsonb_agg(jsonb_build_array(c.oid::int8, c.relfilenode::int8))
          FROM unnest(%1$L::oid[], %2$L::oid[]) was(oid, relfilenode) JOIN pg_class c ON c.oid = was.oid
          WHERE c.relfilenode <> was.relfilenode),
        'settings', (SELECT jsonb_agg(jsonb_build_array(s.setdatabase::int8,
            CASE WHEN s.setrole <> 0 THEN quote_ident(pg_get_userbyid(s.setrole)) END, s.setconfig)) FROM pg_db_role_setting s),
        'rows', (SELECT jsonb_agg(jsonb_build_array(this.oid::int8, pg_stat_get_xact_tuples_inserted(this.oid),
            pg_stat_get_xact_tuples_updated(this.oid), pg_stat_get_xact_tuples_deleted(this.oid)))
          FROM unnest(asked::oid[]) this(oid)))::text;
    END $look$
  $make$, oids, files) FROM (
    SELECT array_agg(c.oid) AS oids, array_agg(c.relfilenode) AS files FROM pg_class c
     WHERE c.oid >= 16384 AND c.relfilenode <> 0 AND c.relkind IN ('r', 'm', 'i')
       AND c.relnamespace <> 'pg_toast'::regnamespace) existing;
END
$seaworthy$;`

/** Statement triggers on whatever can be written to, by name in front of all others. */
const attach = (mark: string): string => `
DO $seaworthy$
DECLARE
  target record;
BEGIN
  FOR target IN
    SELECT format('%I.%I', n.nspname, c.relname) AS name, CASE WHEN c.relkind = 'v' THEN '' ELSE 'OR TRUNCATE' END AS truncate
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'f', 'v') AND c.oid >= 16384 AND c.relpersistence <> 't'
       AND (c.relkind <> 'v' OR EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgtype & 64 <> 0))
  LOOP
    EXECUTE format(${quotedText(TRIGGER_SQL(mark))}, target.name, target.truncate, '');
  END LOOP;
  UPDATE pg_trigger SET tgenabled = 'A' WHERE tgfoid = ${quotedText(`${quotedName(mark)}.on_write`)}::regproc;
END
$seaworthy$;`
