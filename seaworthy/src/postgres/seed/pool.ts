import type { SeedType } from './schema.ts'
import { distinctScalar, scalarsOf, uuidFrom } from './scalars.ts'

/** The column that values are for: its name hints at what it holds, its salt makes what is drawn for it its own. */
export interface PoolColumn {
  readonly name: string
  readonly salt: string
  /** Where integers begin that must not meet others. */
  readonly base: number
}

const DEEPEST = 5

/** Values for every type of a schema, as the text that the type's input takes. */
export class Pool {
  readonly #types: ReadonlyMap<number, SeedType>
  /** Values that were tried on the server: of domains with checks, and of types that were guessed at. By oid and modifier. */
  readonly #proven: ReadonlyMap<string, readonly string[]>

  constructor(types: ReadonlyMap<number, SeedType>, proven: ReadonlyMap<string, readonly string[]>) {
    this.#types = types
    this.#proven = proven
  }

  /** What a domain is made of, in the end; any other type itself. */
  baseOf(oid: number, typmod: number): { readonly type: SeedType | null; readonly typmod: number } {
    let [type, modifier] = [this.#types.get(oid), typmod]
    for (let depth = 0; type !== undefined && type.base !== null && depth < DEEPEST; depth += 1) {
      modifier = type.typmod
      type = this.#types.get(type.base)
    }
    return { type: type ?? null, typmod: modifier }
  }

  /** Different values of a type, never NULL; empty where none is known. */
  valuesOf(oid: number, typmod: number, column: PoolColumn, depth = 0): readonly string[] {
    const type = this.#types.get(oid)
    if (type === undefined || depth > DEEPEST) return []
    const proven = this.#proven.get(provenKey(oid, typmod)) ?? this.#proven.get(provenKey(oid, -1))
    if (proven !== undefined) return proven
    const inner = (part: number, modifier: number): readonly string[] =>
      this.valuesOf(part, modifier, column, depth + 1)
    if (type.labels !== null) return type.labels
    if (type.base !== null) return inner(type.base, type.typmod)
    if (type.element !== null) return arrays(inner(type.element, typmod))
    if (type.fields !== null) return composites(type.fields.map((field) => inner(field.type, field.typmod)))
    if (type.kind === 'r' && type.subtype !== null) return ranges(type, inner(type.subtype, -1))
    if (type.kind === 'm' && type.subtype !== null) return multiranges(ranges(type, inner(type.subtype, -1)))
    if (type.name === 'uuid') return Array.from({ length: 9 }, (_, index) => uuidFrom(column.salt, index))
    return scalarsOf(type, typmod, column.name).values
  }

  /** A value that no other row has; where the type has too few, those of `valuesOf` by turns. */
  distinctOf(oid: number, typmod: number, column: PoolColumn, index: number): string | null {
    const base = this.baseOf(oid, typmod)
    const isProven = this.#proven.has(provenKey(oid, typmod)) || this.#proven.has(provenKey(oid, -1))
    const values = (): string | null => {
      const all = this.valuesOf(oid, typmod, column)
      return all[index % all.length] ?? null
    }
    if (base.type === null || isProven) return values()
    if (base.type.element !== null) {
      const element = this.distinctOf(base.type.element, base.typmod, column, index)
      return element === null ? null : arrayOf([element])
    }
    if (base.type.kind === 'r') return rangeApart(base.type.name, index) ?? values()
    if (base.type.fields !== null) {
      return compositeOf(base.type.fields.map((field) => this.distinctOf(field.type, field.typmod, column, index)))
    }
    return distinctScalar(base.type, base.typmod, column, index) ?? values()
  }
}

export const provenKey = (oid: number, typmod: number): string => `${oid} ${typmod}`

const quoted = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`

const arrayOf = (elements: readonly (string | null)[]): string =>
  `{${elements.map((element) => (element === null ? 'NULL' : quoted(element))).join(',')}}`

function arrays(elements: readonly string[]): string[] {
  const [first, second] = elements
  if (first === undefined) return ['{}']
  return ['{}', arrayOf([first]), arrayOf(elements.slice(0, 3)), arrayOf([second ?? first, first])]
}

const compositeOf = (fields: readonly (string | null)[]): string =>
  `(${fields.map((field) => (field === null ? '' : quoted(field))).join(',')})`

function composites(fields: readonly (readonly string[])[]): string[] {
  const rows = [0, 1, 2].map((row) => compositeOf(fields.map((values) => values[row % values.length] ?? null)))
  return [...new Set(rows)]
}

/** Ranges that are in order whatever their subtype: of one value, open on a side, empty. */
function ranges(type: SeedType, values: readonly string[]): string[] {
  const apart = [0, 1, 2].map((index) => rangeApart(type.name, index)).filter((range) => range !== null)
  const [value] = values
  const plain = value === undefined ? [] : [`[${quoted(value)},${quoted(value)}]`, `[${quoted(value)},)`]
  return [...apart, ...plain, 'empty']
}

/** Ranges that do not overlap. */
function rangeApart(name: string, index: number): string | null {
  if (name === 'int4range' || name === 'int8range' || name === 'numrange') {
    return `[${1_000 + index * 100},${1_050 + index * 100})`
  }
  const [from, to] = [`${2001 + index * 3}-01-01`, `${2002 + index * 3}-06-01`]
  if (name === 'daterange' || name === 'tsrange') return `[${from},${to})`
  return name === 'tstzrange' ? `["${from} 00:00:00+00","${to} 00:00:00+00")` : null
}

const multiranges = (all: readonly string[]): string[] => [
  '{}',
  ...all.filter((range) => range !== 'empty').map((range) => `{${range}}`),
]
