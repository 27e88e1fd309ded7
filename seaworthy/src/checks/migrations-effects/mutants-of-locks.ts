import type { Mutant } from '../../gate/check.ts'
import type { CatalogueEntry, TracedStatement } from '../../observers/effects/kind.ts'
import { affected, entry, NEXT_FILE } from './sample.ts'

/** The release with one more statement, in the transaction that has locked `courts`, and other tables of before. */
const also =
  (
    text: string,
    before: readonly CatalogueEntry[] = [],
    added: readonly CatalogueEntry[] = [],
    more: Partial<TracedStatement> = {},
  ): Mutant['damage'] =>
  (observations) => {
    const place = { file: NEXT_FILE, version: '002', index: 4, line: 4, column: 1, endLine: 4, transaction: 1 }
    const statement: TracedStatement = { ...place, text, events: [], locks: [], nested: [], ...more }
    return observations.with(
      affected(observations, (data) => ({
        before: [...data.before, ...before],
        difference: { ...data.difference, added: [...data.difference.added, ...added] },
        steps: data.steps.map((step) => ({ ...step, statements: [...step.statements, statement] })),
      })),
    )
  }

const PARTS: readonly CatalogueEntry[] = [
  entry('table public.hearings', 'owner owner', 'partitioned by RANGE (day)'),
  entry('table public.hearings_rest', 'owner owner', 'partition of public.hearings DEFAULT'),
]
const NEW_PART = "partition of public.hearings FOR VALUES FROM ('2027-01-01') TO ('2028-01-01')"

/** A block that locks another table and sleeps. */
const ASLEEP = 'DO $$ BEGIN ALTER TABLE cases ADD COLUMN room text; PERFORM pg_sleep(9); END $$'

/** Damages that make others wait. */
export const ofLocks: readonly Mutant[] = [
  {
    name: 'a lock is held while the server sleeps',
    why: 'pg_sleep writes nothing',
    damage: also(ASLEEP, [], [], {
      transaction: 2,
      locks: [{ object: 'table public.cases', mode: 'AccessExclusiveLock', source: 'observed' }],
      nested: ['SELECT pg_sleep($1)'],
    }),
  },
  {
    name: 'a lock is held while a table is read',
    why: 'a count writes nothing',
    damage: also('SELECT count(*) FROM cases'),
  },
  {
    name: 'a lock is held while rows are copied',
    why: 'the copy is new, what it is made of is not',
    damage: also('CREATE TABLE copied AS SELECT * FROM cases'),
  },
  {
    name: 'every row is locked',
    why: 'FOR UPDATE without a condition',
    damage: also('SELECT 1 FROM cases LIMIT ALL FOR UPDATE'),
  },
  {
    name: 'a partition comes beside a default one',
    why: 'the default partition is read under the strongest lock',
    damage: also(
      "CREATE TABLE hearings_2027 PARTITION OF hearings FOR VALUES FROM ('2027-01-01') TO ('2028-01-01')",
      PARTS,
      [entry('table public.hearings_2027', 'owner owner', NEW_PART)],
    ),
  },
]
