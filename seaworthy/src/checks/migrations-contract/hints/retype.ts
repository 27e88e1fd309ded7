import { asIdentifier } from '../../../sql/tokens.ts'
import { as, type ColumnDef, rangeParts, stringOf, typeText } from '../../../sql/tree.ts'
import { partsOfType, type TypeParts } from '../types.ts'
import type { Facts } from './facts.ts'
import type { Plan } from './plan.ts'
import { fillingBlock } from './rows.ts'
import type { AlterTable, Command, Source } from './source.ts'

/**
 * A new column of the new type beside the old one, filled in batches; the old one stays for the running version. A value
 * that would be rounded or cut is never copied; where that cannot be told, there is no such form (false).
 */
export function replaceColumn(
  plan: Plan,
  one: Command,
  { node, table }: AlterTable,
  source: Source,
  facts: Facts,
): boolean {
  const definition = as(one.command.def, 'ColumnDef')
  const old = one.command.name ?? ''
  const to = typeText(definition?.typeName)
  if (definition === undefined || to === null) return false
  const using = one.tokens.find((token) => token.text.toUpperCase() === 'USING')
  const end = one.tokens.at(-1)?.end ?? 0
  const written = source.text.slice(source.at(definition.typeName?.location), using?.start ?? end).trim()
  const from = facts.typeOf(rangeParts(node.relation), old)
  const column = asIdentifier(`${old}_new`)
  const way = isCastOf(definition, old) ? wayOf(from, to, asIdentifier(old)) : 'as-written'
  if (way === null) return false
  const isAssigned = way !== 'as-written' || using === undefined
  const value = isAssigned ? asIdentifier(old) : source.text.slice(using.end, end).trim()
  const fits = way === 'assigned' || way === 'as-written' ? '' : ` AND ${way.fits}`
  plan.commands.push(`ADD COLUMN ${column} ${written}`)
  plan.after.push(`-- write both from now on, move the readers, and drop ${asIdentifier(old)} in a later release`)
  plan.fillings.push({
    ...fillingBlock({
      table,
      key: facts.keyOf(rangeParts(node.relation)),
      assignment: `${column} = ${value}`,
      isMissing: `${column} IS NULL AND ${asIdentifier(old)} IS NOT NULL${fits}`,
    }),
    ...(fits === '' ? {} : { remark: 'again and again until it changes no row; what then is still NULL does not fit' }),
  })
  return true
}

/** Whether it is converted as an assignment would, or by a plain cast of the column: no expression of somebody's own. */
function isCastOf({ raw_default: using }: ColumnDef, column: string): boolean {
  if (using === undefined) return true
  const cast = as(using, 'TypeCast')
  return stringOf(as(cast === undefined ? using : cast.arg, 'ColumnRef')?.fields?.at(-1)) === column
}

/** How values get over unharmed: by assignment, by the cast that is written, or only those that come back the same. */
type Way = 'assigned' | 'as-written' | { readonly fits: string }

/** Too long a value is an error on assignment, where a cast cuts it without a word. */
const CUT_BY_CASTS: ReadonlySet<string> = new Set(['varchar', 'bpchar', 'bit', 'varbit'])
const INTEGERS: ReadonlySet<string> = new Set(['int2', 'int4', 'int8'])
const NUMBERS: ReadonlySet<string> = new Set([...INTEGERS, 'numeric', 'float4', 'float8'])
const DATES: ReadonlySet<string> = new Set(['date', 'timestamp', 'timestamptz'])
/** What is read from text whole, or is an error. */
const READ_WHOLE: ReadonlySet<string> = new Set([...INTEGERS, 'bool', 'uuid'])
const TEXTS: ReadonlySet<string> = new Set(['text', 'varchar'])
const LIMITED: ReadonlySet<string> = new Set(['varchar', 'bpchar'])
const ROUNDED: ReadonlySet<string> = new Set(['time', 'timetz', 'interval'])

/** A text that may be too long: one such value would stop its batch, and every batch after it. */
const isShorterText = (from: TypeParts, to: TypeParts): boolean =>
  !from.isArray &&
  LIMITED.has(to.name) &&
  (LIMITED.has(from.name) || from.name === 'text') &&
  lengthOf(to) < lengthOf(from)

/** How many characters it holds: `char` is one. */
const lengthOf = ({ name, args: [length] }: TypeParts): number => length ?? (name === 'bpchar' ? 1 : Infinity)

/** Null where nobody can tell what would be lost. */
function wayOf(fromText: string | null, toText: string, column: string): Way | null {
  const to = partsOfType(toText)
  if (to.isArray) return null
  if (fromText !== null && isShorterText(partsOfType(fromText), to))
    return { fits: `CAST(${column} AS ${toText}) = ${column}` }
  if (to.name === 'text' || CUT_BY_CASTS.has(to.name)) return 'assigned'
  if (fromText === null) return null
  const from = partsOfType(fromText)
  if (from.isArray) return null
  if (INTEGERS.has(from.name) && (INTEGERS.has(to.name) || to.name === 'numeric')) return 'assigned'
  if (TEXTS.has(from.name) && READ_WHOLE.has(to.name)) return 'as-written'
  const isOneKind =
    [NUMBERS, DATES].some((kind) => kind.has(from.name) && kind.has(to.name)) ||
    (ROUNDED.has(from.name) && from.name === to.name)
  return isOneKind ? { fits: `CAST(CAST(${column} AS ${toText}) AS ${fromText}) = ${column}` } : null
}
