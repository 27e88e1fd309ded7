import type { Block } from './blocks.ts'

/** What an ALTER TABLE is divided into: each part commits before the next one begins. */
export interface Plan {
  /** Statements before everything else, such as CREATE SEQUENCE. */
  readonly before: string[]
  /** Commands that stay together, and take their lock for a moment only. */
  readonly commands: string[]
  /** Statements that follow in the same migration. */
  readonly after: string[]
  /** Rows are filled by hand, in batches. */
  readonly fillings: Block[]
  /** Constraints that are validated, while everybody reads and writes. */
  readonly validated: string[]
  /** Statements that rely on what was validated. */
  readonly tightened: string[]
  /** Statements that run alone. */
  readonly alone: Block[]
  /** Statements that attach what was built alone. */
  readonly attached: string[]
  /** What has to wait for a later release. */
  readonly later: Block[]
}

export const emptyPlan = (): Plan => ({
  before: [],
  commands: [],
  after: [],
  fillings: [],
  validated: [],
  tightened: [],
  alone: [],
  attached: [],
  later: [],
})

const migration = (statements: readonly string[]): Block[] =>
  statements.length === 0 ? [] : [{ when: 'migration', sql: statements.join('\n') }]

/** A lock that is not had at once makes every later query wait behind it; giving up lets them through. */
const PATIENCE = "-- if it gives up, send the migration again\nSET LOCAL lock_timeout = '2s';"

/** Statements that need a strong lock for a moment only. */
const patient = (statements: readonly string[]): Block[] =>
  statements.length === 0 ? [] : migration([PATIENCE, ...statements])

/** The plan as migrations. `head` and `table` are those of the statement. */
export function blocksOf(plan: Plan, head: string, table: string): Block[] {
  const own = plan.commands.length === 0 ? [] : [`${head} ${plan.commands.join(', ')};`]
  return [
    ...patient([...plan.before, ...own, ...plan.after]),
    ...plan.fillings,
    ...migration(plan.validated.map((name) => `ALTER TABLE ${table} VALIDATE CONSTRAINT ${name};`)),
    ...patient(plan.tightened),
    ...plan.alone,
    ...patient(plan.attached),
    ...plan.later,
  ]
}

/** The steps that require a column without reading the table under a lock: check, validate, require, drop the check. */
export interface Requiring {
  readonly check: string
  readonly validate: string
  readonly tighten: string
}

export const requiring = (table: string, column: string, check: string): Requiring => ({
  check: `ADD CONSTRAINT ${check} CHECK (${column} IS NOT NULL) NOT VALID`,
  validate: check,
  tighten: `ALTER TABLE ${table} ALTER COLUMN ${column} SET NOT NULL;\nALTER TABLE ${table} DROP CONSTRAINT ${check};`,
})
