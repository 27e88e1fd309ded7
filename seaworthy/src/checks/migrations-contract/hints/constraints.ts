import { asIdentifier } from '../../../sql/tokens.ts'
import { as, type Constraint, partsOf, rangeParts, walk } from '../../../sql/tree.ts'
import type { Facts } from './facts.ts'
import { dropLeftOver, listed, nameFor } from './names.ts'
import { type Plan, requireBy } from './plan.ts'
import type { AlterTable, Command, Source } from './source.ts'

/** Divides `ADD CONSTRAINT …`; false where there is no safe form of it. */
export function divideConstraint(plan: Plan, one: Command, table: AlterTable, source: Source, facts: Facts): boolean {
  const constraint = as(one.command.def, 'Constraint')
  const isSpared = constraint?.skip_validation === true || constraint?.is_enforced === false
  if (constraint === undefined || isSpared || constraint.indexname !== undefined) {
    plan.commands.push(one.text)
    return true
  }
  if (isOutOfReach(constraint, rangeParts(table.node.relation), facts)) return false
  switch (constraint.contype) {
    case 'CONSTR_CHECK':
    case 'CONSTR_FOREIGN':
      validateLater(plan, constraint, named(one, constraint), table)
      return true
    case 'CONSTR_NOTNULL':
      for (const column of partsOf(constraint.keys)) {
        requireBy(plan, `ALTER TABLE ${table.table} ${one.text};`, column, table)
      }
      return true
    case 'CONSTR_UNIQUE':
    case 'CONSTR_PRIMARY':
      buildAlone(plan, constraint, table, source, facts, partsOf(constraint.keys))
      return true
    default:
      return false
  }
}

const BY_PARTS: ReadonlySet<string> = new Set(['CONSTR_FOREIGN', 'CONSTR_UNIQUE', 'CONSTR_PRIMARY'])

/** On a partitioned table the server (before 18) knows neither NOT VALID for these nor USING INDEX. */
export const isOutOfReach = (constraint: Constraint, table: readonly string[], facts: Facts): boolean =>
  BY_PARTS.has(constraint.contype ?? '') && facts.isPartitioned(table)

/** The text of the constraint behind ADD, without its name. */
function named({ tokens, text }: Command, constraint: Constraint): string {
  const from = tokens[constraint.conname === undefined ? 1 : 3]?.start ?? 0
  return text.slice(from - (tokens[0]?.start ?? 0))
}

const SUFFIX: Readonly<Record<string, string>> = {
  CONSTR_CHECK: 'check',
  CONSTR_FOREIGN: 'fkey',
  CONSTR_UNIQUE: 'key',
}

/** NOT VALID now, VALIDATE in another transaction. */
export function validateLater(
  plan: Plan,
  constraint: Constraint,
  text: string,
  { node }: Pick<AlterTable, 'node'>,
  columns: readonly string[] = columnsIn(constraint),
): void {
  const name = asIdentifier(
    constraint.conname ?? nameFor(node.relation, columns, SUFFIX[constraint.contype ?? ''] ?? 'check'),
  )
  plan.commands.push(`ADD CONSTRAINT ${name} ${text} NOT VALID`)
  plan.validated.push(name)
}

/** The columns after which the server would name the constraint. */
function columnsIn(constraint: Constraint): string[] {
  if (constraint.fk_attrs !== undefined) return partsOf(constraint.fk_attrs)
  const columns = new Set<string>()
  walk([constraint.raw_expr], 'ColumnRef', (column) => columns.add(partsOf(column.fields).at(-1) ?? ''))
  return columns.size === 1 ? [...columns] : []
}

/** The index of a unique constraint or primary key CONCURRENTLY, then the constraint over it. */
export function buildAlone(
  plan: Plan,
  constraint: Constraint,
  { node, table }: Pick<AlterTable, 'node' | 'table'>,
  source: Source,
  facts: Facts,
  columns: readonly string[],
): void {
  const isPrimary = constraint.contype === 'CONSTR_PRIMARY'
  const raw = constraint.conname ?? nameFor(node.relation, isPrimary ? [] : columns, isPrimary ? 'pkey' : 'key')
  const name = asIdentifier(raw)
  if (isPrimary) {
    for (const column of columns) {
      if (facts.isRequired(rangeParts(node.relation), column)) continue
      requireBy(plan, `ALTER TABLE ${table} ALTER COLUMN ${asIdentifier(column)} SET NOT NULL;`, column, {
        node,
        table,
      })
    }
  }
  const included = partsOf(constraint.including)
  const rest = [
    included.length === 0 ? '' : ` INCLUDE (${listed(included)})`,
    constraint.nulls_not_distinct === true ? ' NULLS NOT DISTINCT' : '',
  ].join('')
  const index = (words: string): string =>
    `CREATE UNIQUE INDEX ${words}${name} ON ${table} (${listed(columns)})${rest};`
  plan.alone.push({
    when: 'migration',
    isAlone: true,
    sql: index('CONCURRENTLY '),
    clearing: dropLeftOver(node, raw),
    afterwards: `-- seaworthy:allow lock/create-index reason="built by hand beforehand, so that this does nothing"\n${index('IF NOT EXISTS ')}`,
  })
  const sort = isPrimary ? 'PRIMARY KEY' : 'UNIQUE'
  const when =
    constraint.initdeferred === true
      ? ' DEFERRABLE INITIALLY DEFERRED'
      : constraint.deferrable === true
        ? ' DEFERRABLE'
        : ''
  plan.attached.push(`ALTER TABLE ${table} ADD CONSTRAINT ${name} ${sort} USING INDEX ${name}${when};`)
}
