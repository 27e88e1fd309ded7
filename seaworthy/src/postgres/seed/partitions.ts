import { parseSql } from '../../sql/parse.ts'
import { as, type Node } from '../../sql/tree.ts'
import { dayAfter } from './candidates.ts'
import type { SeedPartition } from './schema.ts'

/** Values of key columns, by name, with which a row falls into a partition. */
export type Assignment = ReadonlyMap<string, string>

/** How many values within the range of one partition are tried. */
const WITHIN = 6
const MOST = 60

/**
 * Values that fall into the partitions of a table: of each list, the beginning of each range and what comes after it.
 * Hash and default partitions ask for nothing; `isOpen` says whether one of them takes any value.
 */
export function assignmentsOf(
  root: number,
  all: readonly SeedPartition[],
): { readonly assignments: readonly Assignment[]; readonly isOpen: boolean } {
  const children = Map.groupBy(
    all.filter((one) => one.root === root && one.parent !== null),
    (one) => one.parent ?? 0,
  )
  const keys = new Map(all.filter((one) => one.root === root).map((one) => [one.oid, one.key]))
  let isOpen = false
  const below = (oid: number, depth: number): Assignment[] => {
    const own = children.get(oid)
    if (own === undefined || depth > 8) return [new Map()]
    return own.flatMap((child) => {
      const values = valuesOfBound(child.bound ?? '', keys.get(oid) ?? [])
      if (values === null) isOpen = true
      const inner = below(child.oid, depth + 1)
      return (values ?? [new Map<string, string>()]).flatMap((value) =>
        inner.map((rest) => new Map([...value, ...rest])),
      )
    })
  }
  const assignments = below(root, 0).filter((assignment) => assignment.size > 0)
  return { assignments: assignments.slice(0, MOST), isOpen }
}

/** Null where the bound takes anything: DEFAULT, or a remainder. */
function valuesOfBound(bound: string, key: readonly (string | null)[]): Assignment[] | null {
  const parsed = parseSql(`CREATE TABLE p PARTITION OF t ${bound}`)
  const spec = parsed.ok ? as(parsed.statements[0]?.node, 'CreateStmt')?.partbound : undefined
  if (spec === undefined || spec.is_default === true) return null
  const [column] = key
  if (spec.strategy === 'l') {
    if (column === undefined || column === null) return []
    const values = (spec.listdatums ?? []).map(textOf).filter((text) => text !== null)
    return values.map((value) => new Map([[column, value]]))
  }
  return spec.strategy === 'r' ? inRange(key, spec.lowerdatums ?? [], spec.upperdatums ?? []) : null
}

function inRange(key: readonly (string | null)[], lower: readonly Node[], upper: readonly Node[]): Assignment[] {
  if (key.includes(null)) return []
  const starts = key.map((_, index) => textOf(lower[index]) ?? before(textOf(upper[index])))
  const [first] = key
  const start = starts[0]
  if (first === undefined || first === null || start === undefined || start === null) return []
  const rest: [string, string][] = []
  for (const [index, name] of key.entries()) {
    const value = starts[index]
    // Beyond a border without a value any value will do, and other rules choose it.
    if (index > 0 && name !== null && value !== undefined && value !== null) rest.push([name, value])
  }
  // With several columns the first one's beginning is only in the range together with the others' beginnings.
  const firsts = key.length === 1 ? within(start, textOf(upper[0])) : [start]
  return firsts.map((value) => new Map([[first, value], ...rest]))
}

function within(start: string, end: string | null): string[] {
  if (/^-?\d{1,15}$/.test(start)) {
    const numbers = Array.from({ length: WITHIN }, (_, index) => Number(start) + index)
    return numbers.filter((number) => end === null || number < Number(end)).map(String)
  }
  if (!/^\d{4}-\d\d-\d\d/.test(start)) return [start]
  const days = Array.from({ length: WITHIN }, (_, index) => dayAfter(start.slice(0, 10), index * 5) + start.slice(10))
  return days.filter((day) => end === null || day < end)
}

function before(text: string | null): string | null {
  if (text === null) return null
  if (/^-?\d{1,15}$/.test(text)) return String(Number(text) - 1)
  return /^\d{4}-\d\d-\d\d/.test(text) ? dayAfter(text.slice(0, 10), -1) + text.slice(10) : null
}

/** The constant of a bound; null for MINVALUE, MAXVALUE and NULL. */
function textOf(node: Node | undefined): string | null {
  const constant = as(node, 'A_Const')
  if (constant === undefined) return null
  if (constant.sval !== undefined) return constant.sval.sval ?? ''
  if (constant.ival !== undefined) return String(constant.ival.ival ?? 0)
  if (constant.boolval !== undefined) return String(constant.boolval.boolval ?? false)
  return constant.fval?.fval ?? null
}
