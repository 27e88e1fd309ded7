import { Sample } from './measure.ts'
import { stage } from './staged.ts'
import { limitRow, type Row } from './table.ts'
import type { Workspace } from './workspace.ts'

const TABLES = 300

/** Ten columns a table: keys, a reference to another table, checks, values of many types. */
const SCHEMA = Array.from(
  { length: TABLES },
  (_, index) => `CREATE TABLE t${index} (
  id bigserial PRIMARY KEY,
  parent_id bigint ${index === 0 ? '' : `NOT NULL REFERENCES t${Math.floor(index / 2)} (id)`},
  name text NOT NULL CHECK (length(name) <= 200),
  email varchar(255) UNIQUE,
  state text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'open', 'closed')),
  amount numeric(10, 2) CHECK (amount >= 0),
  is_active boolean NOT NULL,
  data jsonb,
  starts_on date NOT NULL,
  ends_on date CHECK (ends_on >= starts_on)
);
`,
).join('')

/**
 * Rows for every table of a database: from the stopped server after the live migrations to the one with rows, which can be
 * copied. Each round makes other rows, so that none comes from a cache.
 */
export async function measureSeeding(workspace: Workspace): Promise<Row[]> {
  const staged = await stage(workspace, [{ name: '0001_tables.sql', sql: SCHEMA }])
  await using rehearsing = staged.rehearsing
  const times: number[] = []
  for (let round = 0; round <= workspace.rounds; round += 1) {
    const startedAt = performance.now()
    const { seeding } = await rehearsing.seed({ script: null, seed: round + 1 })
    if (round > 0) times.push(performance.now() - startedAt)
    if (seeding.tables.length !== TABLES) throw new Error(`only ${seeding.tables.length} tables were given rows`)
  }
  return [limitRow(`seeding ${TABLES} tables of ten columns`, new Sample(times), 2_000)]
}
