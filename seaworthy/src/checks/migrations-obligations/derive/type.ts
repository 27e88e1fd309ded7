import { quotedName, quotedQualified, quotedText } from '../../../sql/identifier.ts'
import { as, commandsOf, partsOf, rangeParts, walk } from '../../../sql/tree.ts'
import type { Origin } from '../names.ts'
import type { NamedType, Table } from '../schema.ts'
import { splitList, textOf } from '../../../sql/lists.ts'
import { tokensOf } from '../../../sql/tokens.ts'
import { misfit } from './conversions.ts'
import { counting, isOldPartition, knownTables, spoken, type Stage, type Wanted } from './stage.ts'
import { checkOf } from './texts.ts'

type Known = { readonly table: Table; readonly origin: Origin }

/** Columns whose values have to fit another type. */
export function typeWanted(stage: Stage): Wanted[] {
  return [...knownTables(stage)].flatMap((one) => {
    if (isOldPartition(stage, one)) return []
    const production = stage.production.tables.get(one.origin.table)
    return [...one.table.columns.values()].flatMap((column): Wanted[] => {
      const old = one.origin.columns.get(column.name)
      const known = production?.columns.get(old ?? '')
      if (old === undefined || known === undefined || known.generated !== null) return []
      const earlier = stage.earlier.tables.get(one.table.name)?.columns.get(column.name)
      const gone = lostValues(stage, column.type)
      if (known.type === column.type && gone.length > 0) return [lost(one, column.name, old, gone)]
      if (known.type === column.type || earlier?.type === column.type || isMoved(stage, known.type, column.type))
        return []
      return wantedFor(stage, one, { name: column.name, old, from: known.type, to: column.type })
    })
  })
}

interface Retyped {
  readonly name: string
  readonly old: string
  readonly from: string
  readonly to: string
}

function wantedFor(stage: Stage, one: Known, column: Retyped): Wanted[] {
  const { name, old, from, to } = column
  const domain = stage.after.types.get(to)
  const target = domain?.isDomain === true ? (domain.base ?? to) : to
  const what = spoken(one.table.name, [name])
  const misfitting = misfit(quotedName(old), from, target, { major: stage.major, after: stage.after })
  const base: Omit<Wanted, 'sql'> = {
    code: 'obligation/type',
    subject: `column ${one.table.name}.${name}`,
    question: `every value of ${what} fits ${to}`,
    consequence: `changing the type of ${what} from ${from} to ${to} fails on, cuts or rounds the values that do not fit`,
    table: one.table.name,
    columns: [name],
    name,
  }
  const checks = domain?.isDomain === true ? domainConditions(stage, domain) : []
  if ('fits' in misfitting && checks.length === 0) return []
  const isPlain = isPlainCast(stage, one, name) ?? ('fits' in misfitting || null)
  if (isPlain !== true) {
    const why =
      isPlain === null
        ? 'no text of the migration shows how its values are converted'
        : 'it is converted by an expression of the migration’s own (USING)'
    return [{ ...base, sql: { unaskable: why } }]
  }
  if ('unaskable' in misfitting) return [{ ...base, sql: misfitting }]
  const conditions = ['fits' in misfitting ? [] : [misfitting.condition], checks].flat()
  const source = `(SELECT ${quotedName(old)}, ${quotedName(old)} AS value FROM ${quotedQualified(one.origin.table)}) AS retyped`
  const from_ = checks.length === 0 ? quotedQualified(one.origin.table) : source
  return [{ ...base, sql: counting('1', '*', `FROM ${from_} WHERE ${conditions.join(' OR ')}`) }]
}

/** A value of the old type has to meet what the domain asks for; with another base type that cannot be asked. */
function domainConditions(stage: Stage, domain: NamedType): string[] {
  const rules = [...stage.after.constraints.values()].filter(
    (rule) => rule.of === `domain ${domain.name}` && rule.isValid,
  )
  const checks = rules.flatMap((rule) => checkOf(rule.definition) ?? [])
  return [...checks.map((one) => `NOT (${one})`), ...(domain.isNotNull ? ['VALUE IS NULL'] : [])]
}

/** Whether a type was only renamed or moved to another schema. */
function isMoved({ production, after }: Stage, from: string, to: string): boolean {
  const [old, now] = [production.types.get(from), after.types.get(to)]
  if (old === undefined || now === undefined || after.types.has(from) || production.types.has(to)) return false
  return old.isDomain === now.isDomain && old.base === now.base && old.values === now.values
}

/** Whether the statement that changes the type converts by the plain cast; null where no text shows the statement. */
function isPlainCast(stage: Stage, { table, origin }: Known, column: string): boolean | null {
  let isPlain: boolean | null = null
  for (const { nodes } of stage.statements) {
    for (const node of nodes) {
      const alter = as(node, 'AlterTableStmt')
      const relation = rangeParts(alter?.relation).at(-1)
      if (
        relation === undefined ||
        ![table.name, origin.table].some((name) => quotedQualified(name).endsWith(`.${quotedName(relation)}`))
      )
        continue
      for (const command of commandsOf(alter?.cmds)) {
        const names = [column, origin.columns.get(column)]
        if (command.subtype !== 'AT_AlterColumnType' || !names.includes(command.name)) continue
        const using = as(command.def, 'ColumnDef')?.raw_default
        isPlain = (isPlain ?? true) && (using === undefined || isCastOf(using, command.name ?? ''))
      }
    }
  }
  return isPlain
}

/** `col::type`, `col::text::type`, or the column itself. */
export function isCastOf(using: Parameters<typeof as>[0], column: string): boolean {
  let node = using
  for (let cast = as(node, 'TypeCast'); cast !== undefined; cast = as(node, 'TypeCast')) node = cast.arg
  const fields = partsOf(as(node, 'ColumnRef')?.fields)
  return fields.at(-1) === column
}

/** Values that an enum has lost: its columns were converted to a new type of the same name. Literals, as the server writes them. */
function lostValues(stage: Stage, type: string): string[] {
  const before = literals(stage.earlier.types.get(type)?.values ?? null)
  const after = new Set(literals(stage.after.types.get(type)?.values ?? null))
  if (after.size === 0) return []
  const renamed = new Set<string>()
  for (const { nodes } of stage.statements) {
    for (const node of nodes) {
      walk({ node }, 'AlterEnumStmt', (one) => {
        if (one.oldVal !== undefined) renamed.add(quotedText(one.oldVal))
      })
    }
  }
  return before.filter((value) => !after.has(value) && !renamed.has(value))
}

function literals(values: string | null): string[] {
  if (values === null) return []
  return splitList(tokensOf(values) ?? []).map((part) => textOf(values, part))
}

function lost({ table, origin }: Known, name: string, old: string, gone: readonly string[]): Wanted {
  const what = spoken(table.name, [name])
  const list = gone.join(', ')
  return {
    code: 'obligation/type',
    subject: `column ${table.name}.${name}`,
    question: `no row of ${what} holds ${list}`,
    consequence: `the new enum has no ${list}, so converting ${what} fails on the first row that holds it`,
    table: table.name,
    columns: [name],
    name,
    sql: counting(
      '1',
      '*',
      `FROM ${quotedQualified(origin.table)} WHERE ${quotedName(old)}::pg_catalog.text IN (${list})`,
    ),
  }
}
