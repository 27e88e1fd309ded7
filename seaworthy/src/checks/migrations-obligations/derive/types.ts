/** A type as format_type writes it, taken apart. */
export interface TypeText {
  /** Without what stands in brackets: `character varying`, `timestamp without time zone`. */
  readonly base: string
  readonly modifiers: readonly number[]
  readonly isArray: boolean
}

export function typeText(text: string): TypeText {
  const isArray = text.endsWith('[]')
  const plain = isArray ? text.slice(0, -2) : text
  const [open, close] = [plain.indexOf('('), plain.indexOf(')')]
  if (open === -1 || close < open) return { base: plain, modifiers: [], isArray }
  const modifiers = plain
    .slice(open + 1, close)
    .split(',')
    .map(Number)
  return { base: `${plain.slice(0, open)}${plain.slice(close + 1)}`, modifiers, isArray }
}

/** Smallest and largest value, by type. */
export const INTEGERS: Readonly<Record<string, readonly [string, string]>> = {
  smallint: ['-32768', '32767'],
  integer: ['-2147483648', '2147483647'],
  bigint: ['-9223372036854775808', '9223372036854775807'],
}
const INTEGER_ORDER = Object.keys(INTEGERS)

/** How many digits a value of an integer type has at most. */
const INTEGER_DIGITS: Readonly<Record<string, number>> = { smallint: 5, integer: 10, bigint: 19 }

export const FLOATS: readonly string[] = ['real', 'double precision']
export const TEXTS: readonly string[] = ['text', 'character varying', 'character', 'name', '"char"']

/** The last part of the name of a type of an extension: `citext` of `public.citext`. */
const lastPart = (base: string): string => base.slice(base.lastIndexOf('.') + 1)

/** Whether every value of the one type is, unchanged, a value of the other. False where nobody knows. */
export function isWidening(from: string, to: string): boolean {
  if (from === to) return true
  const [a, b] = [typeText(from), typeText(to)]
  if (a.isArray !== b.isArray) return false
  const [wide, limit] = [b.base, b.modifiers[0]]
  const isUnlimitedText =
    wide === 'text' || lastPart(wide) === 'citext' || (wide === 'character varying' && limit === undefined)
  if (isUnlimitedText) return true
  if (wide === 'character varying') return isText(a) && a.modifiers[0] !== undefined && a.modifiers[0] <= (limit ?? 0)
  if (wide in INTEGERS) return a.base in INTEGERS && INTEGER_ORDER.indexOf(a.base) <= INTEGER_ORDER.indexOf(wide)
  if (wide === 'numeric') return fitsNumeric(a, b)
  if (wide === 'double precision') return ['real', 'smallint', 'integer'].includes(a.base)
  if (wide === 'real') return a.base === 'smallint'
  if (a.base === wide)
    return b.modifiers.length === 0 || (a.modifiers[0] !== undefined && a.modifiers[0] <= (limit ?? 0))
  const pair = `${a.base} → ${wide}`
  return (
    b.modifiers.length === 0 && ['date → timestamp without time zone', 'json → jsonb', 'jsonb → json'].includes(pair)
  )
}

const isText = (type: TypeText): boolean => type.base === 'character varying' || type.base === 'character'

function fitsNumeric(from: TypeText, to: TypeText): boolean {
  const [precision, scale = 0] = to.modifiers
  if (precision === undefined) return from.base === 'numeric' || from.base in INTEGERS
  const digits = INTEGER_DIGITS[from.base]
  if (digits !== undefined) return precision - scale >= digits
  const [known, knownScale = 0] = from.modifiers
  if (from.base !== 'numeric' || known === undefined) return false
  return scale >= knownScale && precision - scale >= known - knownScale
}
