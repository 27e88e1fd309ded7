import { asIdentifier } from '../../../sql/tokens.ts'
import { as, type ColumnDef, type Constraint, rangeParts, typeText } from '../../../sql/tree.ts'
import { columnConstraints, isSerial } from '../apply-table.ts'
import { buildAlone, isOutOfReach, validateLater } from './constraints.ts'
import type { Facts } from './facts.ts'
import { beside, nameFor } from './names.ts'
import { FILLED, patiently, type Plan, requiring } from './plan.ts'
import { fillingBlock } from './rows.ts'
import type { AlterTable, Command, Source } from './source.ts'

/** A constraint that is written with a column, and its text without its name. */
interface Part {
  readonly constraint: Constraint
  readonly text: string
}

interface Divided {
  readonly plan: Plan
  readonly table: AlterTable
  readonly source: Source
  readonly facts: Facts
  readonly definition: ColumnDef
  readonly column: string
  readonly parts: readonly Part[]
}

/** Divides ADD COLUMN: what reads or rewrites every row is taken out and put in later; false where there is no such way. */
export function divideColumn(plan: Plan, one: Command, table: AlterTable, source: Source, facts: Facts): boolean {
  const definition = as(one.command.def, 'ColumnDef')
  if (definition === undefined) {
    plan.commands.push(one.text)
    return true
  }
  const column = asIdentifier(definition.colname ?? '')
  const parts = partsOf(one, definition, source)
  const work: Divided = { plan, table, source, facts, definition, column, parts }
  const [firstPlace] = columnConstraints(definition).map((constraint) => source.at(constraint.location))
  const bare = source.text.slice(one.tokens[0]?.start ?? 0, firstPlace ?? one.tokens.at(-1)?.end ?? 0).trim()
  const kept = parts.filter((part) => !isTakenOut(part, work))
  const range = rangeParts(table.node.relation)
  if (parts.some((part) => !kept.includes(part) && isOutOfReach(part.constraint, range, facts))) return false
  const own = isSerial(definition) ? withPlainType(bare, definition, source) : bare
  plan.commands.push([own, ...kept.map((part) => part.text)].join(' '))
  fillLater(work)
  for (const part of parts) if (!kept.includes(part)) putBack(part, work)
  return true
}

const isStored = ({ constraint }: Pick<Part, 'constraint'>): boolean =>
  constraint.contype === 'CONSTR_GENERATED' && constraint.generated_kind !== 'v'

/** The parts of a column's definition. Words that qualify a constraint (DEFERRABLE) belong to the one before them. */
function partsOf(one: Command, definition: ColumnDef, source: Source): Part[] {
  const all = columnConstraints(definition)
  const end = one.tokens.at(-1)?.end ?? 0
  const parts: Part[] = []
  for (const [index, constraint] of all.entries()) {
    const start = source.at(constraint.location)
    const next = all[index + 1]
    const text = source.text.slice(start, next === undefined ? end : source.at(next.location)).trim()
    const last = parts.at(-1)
    if (constraint.contype?.startsWith('CONSTR_ATTR') === true && last !== undefined) {
      parts[parts.length - 1] = { ...last, text: `${last.text} ${text}` }
    } else parts.push({ constraint, text })
  }
  return parts
}

/** The expression of a generated column, without its parentheses. */
function computed({ constraint, text }: Part, source: Source): string {
  const start = source.at(constraint.location)
  const own = source.tokens.filter((one) => one.start >= start && one.end <= start + text.length)
  const open = own.find((one) => one.text === '(')
  const word = own.findLastIndex((one) => one.text.toUpperCase() === 'STORED')
  return source.text.slice(open?.end ?? start, own[word - 1]?.start ?? start).trim()
}

function isTakenOut({ constraint }: Part, { definition, parts, facts }: Divided): boolean {
  const has = (type: string): boolean => parts.some((part) => part.constraint.contype === type)
  const isFilled = parts.some((part) => isRowByRow(part, facts)) || isSerial(definition)
  switch (constraint.contype) {
    case 'CONSTR_CHECK':
    case 'CONSTR_UNIQUE':
    case 'CONSTR_PRIMARY':
      return true
    case 'CONSTR_FOREIGN':
      // Without a default every row is NULL, and the server compares none.
      return has('CONSTR_DEFAULT') || isFilled
    case 'CONSTR_NOTNULL':
      return isFilled || !(has('CONSTR_DEFAULT') || has('CONSTR_GENERATED'))
    default:
      return isRowByRow({ constraint, text: '' }, facts)
  }
}

const isRowByRow = ({ constraint }: Part, facts: Facts): boolean =>
  constraint.contype === 'CONSTR_IDENTITY' ||
  isStored({ constraint }) ||
  (constraint.contype === 'CONSTR_DEFAULT' && facts.isVolatile(constraint.raw_expr))

/** Sets the default for new rows, and fills the old ones in batches, where there is anything to fill. */
function fillLater(work: Divided): void {
  const { plan, table, definition, column, parts, facts, source } = work
  const generated = parts.find(isStored)
  if (generated !== undefined) {
    plan.after.push(`-- a plain column, which the application writes from now on`)
    return fill(work, computed(generated, source), true)
  }
  const numbers = isSerial(definition) || parts.some((part) => part.constraint.contype === 'CONSTR_IDENTITY')
  const given = parts.find((part) => part.constraint.contype === 'CONSTR_DEFAULT' && isRowByRow(part, facts))
  const sequence = beside(table.node.relation, nameFor(table.node.relation, [definition.colname ?? ''], 'seq'))
  const expression = numbers
    ? `nextval('${sequence.replaceAll("'", "''")}')`
    : given?.text.slice(given.text.search(/\s/)).trim()
  if (expression === undefined) return
  if (numbers) {
    plan.before.push(`CREATE SEQUENCE ${sequence};`)
    plan.after.push(`ALTER SEQUENCE ${sequence} OWNED BY ${table.table}.${column};`)
  }
  plan.after.push(`ALTER TABLE ${table.table} ALTER COLUMN ${column} SET DEFAULT ${expression};`)
  fill(work, expression, false)
}

/** Rows for which the expression itself is NULL would be found again and again. */
function fill({ plan, table, column, facts }: Divided, expression: string, isNullable: boolean): void {
  plan.fillings.push(
    fillingBlock({
      table: table.table,
      key: facts.keyOf(rangeParts(table.node.relation)),
      assignment: `${column} = ${expression}`,
      isMissing: `${column} IS NULL${isNullable ? ` AND (${expression}) IS NOT NULL` : ''}`,
    }),
  )
}

const PLAIN_TYPE: Readonly<Record<string, string>> = {
  bigserial: 'bigint',
  serial8: 'bigint',
  smallserial: 'smallint',
  serial2: 'smallint',
}

function withPlainType(bare: string, definition: ColumnDef, source: Source): string {
  const type = typeText(definition.typeName) ?? ''
  const from = source.at(definition.typeName?.location)
  const word = source.tokens.find((one) => one.start === from)
  if (word === undefined) return bare
  const at = bare.lastIndexOf(word.text)
  return `${bare.slice(0, at)}${PLAIN_TYPE[type] ?? 'integer'}${bare.slice(at + word.text.length)}`
}

/** What was taken out of the column's definition, as a step of its own. */
function putBack(part: Part, work: Divided): void {
  const { plan, table, source, facts, definition, column } = work
  const { constraint } = part
  const columns = [definition.colname ?? '']
  switch (constraint.contype) {
    case 'CONSTR_CHECK':
      return validateLater(plan, constraint, withoutName(part), table, columns)
    case 'CONSTR_FOREIGN':
      return validateLater(plan, constraint, `FOREIGN KEY (${column}) ${withoutName(part)}`, table, columns)
    case 'CONSTR_UNIQUE':
    case 'CONSTR_PRIMARY':
      return buildAlone(plan, constraint, table, source, facts, columns)
    case 'CONSTR_NOTNULL':
      return requireLater(work)
    default:
      return undefined
  }
}

function withoutName({ constraint, text }: Part): string {
  if (constraint.conname === undefined) return text
  // CONSTRAINT, the name, and the rest: neither word holds a blank unless the name is quoted.
  const behind = text.slice('CONSTRAINT'.length).trim()
  const name = asIdentifier(constraint.conname)
  const isQuoted = behind.startsWith('"')
  return behind.slice(isQuoted ? `"${constraint.conname.replaceAll('"', '""')}"`.length : name.length).trim()
}

/** NOT NULL once every row has a value: by the filling of this release, or by what the next one writes. */
function requireLater({ plan, table, definition, column }: Divided): void {
  const steps = requiring(definition.colname ?? '', table)
  plan.later.push(
    { when: 'release', remark: FILLED, sql: patiently(`ALTER TABLE ${table.table} ${steps.check};`) },
    { when: 'migration', sql: `ALTER TABLE ${table.table} VALIDATE CONSTRAINT ${steps.name};` },
    {
      when: 'migration',
      sql: patiently(`ALTER TABLE ${table.table} ALTER COLUMN ${column} SET NOT NULL;\n${steps.drop}`),
    },
  )
}
