import { asIdentifier } from '../../../sql/tokens.ts'
import type { Block } from './blocks.ts'
import { nameFor } from './names.ts'
import type { AlterTable } from './source.ts'

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
export const patiently = (sql: string): string => `${PATIENCE}\n${sql}`

const patient = (statements: readonly string[]): Block[] =>
  statements.length === 0 ? [] : migration([patiently(statements.join('\n'))])

/** The plan as migrations. `head` and `table` are those of the statement. */
export function blocksOf(plan: Plan, head: string, table: string): Block[] {
  const own = plan.commands.length === 0 ? [] : [`${head} ${plan.commands.join(', ')};`]
  return [
    ...patient([...plan.before, ...own, ...plan.after]),
    ...plan.fillings,
    ...afterFilling(plan, [
      ...migration(plan.validated.map((name) => `ALTER TABLE ${table} VALIDATE CONSTRAINT ${name};`)),
      ...patient(plan.tightened),
      ...plan.alone,
      ...patient(plan.attached),
    ]),
    ...plan.later,
  ]
}

/** A release that still sends the first step would send these with it, before anybody has filled a row. */
const afterFilling = ({ fillings }: Plan, blocks: readonly Block[]): Block[] =>
  fillings.length === 0
    ? [...blocks]
    : blocks.map((block, index) => (index === 0 ? { ...block, when: 'release', remark: FILLED } : block))

/** What the line of a release says that has to wait until nothing is missing. */
export const FILLED = 'when every row has a value'

/** The steps that require a column without reading the table under a lock. */
interface Requiring {
  readonly check: string
  readonly name: string
  readonly drop: string
}

/** The check that proves a column to be filled, under a name of its own. */
export function requiring(column: string, { node, table }: Pick<AlterTable, 'node' | 'table'>): Requiring {
  const name = asIdentifier(nameFor(node.relation, [column, 'given'], 'check'))
  return {
    check: `ADD CONSTRAINT ${name} CHECK (${asIdentifier(column)} IS NOT NULL) NOT VALID`,
    name,
    drop: `ALTER TABLE ${table} DROP CONSTRAINT ${name};`,
  }
}

/** Check, validate, require by that statement, which now skips its scan, and drop the check. */
export function requireBy(plan: Plan, sql: string, column: string, table: Pick<AlterTable, 'node' | 'table'>): void {
  const steps = requiring(column, table)
  plan.commands.push(steps.check)
  plan.validated.push(steps.name)
  plan.tightened.push(`${sql}\n${steps.drop}`)
}
