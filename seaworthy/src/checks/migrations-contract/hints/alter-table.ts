import { asIdentifier } from '../../../sql/tokens.ts'
import { as, rangeParts } from '../../../sql/tree.ts'
import type { Block } from './blocks.ts'
import { divideColumn } from './columns.ts'
import { divideConstraint } from './constraints.ts'
import type { Facts } from './facts.ts'
import { blocksOf, emptyPlan, type Plan, requireBy } from './plan.ts'
import { fillingBlock } from './rows.ts'
import { type AlterTable, alterTableOf, type Command, type Source } from './source.ts'

/** An ALTER TABLE as steps none of which blocks the table for long; null where there is no such form of a command. */
export function safeAlterTable(source: Source, facts: Facts): Block[] | null {
  const table = alterTableOf(source)
  if (table === null) return null
  const plan = emptyPlan()
  for (const one of table.commands) if (!divide(plan, one, table, source, facts)) return null
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

/** A new column of the new type beside the old one, filled in batches; the old one stays for the running version. */
function replaceColumn(plan: Plan, one: Command, { node, table }: AlterTable, source: Source, facts: Facts): boolean {
  const definition = as(one.command.def, 'ColumnDef')
  const old = one.command.name ?? ''
  const type = definition?.typeName
  if (definition === undefined || type === undefined) return false
  const using = one.tokens.find((token) => token.text.toUpperCase() === 'USING')
  const end = one.tokens.at(-1)?.end ?? 0
  const typeText = source.text.slice(source.at(type.location), using?.start ?? end).trim()
  const column = asIdentifier(`${old}_new`)
  const value =
    using === undefined
      ? `CAST(${asIdentifier(old)} AS ${castType(typeText)})`
      : source.text.slice(using.end, end).trim()
  plan.commands.push(`ADD COLUMN ${column} ${typeText}`)
  plan.after.push(`-- write both from now on, move the readers, and drop ${asIdentifier(old)} in a later release`)
  plan.fillings.push(
    fillingBlock({
      table,
      key: facts.keyOf(rangeParts(node.relation)),
      assignment: `${column} = ${value}`,
      isMissing: `${column} IS NULL AND ${asIdentifier(old)} IS NOT NULL`,
    }),
  )
  return true
}

/** A collation is no part of the type that CAST takes. */
const castType = (text: string): string => {
  const at = text.toUpperCase().indexOf(' COLLATE ')
  return at === -1 ? text : text.slice(0, at)
}

function detach(plan: Plan, one: Command, { table }: AlterTable): void {
  const isConcurrent = as(one.command.def, 'PartitionCmd')?.concurrent === true
  const text = isConcurrent ? one.text : `${one.text} CONCURRENTLY`
  plan.alone.push({ when: 'migration', isAlone: true, sql: `ALTER TABLE ${table} ${text};` })
}
