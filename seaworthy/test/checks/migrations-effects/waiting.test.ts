import { beforeAll, describe, expect, it } from 'vitest'
import { migrationsEffects } from '../../../src/checks/migrations-effects/index.ts'
import { affected, entry, NEXT_FILE, sample } from '../../../src/checks/migrations-effects/sample.ts'
import { runCheck } from '../../../src/gate/check.ts'
import type { Finding } from '../../../src/gate/finding.ts'
import { type Observations, observed } from '../../../src/gate/observation.ts'
import { DEFAULT_POLICY } from '../../../src/gate/policy.ts'
import type {
  CatalogueDifference,
  CatalogueEntry,
  Effects,
  TracedLock,
  TracedStatement,
  TraceEvent,
} from '../../../src/observers/effects/kind.ts'
import { shape, type Shape } from '../../../src/observers/shape/kind.ts'

beforeAll(async () => migrationsEffects.prepare?.())

const context = { evaluatedAt: '2026-11-21T00:00:00Z', settings: DEFAULT_POLICY.settings }

/** What is said of locks, as `severity code`. */
const told = (observations: Observations): string[] =>
  runCheck(migrationsEffects, observations, context)
    .findings.filter(({ code }) => code.startsWith('lock/'))
    .map(({ severity, code }) => `${severity} ${code}`)

/** The sample, which locks `courts` in transaction 1, with these statements after its own. */
function also(more: readonly Partial<TracedStatement>[], before: readonly CatalogueEntry[] = []): Observations {
  const change = (data: Effects): Partial<Effects> => ({
    before: [...data.before, ...before],
    steps: data.steps.map((step) => ({
      ...step,
      statements: [
        ...step.statements,
        ...more.map((one, index): TracedStatement => {
          const line = 4 + index
          const place = { file: NEXT_FILE, version: '002', index: line, line, column: 1, endLine: line }
          return { ...place, text: '', transaction: 1, events: [], locks: [], nested: [], ...one }
        }),
      ],
    })),
  })
  return sample.with(affected(sample, change))
}

const large = { rows: 5_000_000, bytes: 2_000_000_000 }
const small = { rows: 10, bytes: 8192 }

/** Production with tables of these sizes. */
const sized = (observations: Observations, sizes: Record<string, { rows: number; bytes: number }>): Observations => {
  const tables = Object.entries(sizes).map(([name, size]) => ({ object: `table public.${name}`, ...size }))
  const data: Shape = {
    formatVersion: 1,
    capturedAt: '2026-11-20T00:00:00Z',
    server: { version: '18.4', major: 18, settings: [] },
    witness: null,
    database: { name: 'app', owner: 'owner', encoding: 'UTF8', collation: 'C', settings: [] },
    extensions: [],
    catalogue: [],
    roles: [],
    ledger: null,
    tables,
    indexes: [],
    queries: [],
    queriesUnavailable: null,
    queriesLeftOut: [],
    unread: [],
  }
  return observations.with(observed(shape, 'shape', data))
}

const HELD = 'error lock/held-during-work'
const strong = (object: string): TracedLock => ({ object, mode: 'AccessExclusiveLock', source: 'observed' })
const set = (name: string, value: string): TraceEvent => ({
  kind: 'setting',
  name,
  value,
  scope: 'session',
  subject: null,
})

describe('a lock is held while something else takes its time', () => {
  it.each([
    'SELECT pg_sleep(9)',
    "SELECT pg_sleep_for('1 minute')",
    "SELECT * FROM dblink('x', 'SELECT 1') AS t (a int)",
    'SELECT count(*) FROM cases',
    'SELECT count(*) FROM open_cases',
    'SELECT * FROM cases',
    'SELECT court_id, count(*) FROM cases GROUP BY court_id LIMIT 5',
    'SELECT id FROM cases ORDER BY court_id LIMIT 1',
    'SELECT max(court_id) FROM cases',
    'SELECT (SELECT count(*) FROM cases)',
    'SELECT id FROM courts UNION SELECT id FROM cases',
    'EXPLAIN ANALYZE SELECT count(*) FROM cases',
    'COPY cases TO STDOUT',
    'ALTER TABLE cases VALIDATE CONSTRAINT cases_court_id_fkey',
    'CREATE TABLE copied AS SELECT * FROM cases',
    'SELECT * INTO copied FROM cases',
    'INSERT INTO copied SELECT id FROM cases',
    'INSERT INTO copied VALUES ((SELECT count(*) FROM cases))',
    'MERGE INTO copied USING cases ON copied.id = cases.id WHEN NOT MATCHED THEN INSERT VALUES (1)',
    'CREATE MATERIALIZED VIEW report AS SELECT court_id FROM cases',
    'ANALYZE cases',
    'ANALYZE',
  ])('%s', (text) => {
    expect(told(also([{ text }]))).toEqual([HELD])
    expect(told(also([{ text, transaction: 2 }]))).toEqual([])
  })

  it.each([
    'SELECT 1',
    'SELECT pg_sleep(0)',
    "SELECT set_config('search_path', '', true)",
    'SELECT count(*) FROM pg_catalog.pg_class',
    'SELECT count(*) FROM judges',
    'SELECT * FROM cases LIMIT 10',
    'SELECT max(id) FROM cases',
    'SELECT id FROM cases ORDER BY id DESC LIMIT 1',
    'SELECT * FROM cases WHERE id = 4',
    'SELECT * FROM cases WHERE court_id = 4',
    'SELECT EXISTS (SELECT 1 FROM cases)',
    "SELECT setval('numbers', (SELECT max(court_id) FROM cases))",
    'WITH cases AS (SELECT 1) SELECT count(*) FROM cases',
    'CREATE TABLE copied AS SELECT * FROM cases WITH NO DATA',
    'INSERT INTO copied SELECT id FROM cases WHERE court_id = 4',
    'INSERT INTO copied SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM cases)',
    'INSERT INTO copied SELECT id FROM cases LIMIT 5',
    'ANALYZE copied',
    'CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$ SELECT pg_sleep(9) $$',
  ])('not by %s', (text) => {
    expect(told(also([{ text }]))).toEqual([])
  })

  it('a condition that no index helps with, where the table is known to be large', () => {
    for (const text of [
      'SELECT * FROM cases WHERE court_id = 4',
      'UPDATE cases SET court_id = 1 WHERE court_id = 4',
      'CREATE TABLE copied AS SELECT * FROM cases',
    ])
      expect(told(sized(also([{ text }]), { cases: large, courts: small }))).toEqual([HELD])
    expect(told(sized(also([{ text: 'SELECT * FROM cases WHERE id = 4' }]), { cases: large }))).toEqual([])
  })

  it('how large the locked table is does not matter, only how long it is locked', () => {
    expect(told(sized(also([{ text: 'SELECT pg_sleep(9)' }]), { cases: small, courts: small }))).toEqual([HELD])
    expect(told(sized(also([{ text: 'SELECT count(*) FROM cases' }]), { cases: small, courts: small }))).toEqual([])
  })

  it('against writes alone, a query is a warning', () => {
    const lock = { object: 'table public.cases', mode: 'ShareRowExclusiveLock', source: 'observed' } as const
    const two = also([
      { text: 'SELECT 1', transaction: 2, locks: [lock] },
      { text: 'SELECT count(*) FROM courts', transaction: 2 },
    ])
    expect(told(two)).toEqual(['warning lock/held-during-work'])
    const copied = also([
      { text: 'SELECT 1', transaction: 2, locks: [lock] },
      { text: 'INSERT INTO copied SELECT id FROM courts', transaction: 2 },
    ])
    expect(told(copied)).toEqual(['warning lock/held-during-work'])
  })

  it('one statement that locks many tables is one finding', () => {
    const locks = [strong('table public.cases'), strong('table public.courts')]
    const two = also([
      { text: 'SELECT 1', transaction: 2, locks },
      { text: 'SELECT pg_sleep(9)', transaction: 2 },
    ])
    expect(told(two)).toEqual([HELD])
  })

  it('within one block, in its order', () => {
    const block = (body: string): Observations =>
      also([
        {
          text: `DO $$ BEGIN ${body} END $$`,
          transaction: 2,
          locks: [strong('table public.cases')],
          nested: ['SELECT pg_sleep($1)'],
        },
      ])
    expect(told(block('ALTER TABLE cases ADD x int; PERFORM pg_sleep(9);'))).toEqual([HELD])
    expect(told(block('PERFORM pg_sleep(9); ALTER TABLE cases ADD x int;'))).toEqual([])
  })

  it('a query in a block is a guard more often than not', () => {
    const inner = (table: string): Observations =>
      also([{ text: 'DO $$ BEGIN PERFORM 1; END $$', nested: [`SELECT count(*) FROM ${table}`] }])
    expect(told(inner('cases'))).toEqual(['warning lock/held-during-work'])
    expect(told(inner('courts'))).toEqual(['note lock/held-during-work'])
    expect(told(sized(inner('courts'), { courts: large }))).toEqual([HELD])
  })

  it('rows that a block copies are no guard', () => {
    const copying = (table: string): Observations =>
      also([{ text: 'DO $$ BEGIN PERFORM 1; END $$', nested: [`INSERT INTO copied SELECT id FROM ${table}`] }])
    expect(told(copying('cases'))).toEqual([HELD])
    expect(told(copying('courts'))).toEqual([HELD])
    expect(told(sized(copying('cases'), { cases: small }))).toEqual([])
  })

  it('by a query that got a name before', () => {
    const cursor = [{ text: 'DECLARE c CURSOR FOR SELECT * FROM cases' }, { text: 'FETCH ALL FROM c' }]
    expect(told(also(cursor))).toEqual([HELD])
    expect(told(also([cursor[0]!, { text: 'FETCH 5 FROM c' }]))).toEqual([])
    expect(told(also([{ text: 'PREPARE p AS SELECT count(*) FROM cases' }, { text: 'EXECUTE p' }]))).toEqual([HELD])
  })
})

describe('rows that are locked', () => {
  const rows = (text: string): Observations => also([{ text, transaction: 2 }])

  it('all of them', () => {
    expect(told(rows('SELECT id FROM cases FOR UPDATE'))).toEqual(['error lock/all-rows'])
    expect(told(rows('SELECT id FROM cases FOR KEY SHARE'))).toEqual([])
    expect(told(rows('SELECT id FROM cases WHERE id = 1 FOR UPDATE'))).toEqual([])
    expect(told(rows('SELECT id FROM cases LIMIT 100 FOR UPDATE'))).toEqual([])
    expect(told(sized(rows('SELECT id FROM cases FOR UPDATE'), { cases: small }))).toEqual([])
    const open = rows('SELECT id FROM cases WHERE court_id = 1 FOR UPDATE')
    expect(told(open)).toEqual([])
    expect(told(sized(open, { cases: large }))).toEqual(['warning lock/all-rows'])
  })
})

describe('a backfill with a condition', () => {
  const event: TraceEvent = {
    kind: 'write',
    operation: 'update',
    object: 'table public.courts',
    rows: 4,
    isUpsert: false,
    via: null,
  }
  const fill = (text: string): Observations => also([{ text, transaction: 2, events: [event] }])
  const NEW = 'UPDATE courts SET city = name WHERE city IS NULL'
  const OLD = 'UPDATE courts SET seats = 1 WHERE seats IS NULL'

  it('counts by the size of the table', () => {
    expect([told(fill(NEW)), told(fill(OLD))]).toEqual([['note lock/backfill'], ['note lock/backfill']])
    expect(told(sized(fill(NEW), { courts: large }))).toEqual(['error lock/backfill'])
    expect(told(sized(fill(OLD), { courts: large }))).toEqual(['warning lock/backfill'])
    expect(told(sized(fill(NEW), { courts: small }))).toEqual([])
  })

  it('in batches it is none', () => {
    const batch = `${NEW} AND id IN (SELECT id FROM courts WHERE city IS NULL LIMIT 500)`
    expect(told(sized(fill(batch), { courts: large }))).toEqual([])
  })
})

describe('a lock of the session', () => {
  it('is given back', () => {
    expect(told(also([{ text: 'SELECT pg_advisory_lock(1)' }]))).toContain('warning lock/advisory-lock-kept')
    const other = also([{ text: 'SELECT pg_try_advisory_lock(1)' }, { text: 'SELECT pg_advisory_unlock(2)' }])
    expect(told(other)).toEqual(['warning lock/advisory-lock-kept'])
    for (const text of ['SELECT pg_advisory_unlock(1)', 'SELECT pg_advisory_unlock_all()', 'DISCARD ALL'])
      expect(told(also([{ text: 'SELECT pg_try_advisory_lock(1)' }, { text }]))).toEqual([])
  })
})

describe('a time limit', () => {
  const alter = { text: 'ALTER TABLE cases ADD x int', transaction: 2, locks: [strong('table public.cases')] }
  const limit = (value: string): Partial<TracedStatement> => ({
    text: `SET lock_timeout = '${value}'`,
    transaction: 2,
    events: [set('lock_timeout', value)],
  })

  it('that is switched off before a lock', () => {
    expect(told(also([limit('2s'), limit('0'), alter]))).toEqual(['warning lock/timeout-off'])
    expect(told(also([limit('2s'), alter, limit('0')]))).toEqual([])
    expect(told(also([limit('2s'), limit('0'), limit('1s'), alter]))).toEqual([])
  })

  it('that was none before is none of the rehearsal’s', () => {
    expect(told(also([limit('0'), alter]))).toEqual([])
    const ofRole = entry('settings of role app', 'lock_timeout=2s')
    expect(told(also([limit('0'), alter], [ofRole]))).toEqual(['warning lock/timeout-off'])
  })
})

describe('a partitioned table', () => {
  const PARTS = [
    entry('table public.hearings', 'owner owner', 'partitioned by LIST (court)'),
    entry('table public.hearings_1', 'owner owner', 'partition of public.hearings FOR VALUES IN (1)'),
    entry('table public.hearings_2', 'owner owner', 'partition of public.hearings DEFAULT'),
  ]

  it('is as large as its partitions together', () => {
    const count = also([{ text: 'SELECT count(*) FROM hearings WHERE day = 1' }], PARTS)
    const half = { rows: 6_000, bytes: 6_000_000 }
    const root = { rows: 0, bytes: 0 }
    expect(told(sized(count, { hearings: root, hearings_1: half, hearings_2: half }))).toEqual([HELD])
    expect(told(sized(count, { hearings: root, hearings_1: half, hearings_2: small }))).toEqual([])
  })
})

describe('the catalogue', () => {
  const all = (observations: Observations): readonly Finding[] =>
    runCheck(migrationsEffects, observations, context).findings
  const courts = (...facets: readonly string[]): CatalogueEntry =>
    entry('table public.courts', 'owner owner', ...facets)

  it('autovacuum that is switched off for a table of before', () => {
    const options = (text: string): Observations =>
      sample.with(
        affected(sample, ({ difference }) => ({
          difference: { ...difference, changed: [{ before: courts(), after: courts(`options ${text}`) }] },
        })),
      )
    expect(told(options('autovacuum_enabled=false, fillfactor=70'))).toEqual(['warning lock/autovacuum-off'])
    expect(told(options('autovacuum_enabled=true, fillfactor=70'))).toEqual([])
  })

  it('what is new is told where it came, and not where it was changed again', () => {
    const check = (more: string): CatalogueEntry =>
      entry('constraint c on public.courts', 'of table public.courts', `CHECK (seats > 0)${more}`)
    const alter = (file: string, text: string): TracedStatement => {
      const place = {
        file,
        version: file,
        index: 1,
        line: 1,
        column: 1,
        endLine: 1,
        transaction: 7,
        locks: [],
        nested: [],
      }
      return {
        ...place,
        text,
        events: [{ kind: 'altered', object: 'table public.courts', command: 'ALTER TABLE', via: null }],
      }
    }
    const step = (statement: TracedStatement, difference: Partial<CatalogueDifference>): Effects['steps'][number] => ({
      files: [statement.file],
      statements: [statement],
      difference: { added: [], removed: [], changed: [], ...difference },
      rows: [],
    })
    const two = affected(sample, (data) => ({
      difference: { ...data.difference, added: [...data.difference.added, check('')] },
      steps: [
        ...data.steps,
        step(alter('3.sql', 'ALTER TABLE courts ADD CONSTRAINT c CHECK (seats > 0) NOT VALID'), {
          added: [check(' NOT VALID')],
        }),
        step(alter('4.sql', 'ALTER TABLE courts VALIDATE CONSTRAINT c'), {
          changed: [{ before: check(' NOT VALID'), after: check('') }],
        }),
      ],
    }))
    const found = all(sample.with(two)).find((one) => one.code === 'compat/restrict-writes')
    expect(found?.where?.file).toBe('3.sql')
  })

  it('one statement is one finding: TRUNCATE is no rewrite, and an index goes with the REINDEX of its table', () => {
    const rewritten = (object: string): TraceEvent => ({ kind: 'rewritten', object, reason: 'another file', via: null })
    const truncate: TraceEvent = {
      kind: 'write',
      operation: 'truncate',
      object: 'table public.cases',
      rows: null,
      isUpsert: false,
      via: null,
    }
    const events = [truncate, rewritten('table public.cases')]
    expect(told(also([{ text: 'TRUNCATE cases', transaction: 2, events }]))).toEqual([])
    const locks: TracedLock[] = [{ object: 'table public.cases', mode: 'ShareLock', source: 'observed' }]
    const index = 'index public.cases_pkey'
    for (const [text, subject] of [
      ['REINDEX TABLE cases', 'table public.cases'],
      ['REINDEX INDEX cases_pkey', index],
    ] as const) {
      const again = also([{ text, transaction: 2, locks, events: [rewritten(index)] }])
      const locked = all(again).filter((one) => one.code.startsWith('lock/'))
      expect(locked.map((one) => `${one.code} ${one.subject ?? ''}`)).toEqual([`lock/reindex ${subject}`])
    }
  })
})
