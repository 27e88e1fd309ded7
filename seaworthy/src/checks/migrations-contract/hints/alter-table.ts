import { asIdentifier } from '../../../sql/tokens.ts'
import { as, rangeParts } from '../../../sql/tree.ts'
import type { Block } from './blocks.ts'
import { divideColumn } from './columns.ts'
import { divideConstraint } from './constraints.ts'
import type { Facts } from './facts.ts'
import { blocksOf, emptyPlan, patiently, type Plan, requireBy } from './plan.ts'
import { replaceColumn } from './retype.ts'
import { type AlterTable, alterTableOf, type Command, type Source } from './source.ts'

/** An ALTER TABLE as steps none of which blocks the table for long; null where there is no such form of a command. */
export function safeAlterTable(source: Source, facts: Facts): Block[] | null {
  const table = alterTableOf(source)
  if (table === null) return null
  const plan = emptyPlan()
  for (const one of table.commands) if (!divide(plan, one, table, source, facts)) return null
  return blocksOf(plan, table.head, table.table)
}

/** The same, but a default that goes waits for a release: the running version leaves its column out of an INSERT. */
export function safeWithDefaults(source: Source, facts: Facts): Block[] | null {
  const table = alterTableOf(source)
  const drops = (table?.commands ?? []).filter(
    ({ command }) => command.subtype === 'AT_ColumnDefault' && command.def === undefined,
  )
  if (table === null || drops.length === 0) return safeAlterTable(source, facts)
  const plan = emptyPlan()
  for (const one of table.commands) if (!drops.includes(one) && !divide(plan, one, table, source, facts)) return null
  const sql = patiently(`${table.head} ${drops.map((one) => one.text).join(', ')};`)
  plan.later.push({ when: 'release', remark: 'when every running version writes what had the default', sql })
  return blocksOf(plan, table.head, table.table)
}

function divide(plan: Plan, one: Command, table: AlterTable, source: Source, facts: Facts): boolean {
  switch (one.command.subtype) {
    case 'AT_AddConstraint':
      return divideConstraint(plan, one, table, source, facts)
    case 'AT_AddColumn':
      return divideColumn(plan, one, table, source, facts)
    case 'AT_SetNotNull':
      requireColumn(plan, one, table, facts)
      return true
    case 'AT_AlterColumnType':
      return replaceColumn(plan, one, table, source, facts)
    case 'AT_DetachPartition':
      detach(plan, one, table)
      return true
    default:
      plan.commands.push(one.text)
      return true
  }
}

function requireColumn(plan: Plan, one: Command, table: AlterTable, facts: Facts): void {
  const name = one.command.name ?? ''
  if (facts.isRequired(rangeParts(table.node.relation), name)) return
  requireBy(plan, `ALTER TABLE ${table.table} ALTER COLUMN ${asIdentifier(name)} SET NOT NULL;`, name, table)
}

function detach(plan: Plan, one: Command, { table }: AlterTable): void {
  const isConcurrent = as(one.command.def, 'PartitionCmd')?.concurrent === true
  const text = isConcurrent ? one.text : `${one.text} CONCURRENTLY`
  plan.alone.push({ when: 'migration', isAlone: true, sql: `ALTER TABLE ${table} ${text};` })
}
