/** A type as `typeText` spells it, taken apart: `numeric(10,2)` → `numeric`, [10, 2]. */
export interface TypeParts {
  readonly name: string
  readonly args: readonly number[]
  readonly isArray: boolean
}

/** Takes a type as `typeText` spells it apart. */
export function partsOfType(text: string): TypeParts {
  const isArray = text.endsWith('[]')
  const plain = isArray ? text.slice(0, -2) : text
  const open = plain.indexOf('(')
  if (open === -1) return { name: plain, args: [], isArray }
  const args = plain
    .slice(open + 1, -1)
    .split(',')
    .map(Number)
  return { name: plain.slice(0, open), args, isArray }
}

const TIMES = new Set(['timestamp', 'timestamptz', 'time', 'timetz', 'interval'])
/** The largest precision that these types have, and the one they have if none is written. */
const MAX_TIME_PRECISION = 6

/** No written length means no limit. */
const isAtLeast = (to: number | undefined, from: number | undefined): boolean =>
  to === undefined || (from !== undefined && to >= from)

/**
 * Whether PostgreSQL changes the type without reading a row: it only changes the catalogue. Source: the planner
 * support functions of varchar, numeric, varbit and the time types, and binary-coercible casts.
 */
export function isFreeChange(fromText: string, toText: string): boolean {
  if (fromText === toText) return true
  const from = partsOfType(fromText)
  const to = partsOfType(toText)
  if (from.isArray || to.isArray) return false
  if (from.name === 'varchar' && to.name === 'text') return true
  if (from.name === 'text' && to.name === 'varchar') return to.args.length === 0
  if (from.name === 'cidr' && to.name === 'inet') return true
  if (from.name !== to.name) return false
  if (to.name === 'varchar' || to.name === 'varbit') return isAtLeast(to.args[0], from.args[0])
  if (to.name === 'numeric') {
    if (to.args.length === 0) return true
    return isAtLeast(to.args[0], from.args[0]) && (to.args[1] ?? 0) === (from.args[1] ?? 0)
  }
  if (TIMES.has(to.name)) return (to.args[0] ?? MAX_TIME_PRECISION) >= (from.args[0] ?? MAX_TIME_PRECISION)
  return false
}

const INTEGERS = new Set(['int2', 'int4', 'int8'])
const FLOATS = new Set(['float4', 'float8'])

/** Whether the change rounds or cuts values without an error: what was there cannot be had back. */
export function isLossyChange(fromText: string, toText: string): boolean {
  const from = partsOfType(fromText)
  const to = partsOfType(toText)
  if (from.isArray !== to.isArray) return false
  if (TIMES.has(from.name) && from.name === to.name) {
    return (to.args[0] ?? MAX_TIME_PRECISION) < (from.args[0] ?? MAX_TIME_PRECISION)
  }
  if (from.name.startsWith('timestamp')) return ['date', 'time', 'timetz'].includes(to.name)
  const isFraction = from.name === 'numeric' || FLOATS.has(from.name)
  if (isFraction && INTEGERS.has(to.name)) return from.args.length !== 1
  if (from.name === 'float8' && to.name === 'float4') return true
  if (from.name === 'numeric' && FLOATS.has(to.name)) return true
  if (from.name !== 'numeric' || to.name !== 'numeric' || to.args.length === 0) return false
  return from.args.length === 0 || (to.args[1] ?? 0) < (from.args[1] ?? 0)
}
