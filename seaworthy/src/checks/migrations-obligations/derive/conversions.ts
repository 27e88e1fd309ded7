import { nameParts, quotedText } from '../../../sql/identifier.ts'
import type { Schema } from '../schema.ts'
import { FLOATS, INTEGERS, isWidening, TEXTS, typeText } from './types.ts'

/** A condition that holds for the values that would not fit or would not stay what they are; or why there is none. */
export type Misfit = { readonly condition: string } | { readonly unaskable: string } | { readonly fits: true }

/** What is known of the server and the types. */
export interface Known {
  readonly major: number
  readonly after: Schema
}

/**
 * Which values of a column (as SQL, of type `from`) are no values of type `to`, or are other values there. Tries no cast
 * that could fail: a question must not stop at the first bad row.
 */
export function misfit(value: string, from: string, to: string, known: Known): Misfit {
  if (isWidening(from, to)) return { fits: true }
  const [a, b] = [typeText(from), typeText(to)]
  if (a.isArray || b.isArray) return unaskable(from, to)
  const named = known.after.types.get(to)
  if (named !== undefined && named.values !== null) return { condition: `${value}::text NOT IN (${named.values})` }
  if (named !== undefined) return unaskable(from, to)
  if (TEXTS.includes(b.base) || b.base === 'bit varying') return tooLong(value, a.base, b)
  const isNumber = a.base in INTEGERS || a.base === 'numeric' || FLOATS.includes(a.base)
  if (isNumber) return ofNumber(value, a.base, b) ?? unaskable(from, to)
  if (TEXTS.includes(a.base) || nameParts(a.base).at(-1) === 'citext')
    return ofText(value, b.base, to, known) ?? unaskable(from, to)
  return ofTime(value, a.base, to) ?? unaskable(from, to)
}

const unaskable = (from: string, to: string): Misfit => ({
  unaskable: `there is no question that tells which values of type ${from} become other ones as ${to}`,
})

function tooLong(value: string, from: string, to: { base: string; modifiers: readonly number[] }): Misfit {
  const limit = to.modifiers[0] ?? (to.base === 'name' ? 63 : 1)
  const isBits = from === 'bit' || from === 'bit varying'
  const length = isBits ? `pg_catalog.length(${value})` : `pg_catalog.char_length(${value}::pg_catalog.text)`
  return { condition: `${length} > ${limit}` }
}

function ofNumber(value: string, from: string, to: { base: string; modifiers: readonly number[] }): Misfit | null {
  const number = `${value}::pg_catalog.numeric`
  // NaN is larger than everything else, and Infinity has no digits to round.
  const isNan = `${number} = 'NaN'::pg_catalog.numeric`
  const range = INTEGERS[to.base]
  if (range !== undefined) {
    const [low, high] = range
    return {
      condition: `(${isNan} OR ${number} NOT BETWEEN ${low} AND ${high} OR ${number} <> pg_catalog.trunc(${number}))`,
    }
  }
  if (to.base === 'numeric') {
    const [precision, scale = 0] = to.modifiers
    if (precision === undefined) return { fits: true }
    const rounded = `pg_catalog.round(${number}, ${scale})`
    const limit = `1${'0'.repeat(Math.max(0, precision - scale))}`
    return { condition: `(NOT ${isNan} AND (pg_catalog.abs(${rounded}) >= ${limit} OR ${number} <> ${rounded}))` }
  }
  const limit = to.base === 'real' ? '3e38' : '1e308'
  if (!FLOATS.includes(to.base)) return null
  const back = `${value}::${to.base === 'real' ? 'pg_catalog.float4' : 'pg_catalog.float8'}::pg_catalog.numeric`
  const isUnder = `${number} <> 0 AND pg_catalog.abs(${number}) < ${to.base === 'real' ? '1e-37' : '1e-307'}`
  const exact = FLOATS.includes(from)
    ? `${value}::pg_catalog.float4::pg_catalog.float8 <> ${value}`
    : `${back} <> ${number}`
  return {
    condition: `CASE WHEN ${isNan} THEN false WHEN pg_catalog.abs(${number}) >= ${limit} THEN true WHEN ${isUnder} THEN true ELSE ${exact} END`,
  }
}

/** Forms that every server reads as the type, for those that cannot be asked whether they could (before 16). */
const FORMS: Readonly<Record<string, string>> = {
  uuid: '^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$',
  boolean: '^([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]|[Tt]|[Ff]|[Yy][Ee][Ss]|[Nn][Oo]|[01])$',
  'double precision': '^[-+]?[0-9]{1,200}([.][0-9]{1,200})?$',
}
const WHOLE = '^[-+]?[0-9]{1,30}$'
const DECIMAL = '^[-+]?[0-9]{1,1000}([.][0-9]{1,1000})?$'

function ofText(value: string, base: string, to: string, { major }: Known): Misfit | null {
  const text = `${value}::pg_catalog.text`
  if (base === 'numeric') return decimal(text, to)
  if (major >= 16) return { condition: `NOT pg_catalog.pg_input_is_valid(${text}, ${quotedText(to)})` }
  const range = INTEGERS[base]
  if (range !== undefined) {
    const number = `${text}::pg_catalog.numeric`
    return {
      condition: `${value} IS NOT NULL AND CASE WHEN ${text} ~ '${WHOLE}' THEN ${number} NOT BETWEEN ${range[0]} AND ${range[1]} ELSE true END`,
    }
  }
  const form = FORMS[base]
  return form === undefined ? null : { condition: `${text} !~ '${form}'` }
}

/** A text that is a number may still be rounded. */
function decimal(text: string, to: string): Misfit {
  const fit = ofNumber(text, 'numeric', typeText(to))
  const inner = fit !== null && 'condition' in fit ? fit.condition : 'false'
  return { condition: `${text} IS NOT NULL AND CASE WHEN ${text} ~ '${DECIMAL}' THEN ${inner} ELSE true END` }
}

const TIMES: ReadonlySet<string> = new Set([
  'timestamp without time zone',
  'timestamp with time zone',
  'time without time zone',
  'time with time zone',
  'interval',
])

/** Casts between times that never fail, and back: what comes back as another value has lost something. */
function ofTime(value: string, from: string, to: string): Misfit | null {
  const target = typeText(to).base
  if (from === target && TIMES.has(from)) return { condition: `${value}::${to} <> ${value}` }
  if (from === 'timestamp without time zone' && target === 'date') {
    return { condition: `${value}::pg_catalog.date::${from} <> ${value}` }
  }
  return null
}
