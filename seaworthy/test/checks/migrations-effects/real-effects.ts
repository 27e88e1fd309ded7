import type { Client } from 'pg'
import type { Migration, MigrationTree } from '../../../src/migrations/model.ts'
import { differenceOf } from '../../../src/migrations/catalogue-difference.ts'
import type { CatalogueEntry, Effects, TracedStatement, TraceEvent } from '../../../src/observers/effects/kind.ts'
import { readCatalogue } from '../../../src/postgres/catalogue.ts'
import { objectName } from '../../../src/postgres/trace/object-names.ts'
import { parseSql } from '../../../src/sql/parse.ts'

/** Event triggers that write down what they see: enough of a trace for the catalogue's rules. */
export const INSTRUMENTS = `
  CREATE SCHEMA seen;
  CREATE TABLE seen.events (n serial, e jsonb);
  CREATE FUNCTION seen.ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO seen.events (e) SELECT jsonb_build_object('is', 'ddl', 'tag', c.command_tag, 'type', c.object_type,
      'identity', c.object_identity, 'names', to_jsonb(a.object_names), 'args', to_jsonb(a.object_args))
    FROM pg_event_trigger_ddl_commands() c
    LEFT JOIN LATERAL pg_identify_object_as_address(c.classid, c.objid, c.objsubid) a ON c.objid <> 0;
  END $$;
  CREATE FUNCTION seen.drops() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO seen.events (e) SELECT jsonb_build_object('is', 'drop', 'tag', tg_tag, 'type', object_type,
      'identity', object_identity, 'original', original, 'names', to_jsonb(address_names), 'args', to_jsonb(address_args))
    FROM pg_event_trigger_dropped_objects();
  END $$;
  CREATE FUNCTION seen.rewrite() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO seen.events (e) VALUES (jsonb_build_object('is', 'rewrite', 'identity', pg_event_trigger_table_rewrite_oid()::regclass::text));
  END $$;
  CREATE EVENT TRIGGER seen_ddl ON ddl_command_end EXECUTE FUNCTION seen.ddl();
  CREATE EVENT TRIGGER seen_drops ON sql_drop EXECUTE FUNCTION seen.drops();
  CREATE EVENT TRIGGER seen_rewrite ON table_rewrite EXECUTE FUNCTION seen.rewrite();
`

interface Seen {
  readonly is: 'ddl' | 'drop' | 'rewrite'
  readonly tag: string
  readonly type: string
  readonly identity: string | null
  readonly names: readonly string[] | null
  readonly args: readonly string[] | null
  readonly original?: boolean
}

function eventOf(seen: Seen, all: readonly Seen[]): TraceEvent | null {
  if (seen.identity === null) return null
  if (seen.is === 'rewrite') {
    const name = seen.identity.includes('.') ? seen.identity : `public.${seen.identity}`
    return { kind: 'rewritten', object: `table ${name}`, reason: 'column type', via: null }
  }
  const nameOf = (one: Seen): string =>
    objectName({ type: one.type, identity: one.identity ?? '', names: one.names ?? [], args: one.args ?? [] })
  const object = nameOf(seen)
  if (seen.is === 'ddl')
    return { kind: seen.tag.startsWith('CREATE') ? 'created' : 'altered', object, command: seen.tag, via: null }
  const original = all.find((one) => one.is === 'drop' && one.original === true)
  const cause = seen.original === true || original === undefined ? null : nameOf(original)
  return { kind: 'dropped', object, isDirect: seen.original === true, cause, command: seen.tag, via: null }
}

const LOCKED = `SELECT DISTINCT n.nspname, c.relname, c.relkind, l.mode FROM pg_catalog.pg_locks l
  JOIN pg_catalog.pg_class c ON c.oid = l.relation JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation' AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'seen'
    AND l.mode NOT IN ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock')`

export const FILE = 'migrations/0002_next.sql'

const migration = (version: string, file: string, text: string): Migration => ({
  version,
  name: version,
  ledgerKey: version,
  up: { file, text, send: 'statements', pieces: null },
  down: null,
  checksum: null,
  checksumOtherEndings: null,
})

export const treeOf = (live: string, sql: string): MigrationTree => ({
  format: 'numbered',
  detectedBy: 'a test',
  folder: 'migrations',
  transaction: 'per-file',
  migrations: [migration('0001', 'migrations/0001_live.sql', live), migration('0002', FILE, sql)],
  problems: [],
})

/** Runs a script on a real server that has the instruments, statement by statement, and tells what it did to the catalogue. */
export async function effectsOf(client: Client, sql: string): Promise<Effects> {
  const look = async (): Promise<CatalogueEntry[]> =>
    (await readCatalogue(client, { ignoreTables: ['seen.events'] })).filter(
      (entry) => !/ seen[._]|schema seen|event trigger seen/.test(entry.object),
    )
  const before = await look()
  const parsed = parseSql(sql)
  if (!parsed.ok) throw new Error(parsed.error.message)
  const statements: TracedStatement[] = []
  for (const [index, one] of parsed.statements.entries()) {
    const text = sql.slice(one.start, one.end)
    const isAlone = /CONCURRENTLY/.test(text)
    if (!isAlone) await client.query('BEGIN')
    await client.query(text)
    const { rows } = await client.query<{ e: Seen }>('DELETE FROM seen.events RETURNING e')
    const { rows: locked } = isAlone
      ? { rows: [] }
      : await client.query<{ nspname: string; relname: string; relkind: string; mode: string }>(LOCKED)
    if (!isAlone) await client.query('COMMIT')
    const seen = rows.map((row) => row.e)
    const sorts: Record<string, string> = { r: 'table', p: 'table', i: 'index', v: 'view', m: 'materialized view' }
    statements.push({
      file: FILE,
      version: '0002',
      index: index + 1,
      line: one.line,
      column: one.column,
      endLine: one.line,
      text: text.slice(0, 400),
      transaction: isAlone ? null : index + 1,
      events: seen.flatMap((event) => eventOf(event, seen) ?? []),
      locks: locked.map(({ nspname, relname, relkind, mode }) => ({
        object: `${sorts[relkind] ?? 'table'} ${nspname}.${relname}`,
        mode,
        source: 'observed',
      })),
      nested: [],
    })
  }
  const difference = differenceOf(before, await look())
  const known = new Set(before.map((one) => one.object))
  return {
    server: { engine: 'postgres', version: '18.4', major: 18, origin: 'embedded', place: 'scratch' },
    seeding: { source: 'synthetic', seed: 1, tables: [], unseeded: [] },
    before,
    difference,
    rows: [],
    sequences: [],
    refusals: [],
    steps: [
      {
        files: [FILE],
        statements: statements.map((one) => ({ ...one, locks: one.locks.filter((lock) => known.has(lock.object)) })),
        difference,
        rows: [],
      },
    ],
    traceUnproven: null,
    interference: [],
    conflicts: [],
    failure: null,
  }
}
