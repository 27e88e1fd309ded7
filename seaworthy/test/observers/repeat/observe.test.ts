import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Observation, Observations } from '../../../src/gate/observation.ts'
import { golangMigrate } from '../../../src/migrations/golang-migrate.ts'
import type { LedgerTable, MigrationTree, SendMode } from '../../../src/migrations/model.ts'
import { sqlx } from '../../../src/migrations/sqlx.ts'
import { type Repeat, repeat } from '../../../src/observers/repeat/kind.ts'
import { observeRepeat } from '../../../src/observers/repeat/observe.ts'
import { usePrivateCache } from '../../postgres/private-places.ts'
import { stage } from '../../postgres/rehearse.ts'

const BASELINE = `
  CREATE TABLE users (id bigint PRIMARY KEY, email text, visits integer NOT NULL DEFAULT 0);
  INSERT INTO users VALUES (1, 'a@example.org', 0);
`

interface Wish {
  readonly send?: SendMode
  readonly ledger?: LedgerTable | null
  readonly profile?: 'online' | 'additive'
  readonly format?: MigrationTree['format']
  readonly transaction?: MigrationTree['transaction']
}

describe.each([18, 15])('starting again on PostgreSQL %i', (major) => {
  let cache: ReturnType<typeof usePrivateCache>
  beforeAll(() => {
    cache = usePrivateCache()
  })
  afterAll(() => {
    cache.remove()
  })

  const observe = async (pending: readonly string[], wish: Wish = {}): Promise<Observation> => {
    const { send = 'batch', ledger = golangMigrate.ledger, profile = 'additive', transaction = 'per-file' } = wish
    const texts = [BASELINE, ...pending]
    const staged = await stage({ texts, live: 1, major, send, ledger, useCache: true, transaction })
    await using rehearsing = staged.rehearsing
    return await observeRepeat(rehearsing, {
      tree: { ...staged.tree, format: wish.format ?? 'golang-migrate' },
      pending: staged.pending,
      ledger,
      profile,
      signal: new AbortController().signal,
    })
  }
  const see = async (pending: readonly string[], wish: Wish = {}): Promise<Repeat> => {
    const seen = new Observations([await observe(pending, wish)]).need(repeat)
    return await repeat.parse(structuredClone(seen))
  }
  const stopsOf = (seen: Repeat): string[] =>
    seen.stops.map(({ kind, index, outcome, failure, changed }) =>
      [kind, index, outcome, ...(failure === null ? changed : [failure.error.sqlstate])].join(' '),
    )

  describe('after everything is applied', () => {
    const CLEAN = { again: [], failure: null, error: null, changed: [], madeAgain: [] }

    it('finds nothing to do', async () => {
      const seen = await see(['CREATE TABLE a (id bigint)', 'ALTER TABLE users ADD COLUMN b text'])
      expect(seen).toMatchObject({ profile: 'additive', secondStart: { ledger: 'known', ...CLEAN }, stops: [] })
    })

    it('applies everything again where something takes the ledger row away behind the tool', async () => {
      const seen = await see([
        `CREATE FUNCTION forget() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN DELETE FROM schema_migrations; RETURN NULL; END$$;
         CREATE TRIGGER forget AFTER INSERT ON schema_migrations EXECUTE FUNCTION forget()`,
      ])
      expect(seen.secondStart).toMatchObject({ ledger: 'known', failure: { error: { sqlstate: '42P07' } } })
      expect(seen.secondStart?.again).toEqual(['migrations/001_step.up.sql', 'migrations/002_step.up.sql'])
    })

    it('is not misled by a file that empties the ledger before the tool writes its row', async () => {
      expect((await see(['DELETE FROM schema_migrations'])).secondStart).toEqual({ ...CLEAN, ledger: 'known' })
    })

    it('finds tables that are made out of sight, and leaves alone what the ledger guards', async () => {
      const seen = await see([
        "SELECT 1;\nDO $$BEGIN EXECUTE 'CREATE TAB' || 'LE coupons (code text)'; END$$",
        `DO $$BEGIN CREATE TABLE IF NOT EXISTS a (id bigint); END$$;
         DO $$BEGIN EXECUTE 'CREATE VIEW v AS SELECT 1'; ALTER TABLE users ADD COLUMN b text; END$$`,
        'CREATE FUNCTION build() RETURNS void LANGUAGE sql AS $$CREATE INDEX users_b ON users (b)$$; SELECT build()',
      ])
      expect(seen.secondStart?.madeAgain.map(({ file, line, object }) => `${file}:${line} ${object}`)).toEqual([
        'migrations/002_step.up.sql:2 table public.coupons',
        'migrations/004_step.up.sql:1 index public.users_b',
      ])
    })

    it('applies what is missing from a ledger of rows', async () => {
      const forget = 'DELETE FROM _sqlx_migrations WHERE version = 2'
      const seen = await see(['CREATE TABLE IF NOT EXISTS a (id bigint); INSERT INTO a VALUES (1)', forget], {
        ledger: sqlx.ledger,
        format: 'sqlx',
        send: 'transaction',
      })
      expect(seen.secondStart).toMatchObject({
        ledger: 'known',
        again: ['migrations/002_step.up.sql'],
        failure: null,
        changed: ['rows of table public.a'],
      })
    })

    it('cannot read a ledger that is another table now', async () => {
      const seen = await see(
        ['ALTER TABLE _sqlx_migrations RENAME COLUMN success TO done; CREATE VIEW v AS SELECT 1'],
        {
          ledger: { ...readsOnly(sqlx.ledger) },
          format: 'sqlx',
        },
      )
      expect(seen.secondStart).toMatchObject({ ledger: 'unreadable', error: { sqlstate: '42703' } })
    })

    it('takes a ledger that is gone for an empty one', async () => {
      const seen = await see(['DROP TABLE _sqlx_migrations'], { ledger: { ...readsOnly(sqlx.ledger) }, format: 'sqlx' })
      expect(seen.secondStart).toMatchObject({ ledger: 'missing', failure: { error: { sqlstate: '42P07' } } })
    })

    it('applies what is pending again where no ledger is known', async () => {
      const clean = await see(['CREATE TABLE IF NOT EXISTS a (id bigint)'], { ledger: null, format: 'numbered' })
      expect(clean.secondStart).toEqual({ ...CLEAN, ledger: 'unknown', again: ['migrations/002_step.up.sql'] })
      const twice = await see(['INSERT INTO users VALUES ((SELECT max(id) + 1 FROM users))'], { ledger: null })
      expect(twice.secondStart?.changed).toEqual(['rows of table public.users'])
    })
  })

  describe('from the middle', () => {
    const STATEMENTS: Wish = { send: 'statements', ledger: null, format: 'numbered', profile: 'online' }

    it('has no middle in one message', async () => {
      expect(
        await see(['CREATE TABLE a (id bigint); CREATE TABLE b (id bigint)'], { profile: 'online' }),
      ).toMatchObject({
        secondStart: null,
        stops: [],
      })
    })

    it('fails where a statement may not run twice, and goes on where it may', async () => {
      const seen = await see(
        [
          'CREATE TABLE IF NOT EXISTS a (id bigint); ALTER TABLE users ADD COLUMN b text; CREATE INDEX IF NOT EXISTS i ON users (b)',
        ],
        STATEMENTS,
      )
      expect(stopsOf(seen)).toEqual(['after 1 same', 'after 2 failed 42701'])
      expect(seen.stops[1]?.failure?.statement).toMatchObject({ index: 2 })
    })

    it('sees rows that are written twice, and not a time that differs', async () => {
      const seen = await see(
        [
          "INSERT INTO users SELECT max(id) + 1, 'b' FROM users; SELECT 1",
          'UPDATE users SET visits = visits + 1; SELECT 1',
          'CREATE TABLE IF NOT EXISTS log (at timestamptz, n int UNIQUE); INSERT INTO log VALUES (clock_timestamp(), 1) ON CONFLICT DO NOTHING; SELECT 1',
        ],
        STATEMENTS,
      )
      expect(stopsOf(seen)).toEqual([
        'after 1 differs rows of table public.users',
        'after 1 differs rows of table public.users',
        'after 1 same',
        'after 2 same',
      ])
    })

    it.each<[string, Wish]>([
      ['one message', { send: 'batch' }],
      ['a transaction of the tool', { send: 'transaction' }],
      ['pieces of one transaction', { send: 'pieces', transaction: 'all-pending' }],
    ])('stops behind a COMMIT in %s', async (_what, wish) => {
      const seen = await see(
        [
          'CREATE TABLE a (id bigint); COMMIT;\n--> \nCREATE TABLE b (id bigint);'.replace(
            '--> ',
            wish.send === 'pieces' ? '-->' : '',
          ),
        ],
        {
          ...wish,
          profile: 'online',
        },
      )
      expect(stopsOf(seen)).toEqual(['after 2 failed 42P07'])
    })

    it('finds an index that is left invalid', async () => {
      const build = 'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS users_email ON users (email)'
      const [stop] = (await see([build], { profile: 'online' })).stops
      expect(stop).toMatchObject({
        kind: 'invalid-index',
        outcome: 'differs',
        changed: ['index public.users_email'],
        invalid: ['index public.users_email'],
      })
      const plain = await see(['CREATE INDEX CONCURRENTLY users_email ON users (email)'], { profile: 'online' })
      expect(stopsOf(plain)).toEqual(['invalid-index 1 failed 42P07'])
      const dropped = await see(
        ['DROP INDEX CONCURRENTLY IF EXISTS users_email; CREATE INDEX CONCURRENTLY users_email ON users (email)'],
        STATEMENTS,
      )
      expect(stopsOf(dropped)).toEqual(['after 1 same', 'invalid-index 2 same'])
    })

    it('does not try what it cannot stop, and not more than twenty', async () => {
      const block = await see(['DO $$BEGIN UPDATE users SET visits = 0; COMMIT; END$$'], { profile: 'online' })
      expect(stopsOf(block)).toEqual(['within 1 untried'])
      const many = await see([Array.from({ length: 24 }, (_, n) => `SELECT ${n}`).join(';')], STATEMENTS)
      expect(many.stops.filter((stop) => stop.outcome === 'same')).toHaveLength(20)
      expect(many.stops.slice(20).map((stop) => stop.why)).toEqual(Array(3).fill('more than 20 points'))
    }, 60_000)

    it('observes nothing where a pending migration fails', async () => {
      expect(await observe(['DROP TABLE missing'])).toMatchObject({
        status: 'failed',
        reason: expect.stringContaining('002'),
      })
    })
  })
})

/** A ledger that is read by its columns, and not written: a migration may do to it what it likes. */
const readsOnly = (ledger: LedgerTable | null): LedgerTable => {
  if (ledger === null) throw new Error('no ledger')
  return { ...ledger, readSql: 'SELECT version, description, success FROM _sqlx_migrations', recordSql: () => [] }
}
