import type { Mutant } from '../../gate/check.ts'
import { isNotHere, notHere } from '../../gate/drill/drill.ts'
import type { Observations } from '../../gate/observation.ts'
import { migrationTree } from '../../observers/migration-tree/kind.ts'
import { effects, type RowChange, type TracedStatement, type TraceEvent } from '../../observers/effects/kind.ts'
import { plainError } from '../../observers/rehearsal/kind.ts'
import { both, type Damage, fails, lacks, pendingIn } from '../damage.ts'
import { besideRows } from './mutants-beside-rows.ts'
import { ofCatalogue } from './mutants-of-catalogue.ts'
import { ofFunctions } from './mutants-of-functions.ts'
import { ofLocks } from './mutants-of-locks.ts'
import { ofProtection } from './mutants-of-protection.ts'
import {
  affecting,
  isInTransaction,
  isLike,
  kept,
  ofUnknownSize,
  online,
  onTable,
  type Picked,
  withAdded,
  withStatement,
} from './mutants-picked.ts'
import { entry } from './sample.ts'

/** One more statement at the end of what was traced, about a table of before. */
const also = (change: (table: Picked, last: TracedStatement) => Partial<TracedStatement>): Damage =>
  onTable((table, data) => withStatement(data, (last) => change(table, last)))

const write = (
  operation: 'insert' | 'update' | 'delete' | 'truncate',
  rows: number,
  object: string,
  via: string | null = null,
): TraceEvent => ({ kind: 'write', operation, object, rows, isUpsert: false, via })

/** Rows of a table of before are others. */
const rows = (change: (table: Picked) => Partial<RowChange>): Damage =>
  onTable((table, { rows: all }) => {
    const { object } = table
    const none = { object, rowsBefore: 4, lost: 0, lostExample: null, columns: [] }
    return { rows: [...all.filter((one) => one.object !== object), { ...none, ...change(table) }] }
  })

const bare = (name: string): string => name.slice(1, -1).replaceAll('""', '"')

const overwritten = (isRetyped: boolean): Damage =>
  rows(({ columns: [first, ...others] }) => ({
    columns: [
      {
        column: bare(isRetyped ? (others.at(-1) ?? first) : first),
        overwritten: 2,
        example: { key: 'id=1', before: 'a', after: 'b' },
        filled: 0,
        isRetyped,
        isDropped: false,
      },
    ],
  }))

const setting = (name: string, value: string, scope: 'session' | 'system'): TraceEvent => ({
  kind: 'setting',
  name,
  value,
  scope,
  subject: null,
})

type Row = readonly [name: string, why: string, damage: Damage]

const ROWS: readonly Row[] = [
  ['rows are gone', 'a trigger deleted them', rows(() => ({ lost: 2, lostExample: 'id=1' }))],
  ['values are overwritten', 'a broad WHERE in a CTE', overwritten(false)],
  ['values are rounded', 'ALTER COLUMN TYPE', overwritten(true)],
  [
    'a column was dropped and added again',
    'the difference does not show it',
    rows(({ columns: [column] }) => ({
      columns: [{ column: bare(column), overwritten: 0, example: null, filled: 0, isRetyped: false, isDropped: true }],
    })),
  ],
  [
    'a delete that matched nothing here',
    'in production it may match',
    also(({ object, sql, columns: [column] }) => ({
      text: `DELETE FROM ${sql} WHERE ${column} IS NULL`,
      events: [write('delete', 0, object)],
    })),
  ],
  [
    'a delete inside of a function',
    'its text does not show it',
    also(({ object }) => ({ text: 'SELECT f()', events: [write('delete', 0, object, 'function f')] })),
  ],
  [
    'an update that matched nothing here',
    'in production it may match',
    also(({ object, sql, columns: [column] }) => ({
      text: `UPDATE ${sql} SET ${column} = ${column} || 'x' WHERE ${column} IS NOT NULL`,
      events: [write('update', 0, object)],
    })),
  ],
  [
    'TRUNCATE of an empty table',
    'production’s is not empty',
    also(({ object, sql }) => ({ text: `TRUNCATE ${sql}`, events: [write('truncate', 0, object)] })),
  ],
  [
    'the tool’s own record is changed',
    'a migration runs twice',
    also(() => ({
      text: 'DELETE FROM schema_migrations',
      events: [write('delete', 1, 'table public.schema_migrations')],
    })),
  ],
  [
    'an upsert that overwrote rows',
    'production’s settings go back to the seed',
    both(
      overwritten(false),
      also(({ object }) => ({
        text: 'INSERT',
        events: [{ kind: 'write', operation: 'update', object, rows: 1, isUpsert: true, via: null }],
      })),
    ),
  ],
]

const WAITING: readonly Row[] = [
  [
    'a table written anew',
    'nobody reads it meanwhile',
    also(({ object }) => ({
      text: 'SELECT f()',
      events: [{ kind: 'rewritten', object, reason: 'column type', via: null }],
    })),
  ],
  [
    'an index built while writes wait',
    'minutes on a large table',
    also(({ object, sql, columns: [column] }) => ({
      text: `CREATE INDEX i ON ${sql} (${column})`,
      locks: [{ object, mode: 'ShareLock', source: 'observed' }],
    })),
  ],
  [
    'an index built inside of DO',
    'the text does not show it',
    also(({ object, sql, columns: [column] }) => ({
      text: 'DO $$ … $$',
      nested: [`CREATE INDEX i ON ${sql} (${column})`],
      locks: [{ object, mode: 'ShareLock', source: 'observed' }],
    })),
  ],
]

const SESSION: readonly Row[] = [
  [
    'a sequence set to a fixed number',
    'rows have taken it',
    affecting((data) => {
      const sequence = kept(data).find(isLike('sequence'))
      if (sequence === undefined) return notHere('there is no sequence before the release')
      const text = sequence.object.slice('sequence '.length).replaceAll("'", "''")
      return withStatement(data, () => ({ text: `SELECT setval('${text}', 1)` }))
    }),
  ],
  [
    'another role',
    'what follows belongs to somebody else',
    affecting((data) =>
      withStatement(data, () => ({ text: 'SET ROLE app', events: [setting('role', 'app', 'session')] })),
    ),
  ],
  [
    'triggers off for the session',
    'foreign keys are not kept',
    affecting((data) =>
      withStatement(data, () => ({
        text: 'SET …',
        events: [setting('session_replication_role', 'replica', 'session')],
      })),
    ),
  ],
  [
    'a setting of the whole server',
    'every database feels it',
    affecting((data) =>
      withStatement(data, () => ({ text: 'ALTER SYSTEM …', events: [setting('work_mem', '1GB', 'system')] })),
    ),
  ],
  [
    'a ROLLBACK at the end',
    'recorded as applied, and nothing is there',
    affecting((data) => withStatement(data, () => ({ text: 'ROLLBACK' }), isInTransaction)),
  ],
  ['a COMMIT in the middle', 'a failure leaves half', committed],
  [
    'IF NOT EXISTS over another shape',
    'it did nothing',
    also(({ sql }) => ({ text: `CREATE TABLE IF NOT EXISTS ${sql} (id bigint, seaworthy_drill integer)` })),
  ],
]

/** One file that the tool sends as a whole, in two transactions. */
function committed(set: Observations): ReturnType<Damage> {
  const isWhole = (file: string): boolean =>
    ['batch', 'transaction'].includes(
      set.maybe(migrationTree)?.migrations.find(({ up }) => up.file === file)?.up.send ?? '',
    )
  return affecting((data) =>
    withStatement(
      data,
      ({ transaction }) => ({
        text: 'CREATE TABLE seaworthy_drill (a int)',
        transaction: (transaction ?? 0) + 1,
        events: [{ kind: 'created', object: 'table public.seaworthy_drill', command: 'CREATE TABLE', via: null }],
      }),
      (last) => isInTransaction(last) && isWhole(last.file),
    ),
  )(set)
}

const GAPS: readonly Row[] = [
  ['nobody looked', 'an empty set proves nothing', lacks(effects)],
  ['no server could be had', '"no database" is never a pass', fails(effects, 'PostgreSQL did not start')],
  ['no trace', 'the given server allows none', affecting(() => ({ traceUnproven: 'it may not make event triggers' }))],
  [
    'the two runs differ',
    'the instruments interfered',
    affecting(() => ({ interference: ['table public.t is not the same'] })),
  ],
  ['a migration failed', 'the rest was not seen', failed()],
  [
    'a file is missing in the trace',
    'a skipped stage',
    affecting(({ steps }) => (steps.length === 0 ? notHere('nothing is pending') : { steps: [] })),
  ],
  [
    'a table without rows that is written to',
    'nobody saw what becomes of them',
    affecting((data) => {
      const found = data.steps
        .flatMap((step) => step.statements.flatMap((one) => one.events))
        .find((event) => event.kind === 'write' && event.operation === 'update' && isSeeded(event.object))
      function isSeeded(object: string): boolean {
        return data.seeding.tables.some((one) => one.object === object)
      }
      if (found?.kind !== 'write') return notHere('the release updates no table of before')
      const none = { object: found.object, reason: 'a check that nothing meets' }
      return { seeding: { ...data.seeding, unseeded: [...data.seeding.unseeded, none] } }
    }),
  ],
]

function failed(): Damage {
  return (set) => {
    const migrations = pendingIn(set)
    if (isNotHere(migrations)) return migrations
    const { up, version } = migrations[0]
    return affecting(() => ({
      failure: {
        file: up.file,
        version,
        error: plainError('42703', 'no such column'),
        statement: null,
        owner: null,
        leavesHalf: false,
        missingExtension: null,
        isInfrastructure: false,
      },
    }))(set)
  }
}

/** A constraint that disappears without being dropped goes on under another name. */
const swappedConstraint: Damage = affecting((data) => {
  const found = kept(data).find(isLike('constraint', /^PRIMARY KEY /))
  if (found === undefined) return notHere('there is no primary key before the release')
  const { difference } = data
  const name = found.object.slice(found.object.lastIndexOf(' on ') + ' on '.length)
  const added = entry(`constraint seaworthy_drill on ${name}`, `of table ${name}`, 'UNIQUE (seaworthy_drill)')
  const removed = { ...difference, removed: [...difference.removed, found] }
  return withAdded({ difference: removed }, added)
})

const named = ([name, why, damage]: Row): Mutant => ({ name, why, damage })

/** Worlds that the judge must refuse, each made from the sample or from a run by one damage. */
export const mutants: readonly Mutant[] = [
  ...GAPS.map(named),
  ...ofCatalogue,
  ...ROWS.map(named),
  ...WAITING.map(([name, why, damage]) => ({ name, why, damage: ofUnknownSize(damage), context: online })),
  ...SESSION.map(named),
  ...ofFunctions,
  ...ofLocks,
  ...besideRows,
  ...ofProtection,
  {
    name: 'an additive history renames a constraint',
    why: 'the old version is swapped back in',
    damage: swappedConstraint,
  },
]
