import type { Mutant } from '../../gate/check.ts'
import { notObserved, type Observations } from '../../gate/observation.ts'
import {
  type CatalogueEntry,
  type Effects,
  effects,
  type RowChange,
  type TracedStatement,
  type TraceEvent,
} from '../../observers/effects/kind.ts'
import { plainError } from '../../observers/rehearsal/kind.ts'
import { both, type Damage } from '../damage.ts'
import { besideRows } from './mutants-beside-rows.ts'
import { ofProtection } from './mutants-of-protection.ts'
import { affected, entry, NEXT_FILE } from './sample.ts'

const damaged =
  (change: (data: Effects) => Partial<Effects>): Damage =>
  (observations: Observations) =>
    observations.with(affected(observations, change))

/** What was there is gone. */
const gone = (...objects: readonly string[]): Damage =>
  damaged(({ difference, before }) => ({
    difference: { ...difference, removed: before.filter((one) => objects.includes(one.object)) },
  }))

/** One facet in place of another; null for none. */
const facet = (object: string, from: string | null, to: string | null): Damage =>
  damaged(({ difference, before }) => {
    const old = before.find((one) => one.object === object) ?? entry(object)
    const lines = old.definition.split('\n').filter((line) => line !== from)
    const after = entry(object, ...lines, ...(to === null ? [] : [to]))
    return { difference: { ...difference, changed: [{ before: old, after }] } }
  })

const come = (...entries: readonly CatalogueEntry[]): Damage =>
  damaged(({ difference }) => ({ difference: { ...difference, added: [...difference.added, ...entries] } }))

/** One more statement at the end of the migration. */
const also = (change: Partial<TracedStatement>): Damage =>
  damaged(({ steps }) => ({
    steps: steps.map((step) => {
      const last = step.statements.at(-1)
      if (last === undefined) return step
      const line = last.line + 1
      return {
        ...step,
        statements: [
          ...step.statements,
          { ...last, index: line, line, endLine: line, events: [], locks: [], nested: [], ...change },
        ],
      }
    }),
  }))

const write = (
  operation: 'insert' | 'update' | 'delete' | 'truncate',
  rows: number,
  object = 'table public.courts',
  via: string | null = null,
): TraceEvent => ({ kind: 'write', operation, object, rows, isUpsert: false, via })

const rows = (change: Partial<RowChange>): Damage =>
  damaged(() => ({
    rows: [{ object: 'table public.courts', rowsBefore: 4, lost: 0, lostExample: null, columns: [], ...change }],
  }))

const overwritten = (column: string, isRetyped: boolean): Damage =>
  rows({
    columns: [
      {
        column,
        overwritten: 2,
        example: { key: 'id=1', before: 'a', after: 'b' },
        filled: 0,
        isRetyped,
        isDropped: false,
      },
    ],
  })

const setting = (name: string, value: string, scope: 'session' | 'system'): TraceEvent => ({
  kind: 'setting',
  name,
  value,
  scope,
  subject: null,
})
const lock = (mode: string) => [{ object: 'table public.courts', mode, source: 'observed' }] as const
const FAILURE = {
  file: NEXT_FILE,
  version: '002',
  error: plainError('42703', 'no such column'),
  statement: null,
  owner: null,
  leavesHalf: false,
  missingExtension: null,
  isInfrastructure: false,
}

const catalogue: readonly (readonly [name: string, why: string, damage: Damage])[] = [
  ['a table is gone', 'a function that the migration called dropped it', gone('table public.courts')],
  ['a column is gone', 'DROP TYPE … CASCADE took it along', gone('column public.courts.name')],
  [
    'a foreign key is gone',
    'DROP TABLE … CASCADE took it along',
    gone('constraint cases_court_id_fkey on public.cases'),
  ],
  [
    'a primary key is gone',
    'ON CONFLICT of the running version fails',
    gone('constraint courts_pkey on public.courts'),
  ],
  ['a view is gone', 'DROP VIEW inside of DO', gone('view public.open_cases', 'column public.open_cases.id')],
  ['a function is gone', 'DROP EXTENSION took it along', gone('function public.docket(bigint)')],
  ['a trigger is gone', 'the audit trail ended in silence', gone('trigger stamp on public.courts')],
  ['a policy is gone', 'the running version sees no row', gone('policy own on public.cases')],
  ['a sequence is gone', 'numbers are handed out twice', gone('sequence public.numbers')],
  ['a type is gone', 'casts of the running version fail', gone('type public.mood')],
  ['a privilege is gone', '42501 for the running version', gone('privileges on table public.courts for app')],
  ['a role is gone', 'nobody can log in', gone('role app')],
  ['a column is narrower', 'values are cut', facet('column public.courts.seats', 'type integer', 'type smallint')],
  [
    'a column is required',
    'inserts of the running version fail',
    facet('column public.courts.seats', null, 'not null'),
  ],
  [
    'a default is gone',
    'inserts of the running version get NULL',
    facet('column public.courts.seats', 'default 1', null),
  ],
  [
    'a column is generated',
    'nobody may write it',
    facet('column public.courts.id', null, 'generated always as identity'),
  ],
  [
    'a view shows other rows',
    'it answers differently',
    facet('view public.open_cases', 'definition  SELECT id', 'definition SELECT id FROM public.cases WHERE id > 5'),
  ],
  [
    'a function has another body',
    'it answers differently',
    facet('function public.docket(bigint)', 'body sha256 0123456789abcdef', 'body sha256 fedcba9876543210'),
  ],
  [
    'a function runs with its owner’s rights',
    'and the path of the caller',
    facet('function public.docket(bigint)', null, 'security definer'),
  ],
  ['a trigger is disabled', 'what it kept true is not kept', facet('trigger stamp on public.courts', null, 'disabled')],
  ['row security is off', 'every tenant sees all', facet('table public.cases', 'row security enabled', null)],
  ['another owner', 'later migrations fail with 42501', facet('table public.courts', 'owner owner', 'owner app')],
  [
    'an enum value is renamed',
    'casts of the running version fail',
    facet('type public.mood', "enum 'ok', 'sad'", "enum 'ok', 'blue'"),
  ],
  [
    'a sequence counts by 50',
    'clients take numbers in blocks',
    facet(
      'sequence public.numbers',
      'start 1 increment 1 minimum 1 maximum 9223372036854775807 cache 1',
      'start 1 increment 50 minimum 1 maximum 9223372036854775807 cache 1',
    ),
  ],
  ['a role is a superuser now', 'past every grant', facet('role app', null, 'superuser')],
  [
    'a facet that nobody knows',
    'what is not understood is not let through',
    facet('table public.courts', null, 'haunted'),
  ],
  [
    'a sort that nobody knows',
    'what is not understood is not let through',
    come(entry('wormhole public.w', 'owner owner')),
  ],
  [
    'a column that is required and new',
    'inserts of the running version fail',
    come(entry('column public.courts.zip', 'of table public.courts', 'type text', 'not null')),
  ],
  [
    'a grant to everybody',
    'every role of the server reads it',
    come(entry('privileges on table public.courts for PUBLIC', 'of table public.courts', 'granted SELECT')),
  ],
  [
    'one more permissive policy',
    'rows of other tenants',
    come(
      entry('policy all on public.cases', 'of table public.cases', 'permissive', 'for ALL', 'to PUBLIC', 'using true'),
    ),
  ],
  [
    'an invalid index',
    'CREATE INDEX CONCURRENTLY failed half-way',
    come(
      entry(
        'index public.i',
        'of table public.courts',
        'CREATE INDEX i ON public.courts USING btree (name)',
        'invalid',
      ),
    ),
  ],
  [
    'a trigger that nobody can read',
    'it may swallow every write',
    come(
      entry(
        'trigger t on public.cases',
        'of table public.cases',
        'CREATE TRIGGER t BEFORE INSERT ON public.cases FOR EACH ROW EXECUTE FUNCTION public.unknown()',
      ),
    ),
  ],
  [
    'a rule',
    'DO INSTEAD NOTHING',
    come(
      entry(
        'rule r on public.cases',
        'of table public.cases',
        'CREATE RULE r AS ON DELETE TO public.cases DO INSTEAD NOTHING',
      ),
    ),
  ],
  [
    'an overload',
    'calls of the running version mean the new one',
    come(
      entry(
        'function public.docket(integer)',
        'owner deploy',
        'arguments n integer',
        'returns text',
        'language sql',
        'volatile',
      ),
    ),
  ],
]

const run: readonly (readonly [name: string, why: string, damage: Damage])[] = [
  ['rows are gone', 'a trigger deleted them', rows({ lost: 2, lostExample: 'id=1' })],
  ['values are overwritten', 'a broad WHERE in a CTE', overwritten('name', false)],
  ['values are rounded', 'ALTER COLUMN TYPE', overwritten('seats', true)],
  [
    'a column was dropped and added again',
    'the difference does not show it',
    rows({
      columns: [{ column: 'name', overwritten: 0, example: null, filled: 0, isRetyped: false, isDropped: true }],
    }),
  ],
  [
    'a delete that matched nothing here',
    'in production it may match',
    also({ text: 'DELETE FROM courts WHERE seats = 7', events: [write('delete', 0)] }),
  ],
  [
    'a delete inside of a function',
    'its text does not show it',
    also({ text: 'SELECT f()', events: [write('delete', 0, 'table public.courts', 'function f')] }),
  ],
  [
    'an update that matched nothing here',
    'in production it may match',
    also({ text: "UPDATE courts SET name = 'x' WHERE seats = 7", events: [write('update', 0)] }),
  ],
  [
    'TRUNCATE of an empty table',
    'production’s is not empty',
    also({ text: 'TRUNCATE cases', events: [write('truncate', 0, 'table public.cases')] }),
  ],
  [
    'the tool’s own record is changed',
    'a migration runs twice',
    also({ text: 'DELETE FROM schema_migrations', events: [write('delete', 1, 'table public.schema_migrations')] }),
  ],
  [
    'an upsert that overwrote rows',
    'production’s settings go back to the seed',
    both(
      overwritten('name', false),
      also({
        text: 'INSERT',
        events: [
          { kind: 'write', operation: 'update', object: 'table public.courts', rows: 1, isUpsert: true, via: null },
        ],
      }),
    ),
  ],
  [
    'a table written anew',
    'nobody reads it meanwhile',
    also({
      text: 'SELECT f()',
      events: [{ kind: 'rewritten', object: 'table public.courts', reason: 'column type', via: null }],
    }),
  ],
  [
    'an index built while writes wait',
    'minutes on a large table',
    also({ text: 'CREATE INDEX i ON courts (name)', locks: lock('ShareLock') }),
  ],
  [
    'an index built inside of DO',
    'the text does not show it',
    also({ text: 'DO $$ … $$', nested: ['CREATE INDEX i ON courts (name)'], locks: lock('ShareLock') }),
  ],
  ['a sequence set to a fixed number', 'rows have taken it', also({ text: "SELECT setval('numbers', 1)" })],
  [
    'another role',
    'what follows belongs to somebody else',
    also({ text: 'SET ROLE app', events: [setting('role', 'app', 'session')] }),
  ],
  [
    'triggers off for the session',
    'foreign keys are not kept',
    also({ text: 'SET …', events: [setting('session_replication_role', 'replica', 'session')] }),
  ],
  [
    'a setting of the whole server',
    'every database feels it',
    also({ text: 'ALTER SYSTEM …', events: [setting('work_mem', '1GB', 'system')] }),
  ],
  ['a ROLLBACK at the end', 'recorded as applied, and nothing is there', also({ text: 'ROLLBACK' })],
  [
    'a COMMIT in the middle',
    'a failure leaves half',
    also({
      text: 'CREATE TABLE x (a int)',
      transaction: 2,
      events: [{ kind: 'created', object: 'table public.x', command: 'CREATE TABLE', via: null }],
    }),
  ],
  [
    'IF NOT EXISTS over another shape',
    'it did nothing',
    also({ text: 'CREATE TABLE IF NOT EXISTS courts (id bigint, floor integer)' }),
  ],
  ['no trace', 'the given server allows none', damaged(() => ({ traceUnproven: 'it may not make event triggers' }))],
  [
    'the two runs differ',
    'the instruments interfered',
    damaged(() => ({ interference: ['table public.t is not the same'] })),
  ],
  ['a migration failed', 'the rest was not seen', damaged(() => ({ failure: FAILURE }))],
  ['a file is missing in the trace', 'a skipped stage', damaged(() => ({ steps: [] }))],
  [
    'a table without rows that is written to',
    'nobody saw what becomes of them',
    damaged(({ seeding }) => ({
      seeding: { ...seeding, unseeded: [{ object: 'table public.courts', reason: 'a check that nothing meets' }] },
    })),
  ],
]

/** Worlds that the judge must refuse, each made from the sample by one damage. */
export const mutants: readonly Mutant[] = [
  {
    name: 'nobody looked',
    why: 'an empty set proves nothing',
    damage: (observations) => observations.without(effects),
  },
  {
    name: 'no server could be had',
    why: '"no database" is never a pass',
    damage: (observations) => observations.with(notObserved(effects, 'none', 'PostgreSQL did not start')),
  },
  ...[...catalogue, ...run].map(([name, why, damage]) => ({ name, why, damage })),
  ...besideRows,
  ...ofProtection,
  {
    name: 'an additive history renames a constraint',
    why: 'the old version is swapped back in',
    damage: facetRename(),
    context: {},
  },
]

/** A constraint that disappears without being dropped goes on under another name. */
function facetRename(): Damage {
  return both(
    gone('constraint courts_pkey on public.courts', 'index public.courts_pkey'),
    come(entry('constraint other on public.courts', 'of table public.courts', 'UNIQUE (name)')),
  )
}
