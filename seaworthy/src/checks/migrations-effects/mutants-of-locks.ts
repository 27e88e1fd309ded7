import type { Mutant } from '../../gate/check.ts'
import { isNotHere } from '../../gate/drill/drill.ts'
import type { CatalogueEntry, Effects, TracedStatement } from '../../observers/effects/kind.ts'
import type { Damage } from '../damage.ts'
import { affecting, ofUnknownSize, online, type Picked, tableIn, withAdded, withStatement } from './mutants-picked.ts'
import { entry } from './sample.ts'

const lockOf = ({ object }: Picked): TracedStatement['locks'] => [
  { object, mode: 'AccessExclusiveLock', source: 'observed' },
]

const nextTransaction = ({ steps }: Effects): number =>
  Math.max(0, ...steps.flatMap((step) => step.statements.map((one) => one.transaction ?? 0))) + 1

/** A table of before is locked for everybody, and then the same transaction does something with another one, if there is one. */
const locked = (
  work: (other: Picked) => Partial<TracedStatement>,
  before: readonly CatalogueEntry[] = [],
  added: readonly CatalogueEntry[] = [],
): Damage =>
  affecting((data) => {
    const other = tableIn(data)
    if (isNotHere(other)) return other
    const found = tableIn(data, (one) => one.object !== other.object)
    const table = isNotHere(found) ? other : found
    const transaction = nextTransaction(data)
    const locking = withStatement(data, () => ({
      text: `ALTER TABLE ${table.sql} ADD COLUMN seaworthy_drill text`,
      transaction,
      events: [{ kind: 'altered', object: table.object, command: 'ALTER TABLE', via: null }],
      locks: lockOf(table),
    }))
    if (isNotHere(locking)) return locking
    const working = withStatement({ ...data, ...locking }, () => ({ transaction, ...work(other) }))
    if (isNotHere(working)) return working
    return { ...working, ...withAdded(data, ...added), before: [...data.before, ...before] }
  })

const asleep: Damage = affecting((data) => {
  const table = tableIn(data)
  if (isNotHere(table)) return table
  return withStatement(data, () => ({
    text: `DO $$ BEGIN ALTER TABLE ${table.sql} ADD COLUMN seaworthy_drill text; PERFORM pg_sleep(9); END $$`,
    transaction: nextTransaction(data),
    locks: lockOf(table),
    nested: ['SELECT pg_sleep($1)'],
  }))
})

const PARTS = 'public.seaworthy_drill_parts'
const NEW_PART = `partition of ${PARTS} FOR VALUES FROM ('2027-01-01') TO ('2028-01-01')`

const cases: readonly (readonly [name: string, why: string, damage: Damage])[] = [
  ['a lock is held while the server sleeps', 'pg_sleep writes nothing', asleep],
  [
    'a lock is held while a table is read',
    'a count writes nothing',
    locked(({ sql }) => ({ text: `SELECT count(*) FROM ${sql}` })),
  ],
  [
    'a lock is held while rows are copied',
    'the copy is new, what it is made of is not',
    locked(({ sql }) => ({ text: `CREATE TABLE seaworthy_drill AS SELECT * FROM ${sql}` })),
  ],
  [
    'every row is locked',
    'FOR UPDATE without a condition',
    locked(({ sql }) => ({ text: `SELECT 1 FROM ${sql} LIMIT ALL FOR UPDATE` })),
  ],
  [
    'a partition comes beside a default one',
    'the default partition is read under the strongest lock',
    locked(
      () => ({
        text: `CREATE TABLE seaworthy_drill_2027 PARTITION OF ${PARTS} FOR VALUES FROM ('2027-01-01') TO ('2028-01-01')`,
      }),
      [
        entry(`table ${PARTS}`, 'owner owner', 'partitioned by RANGE (day)'),
        entry(`table ${PARTS}_rest`, 'owner owner', `partition of ${PARTS} DEFAULT`),
      ],
      [entry('table public.seaworthy_drill_2027', 'owner owner', NEW_PART)],
    ),
  ],
]

/** Damages that make others wait. */
export const ofLocks: readonly Mutant[] = cases.map(([name, why, damage]) => ({
  name,
  why,
  damage: ofUnknownSize(damage),
  context: online,
}))
