import { beforeAll, describe, expect, it } from 'vitest'
import { migrationsEffects } from '../../../src/checks/migrations-effects/index.ts'
import { affected, entry, NEXT_FILE, sample } from '../../../src/checks/migrations-effects/sample.ts'
import { type CheckResult, type CheckSettings, runCheck } from '../../../src/gate/check.ts'
import { type Observations, observed } from '../../../src/gate/observation.ts'
import { DEFAULT_POLICY } from '../../../src/gate/policy.ts'
import {
  type Effects,
  effects,
  type RowChange,
  type TracedStatement,
  type TraceEvent,
} from '../../../src/observers/effects/kind.ts'
import { migrationTree } from '../../../src/observers/migration-tree/kind.ts'
import { shape, type Shape } from '../../../src/observers/shape/kind.ts'

beforeAll(async () => migrationsEffects.prepare?.())

const judge = (observations: Observations, settings: Partial<CheckSettings> = {}): CheckResult =>
  runCheck(migrationsEffects, observations, {
    evaluatedAt: '2026-11-21T00:00:00Z',
    settings: { ...DEFAULT_POLICY.settings, ...settings },
  })

const codes = ({ findings }: CheckResult): string[] => findings.map((one) => `${one.severity} ${one.code}`)

/** The sample with these statements after its own. */
const also = (...more: readonly Partial<TracedStatement>[]): Observations =>
  sample.with(
    affected(sample, ({ steps }) => ({
      steps: steps.map((step) => ({
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
    })),
  )

const changed = (observations: Observations, change: (data: Effects) => Partial<Effects>): Observations =>
  observations.with(affected(observations, change))

const write = (
  operation: 'update' | 'delete' | 'insert' | 'truncate',
  rows: number | null,
  more: object = {},
): TraceEvent => ({
  kind: 'write',
  operation,
  object: 'table public.courts',
  rows,
  isUpsert: false,
  via: null,
  ...more,
})
const courts = (change: Partial<RowChange>): Partial<Effects> => ({
  rows: [{ object: 'table public.courts', rowsBefore: 4, lost: 0, lostExample: null, columns: [], ...change }],
})
const overwritten = (column: string): RowChange['columns'][number] => ({
  column,
  overwritten: 2,
  example: { key: 'id=1', before: 'a', after: 'b' },
  filled: 0,
  isRetyped: false,
  isDropped: false,
})

const sized = (rows: number | null, bytes: number): Shape => ({
  formatVersion: 1,
  capturedAt: '2026-11-20T00:00:00Z',
  server: { version: '18.4', major: 18, settings: [] },
  witness: null,
  database: { name: 'app', owner: 'owner', encoding: 'UTF8', collation: 'C', settings: [] },
  extensions: [],
  catalogue: [],
  roles: [],
  ledger: null,
  tables: [{ object: 'table public.courts', rows, bytes }],
  indexes: [],
  queries: [],
  queriesUnavailable: null,
  queriesLeftOut: [],
  unread: [],
})

it('claims nothing of locks in the profile additive, where they are not judged', () => {
  expect(judge(sample, { profile: 'additive' }).proved.join()).toContain('locks are not judged in the profile additive')
  expect(judge(sample).proved.join()).not.toContain('not judged')
})

describe('rows', () => {
  it.each<readonly [string, Partial<TracedStatement>, Partial<Effects>, readonly string[]]>([
    [
      'a delete that met none',
      { text: 'DELETE FROM courts WHERE seats = 9', events: [write('delete', 0)] },
      {},
      ['error data-loss/delete-rows'],
    ],
    [
      'a delete of everything',
      { text: 'DELETE FROM courts', events: [write('delete', 4)] },
      courts({ lost: 4, lostExample: 'id=1' }),
      ['error data-loss/delete-all', 'error lock/held-during-work'],
    ],
    [
      'a delete by MERGE',
      { text: 'MERGE INTO courts USING cases ON true WHEN MATCHED THEN DELETE', events: [write('delete', 4)] },
      courts({ lost: 4 }),
      // What it reads it reads while the table that was altered before is locked.
      ['error data-loss/merge-delete', 'error lock/held-during-work'],
    ],
    [
      'a delete of rows of the release alone',
      { text: 'DELETE FROM courts WHERE id > 9', events: [write('delete', 2)] },
      {},
      [],
    ],
    [
      'a delete by a trigger',
      { text: 'SELECT f()', events: [write('delete', 2, { via: 'function f()' })] },
      courts({ lost: 2 }),
      ['error data-loss/lost-rows'],
    ],
    [
      'an update that overwrote',
      { text: "UPDATE courts SET name = 'x' WHERE id = 1", events: [write('update', 1)] },
      courts({ columns: [overwritten('name')] }),
      ['error data-loss/overwritten-values'],
    ],
    [
      'an update of everything',
      { text: "UPDATE courts SET name = 'x'", events: [write('update', 4)] },
      courts({ columns: [overwritten('name')] }),
      ['error lock/held-during-work', 'error data-loss/update-all'],
    ],
    [
      'an update that met none',
      { text: "UPDATE courts SET name = 'x' WHERE id = 9", events: [write('update', 0)] },
      {},
      ['error data-loss/update-rows'],
    ],
    [
      'an update of a new column that met none',
      { text: "UPDATE courts SET city = 'x' WHERE id = 9", events: [write('update', 0)] },
      {},
      [],
    ],
    [
      'an update where it is NULL that met none',
      { text: "UPDATE courts SET name = 'x' WHERE name IS NULL AND id = 9", events: [write('update', 0)] },
      {},
      [],
    ],
    [
      'an update that the server does not count',
      { text: 'SELECT f()', events: [write('update', null)] },
      {},
      ['error data-loss/update-rows'],
    ],
    ['an upsert that met none', { text: 'INSERT', events: [write('update', 0, { isUpsert: true })] }, {}, []],
    [
      'a row deleted and put back with another value',
      { text: 'DELETE FROM courts WHERE id = 1', events: [write('delete', 1)] },
      courts({ columns: [overwritten('name')] }),
      ['error data-loss/overwritten-values'],
    ],
    [
      'rows of a new table',
      { text: 'DELETE FROM judges', events: [write('delete', 0, { object: 'table public.judges' })] },
      {},
      [],
    ],
  ])('%s', (_, statement, rows, expected) => {
    expect(codes(judge(changed(also(statement), () => rows))).toSorted()).toEqual([...expected].toSorted())
  })

  it('what a trigger of before stamps with every update is no loss', () => {
    const tree = sample.need(migrationTree)
    const body =
      'CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.name := now()::text; RETURN NEW; END $$;'
    const [live, ...rest] = tree.migrations
    const migrations = [{ ...live!, up: { ...live!.up, text: live!.up.text + body } }, ...rest]
    const stamped = changed(sample, () => courts({ columns: [overwritten('name')] }))
    expect(codes(judge(stamped))).toEqual(['error data-loss/overwritten-values'])
    const known = stamped.with(observed(migrationTree, 'folder', { ...tree, migrations }))
    expect(codes(judge(known))).toEqual(['note data-loss/overwritten-values'])
  })
})

describe('locks', () => {
  const build = also({
    text: 'CREATE INDEX i ON courts (name)',
    locks: [{ object: 'table public.courts', mode: 'ShareLock', source: 'observed' }],
  })

  it('without a shape every table is large', () => {
    expect(codes(judge(build))).toEqual(['error lock/create-index'])
    expect(codes(judge(build, { profile: 'additive' }))).toEqual([])
  })

  it('a small table is settled, a large one is told with its time', () => {
    const small = judge(build.with(observed(shape, 'shape', sized(10, 8192))))
    expect(small.findings).toEqual([])
    expect(small.settled.at(-1)).toMatchObject({
      code: 'lock/create-index',
      subject: 'table public.courts',
      where: { line: 4 },
    })
    const large = judge(build.with(observed(shape, 'shape', sized(5_000_000, 2_000_000_000))))
    expect(large.findings[0]?.message).toContain('about 5000000 rows in 2.0 GB, which takes about 20 s')
    expect(codes(judge(build.with(observed(shape, 'shape', sized(null, 2_000_000_000)))))).toContain(
      'error lock/create-index',
    )
  })

  it('a change of type without a rewrite settles the static finding', () => {
    const locks = [{ object: 'table public.courts', mode: 'AccessExclusiveLock', source: 'observed' }] as const
    const result = judge(also({ text: 'ALTER TABLE courts ALTER name TYPE citext', locks }))
    expect(result.settled.at(-1)).toMatchObject({
      code: 'lock/change-column-type',
      subject: 'column public.courts.name',
    })
  })

  it('a lock that is held while another table is worked on', () => {
    const cases = { object: 'table public.cases', mode: 'ShareLock', source: 'observed' } as const
    const held = also({ text: 'CREATE INDEX i ON cases (court_id)', locks: [cases] })
    expect(codes(judge(held))).toEqual(['error lock/create-index', 'warning lock/held-during-work'])
    const apart = also({ text: 'CREATE INDEX i ON cases (court_id)', locks: [cases], transaction: 2 })
    expect(codes(judge(apart)).join()).not.toContain('lock/held-during-work')
    expect(codes(judge(held.with(observed(shape, 'shape', sized(10, 8192)))))).toEqual(['error lock/create-index'])
  })
})

describe('the trace', () => {
  it('a migration that takes itself back', () => {
    const { findings } = judge(also({ text: 'ROLLBACK' }))
    expect(findings).toContainEqual(
      expect.objectContaining({
        code: 'apply/rolled-back',
        severity: 'error',
        where: { file: NEXT_FILE, line: 4, column: 1 },
      }),
    )
    expect(
      codes(
        judge(
          also(
            { text: 'SAVEPOINT a' },
            { text: 'TRUNCATE courts', events: [write('truncate', 0)] },
            { text: 'ROLLBACK TO a' },
          ),
        ),
      ),
    ).toEqual(['warning apply/rolled-back'])
  })

  it('a branch that was not taken, with a text that nobody can read', () => {
    const block = "DO $$ BEGIN IF now() > '2999-01-01' THEN EXECUTE reverse('x'); END IF; END $$"
    expect(codes(judge(also({ text: block })))).toEqual(['error unproven/branch-not-run'])
    const ran = write('insert', 1, { via: 'PL/pgSQL function inline_code_block line 1 at EXECUTE' })
    // That a text ran shows nothing of the one that runs in production, unless only names in it are unknown.
    expect(codes(judge(also({ text: block, events: [ran] })))).toEqual(['error unproven/branch-not-run'])
    const named = block.replace("reverse('x')", "format('CREATE INDEX ON %I (x)', current_user)")
    expect(codes(judge(also({ text: named, events: [ran] })))).toEqual([])
    expect(codes(judge(also({ text: block.replace("reverse('x')", "'SELECT 1'") })))).toEqual([])
  })

  it('an index that was not there is not dropped', () => {
    const settled = (name: string): readonly unknown[] =>
      judge(also({ text: `DROP INDEX IF EXISTS ${name}` })).settled.filter((one) => one.code === 'compat/drop-index')
    expect(settled('nowhere')).toMatchObject([{ subject: 'index public.nowhere', where: { line: 4 } }])
    expect(settled('courts_pkey')).toEqual([])
  })

  it('what was not seen is unproven, and nothing is proved', () => {
    for (const change of [{ traceUnproven: 'no right to' }, { interference: ['x'] }, { steps: [] }]) {
      const result = judge(changed(sample, () => change))
      expect(result.verdict).toBe('unproven')
      expect(result.proved).toEqual([])
    }
  })

  it('with nothing pending it says so', () => {
    const nothing = changed(sample, () => ({ steps: [], difference: { added: [], removed: [], changed: [] } }))
    const none = nothing.with(observed({ name: 'pending', version: 1, parse: async () => null }, 'git', { files: [] }))
    expect(judge(none)).toMatchObject({
      verdict: 'pass',
      proved: ['nothing is pending: nothing changes on PostgreSQL 18.4'],
    })
  })

  it('a cascade names what took the object along', () => {
    const gone = changed(
      also({
        text: 'DROP TABLE courts CASCADE',
        events: [
          {
            kind: 'dropped',
            object: 'table public.courts',
            isDirect: true,
            cause: null,
            command: 'DROP TABLE',
            via: null,
          },
          {
            kind: 'dropped',
            object: 'constraint cases_court_id_fkey on public.cases',
            isDirect: false,
            cause: 'table public.courts',
            command: 'DROP TABLE',
            via: null,
          },
        ],
      }),
      ({ before, difference }) => ({
        difference: {
          ...difference,
          added: [],
          removed: before.filter((one) => one.object.includes('courts') || one.object.includes('fkey')),
        },
      }),
    )
    const { findings } = judge(gone)
    expect(findings).toContainEqual(
      expect.objectContaining({
        code: 'compat/drop-foreign-key',
        proof: 'went along with table public.courts (CASCADE)',
      }),
    )
    expect(
      findings
        .filter((one) => one.subject === 'table public.courts' || one.subject?.includes('courts.') === true)
        .map((one) => one.code),
    ).toEqual(['data-loss/drop-table'])
  })

  it('an object whose sort is new to this program refuses', () => {
    const strange = changed(sample, ({ difference }) => ({
      difference: { ...difference, added: [...difference.added, entry('wormhole w', 'owner x')] },
    }))
    expect(codes(judge(strange))).toEqual(['error compat/unknown-change'])
  })

  it('every explanation says why and what instead', () => {
    const all = migrationsEffects.explanations
    expect(new Set(all.map((one) => one.code)).size).toBe(all.length)
    expect(all.filter((one) => one.why.length < 40 || one.instead.length < 5)).toEqual([])
    expect(sample.maybe(effects)).toBeDefined()
  })
})
