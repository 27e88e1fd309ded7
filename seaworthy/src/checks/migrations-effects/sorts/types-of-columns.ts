import { isFreeChange, isLossyChange } from '../../migrations-contract/types.ts'

/** `format_type` says the standard's words, the static rules the server's short ones. */
const SHORT: Readonly<Record<string, string>> = {
  integer: 'int4',
  bigint: 'int8',
  smallint: 'int2',
  boolean: 'bool',
  real: 'float4',
  'double precision': 'float8',
  'character varying': 'varchar',
  character: 'bpchar',
  'bit varying': 'varbit',
  'timestamp with time zone': 'timestamptz',
  'timestamp without time zone': 'timestamp',
  'time with time zone': 'timetz',
  'time without time zone': 'time',
}
const SERIAL: Readonly<Record<string, string>> = {
  serial: 'int4',
  serial4: 'int4',
  bigserial: 'int8',
  serial8: 'int8',
  smallserial: 'int2',
  serial2: 'int2',
}

/** `timestamp(3) with time zone` → `timestamptz(3)`, `character varying(20)[]` → `varchar(20)[]`. */
export function shortType(type: string): string {
  const isArray = type.endsWith('[]')
  const single = isArray ? type.slice(0, -2) : type
  const open = single.indexOf('(')
  const close = single.indexOf(')')
  const name = open === -1 ? single : `${single.slice(0, open)}${single.slice(close + 1)}`
  const args = open === -1 ? '' : single.slice(open, close + 1)
  return `${SERIAL[name] ?? SHORT[name] ?? name}${args}${isArray ? '[]' : ''}`
}

const base = (type: string): string => (type.includes('(') ? type.slice(0, type.indexOf('(')) : type)
const args = (type: string): number[] =>
  type.includes('(')
    ? type
        .slice(type.indexOf('(') + 1, -1)
        .split(',')
        .map(Number)
    : []

const WIDTH: Readonly<Record<string, number>> = { int2: 1, int4: 2, int8: 3, float4: 1, float8: 2 }
const isInteger = (name: string): boolean => name.startsWith('int')
const TEXTS = new Set(['varchar', 'text', 'bpchar'])

/** What a change of a column's type does to values and to those who write them. */
export function judgeType(fromText: string, toText: string): 'wider' | 'loses' | 'narrower' | 'other' {
  const [from, to] = [shortType(fromText), shortType(toText)]
  if (from === to) return 'wider'
  if (isLossyChange(from, to)) return 'loses'
  if (isFreeChange(from, to)) return 'wider'
  const [a, b] = [base(from), base(to)]
  if (TEXTS.has(a) && TEXTS.has(b)) {
    const [was, is] = [args(from)[0], args(to)[0]]
    if (b === 'bpchar' && a !== 'bpchar') return 'narrower'
    return is === undefined || (was !== undefined && is >= was) ? 'wider' : 'narrower'
  }
  const [before, after] = [WIDTH[a], WIDTH[b]]
  if (before !== undefined && after !== undefined && isInteger(a) === isInteger(b)) {
    return after > before ? 'wider' : 'narrower'
  }
  if (isInteger(a) && b === 'numeric' && args(to).length === 0) return 'wider'
  if (a === 'numeric' && b === 'numeric') return isWiderNumeric(args(from), args(to)) ? 'wider' : 'narrower'
  if (a === b) return 'narrower'
  return 'other'
}

function isWiderNumeric(from: readonly number[], to: readonly number[]): boolean {
  const [precision = 0, scale = 0] = from
  const [newPrecision = 0, newScale = 0] = to
  return from.length > 0 && newScale >= scale && newPrecision - newScale >= precision - scale
}
