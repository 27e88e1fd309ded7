import { numberFrom } from './chance.ts'
import { type Candidates, bytesOf, constantsOf } from './candidates.ts'
import { assignmentsOf } from './partitions.ts'
import type { Pool, PoolColumn } from './pool.ts'
import type { ForeignKey, SeedColumn, SeedSchema, SeedTable } from './schema.ts'

/** Values of some columns, in their order. */
export type Option = readonly (string | null)[]

/** Columns whose values are chosen together: one column, the columns of a foreign key, or of a partition key. */
export interface Variable {
  readonly columns: readonly number[]
  /** Never NULL, unless as a part of a foreign key. */
  readonly options: readonly Option[]
  /** Whether each row should have another one. */
  readonly isDistinct: boolean
  /** Whether it refers to rows of another table. */
  readonly isReference: boolean
  readonly mayBeNull: boolean
}

/** What decides about the values of one table. */
export interface Surroundings {
  readonly schema: SeedSchema
  readonly pool: Pool
  readonly seed: number
  /** Where integers of a key column begin. */
  readonly baseOf: (table: SeedTable, column: number) => number
  /** Keys that rows of that table have, or will have; values in the order of the columns. */
  readonly keysOf: (key: ForeignKey) => readonly Option[]
  readonly rows: number
  /** What is read in a CHECK constraint. */
  readonly candidatesOf: (check: string) => Candidates
  /** What the server said to questions about checks: many tables have the same ones, and every question is a journey. */
  readonly answers: Map<string, readonly number[]>
}

const MOST_OPTIONS = 40

/** Every column that is given a value is in exactly one of them. */
export function variablesOf(table: SeedTable, around: Surroundings): Variable[] {
  const distinct = new Set(table.uniques.flat())
  const groups = [...partitionGroup(table, around), ...keyGroups(table, around)].reduce<Group[]>(merge, [])
  const grouped = new Set(groups.flatMap((group) => group.columns))
  const single = givenColumns(table).filter((column) => !grouped.has(column.number))
  const isNullable = (number: number): boolean => {
    const column = table.columns.find((one) => one.number === number)
    return column !== undefined && canBeNull(column, around.schema)
  }
  return [
    ...groups.map((group) => ({
      ...group,
      isDistinct: table.uniques.some(
        (unique) =>
          unique.some((column) => group.columns.includes(column)) && unique.every((column) => grouped.has(column)),
      ),
      isReference: true,
      mayBeNull: group.columns.every(isNullable),
    })),
    ...single.map((column) => ({
      columns: [column.number],
      options: optionsOf(table, column, distinct.has(column.number), around),
      isDistinct: distinct.has(column.number),
      isReference: false,
      mayBeNull: isNullable(column.number),
    })),
  ]
}

/** Generated columns are given none. */
export const givenColumns = (table: SeedTable): readonly SeedColumn[] =>
  table.columns.filter((column) => !column.isGenerated)

export function canBeNull(column: SeedColumn, { types }: SeedSchema): boolean {
  for (let type = types.get(column.type); type !== undefined;) {
    if (type.isNotNull) return false
    type = type.base === null ? undefined : types.get(type.base)
  }
  return !column.isNotNull
}

export function poolColumn(table: SeedTable, column: SeedColumn, around: Surroundings): PoolColumn {
  const salt = `${around.seed} ${table.sql}.${column.name}`
  return { name: column.name, salt, base: around.baseOf(table, column.number) }
}

function optionsOf(table: SeedTable, column: SeedColumn, isDistinct: boolean, around: Surroundings): Option[] {
  const { pool, rows } = around
  const about = poolColumn(table, column, around)
  const typeName = pool.baseOf(column.type, column.typmod).type?.name ?? ''
  const named = constantsAbout(table, column, around)
    .map((text) => (typeName === 'bytea' ? bytesOf(text) : text))
    .filter((text) => isPlausible(pool, column, text))
  const distinct = isDistinct
    ? Array.from({ length: rows }, (_, index) => pool.distinctOf(column.type, column.typmod, about, index + 1))
    : []
  const usual = pool.valuesOf(column.type, column.typmod, about)
  const all = isDistinct
    ? // A small integer would meet the explicit key of a later migration.
      [...distinct, ...named, ...(NUMBERS.has(typeName) ? [] : usual)]
    : [...named, ...turned(usual, about.salt)]
  return [...new Set(all)].filter((value) => value !== null).map((value) => [value])
}

/** The same values, beginning with another one for each column, so that columns do not go in step. */
const turned = (values: readonly string[], salt: string): readonly string[] => {
  const start = values.length === 0 ? 0 : numberFrom(salt) % values.length
  return [...values.slice(start), ...values.slice(0, start)]
}

function constantsAbout(table: SeedTable, column: SeedColumn, { candidatesOf }: Surroundings): string[] {
  const named = table.checks.flatMap((check) => candidatesOf(check).byColumn.get(column.name) ?? [])
  return [...new Set([...named, ...(column.defaultSql === null ? [] : constantsOf(column.defaultSql))])]
}

const NUMBERS: ReadonlySet<string> = new Set(['int2', 'int4', 'int8', 'numeric', 'float4', 'float8'])

/** Constants of a constraint may be about something else than the value itself; what a type would refuse is left out. */
const LOOKS: Readonly<Record<string, RegExp>> = {
  int2: /^-?\d{1,4}$/,
  int4: /^-?\d{1,9}$/,
  int8: /^-?\d{1,18}$/,
  numeric: /^-?\d+(\.\d+)?$/,
  float4: /^-?\d+(\.\d+)?$/,
  float8: /^-?\d+(\.\d+)?$/,
  bytea: /^\\x/,
  bool: /^(true|false|t|f)$/,
  date: /^\d{4}-\d\d-\d\d/,
  timestamp: /^\d{4}-\d\d-\d\d/,
  timestamptz: /^\d{4}-\d\d-\d\d/,
  json: /^(\{.*\}|\[.*\]|".*"|true|null|-?\d+)$/s,
  jsonb: /^(\{.*\}|\[.*\]|".*"|true|null|-?\d+)$/s,
}

function isPlausible(pool: Pool, column: SeedColumn, text: string): boolean {
  const { type, typmod } = pool.baseOf(column.type, column.typmod)
  if (type === null) return false
  if (type.labels !== null) return type.labels.includes(text)
  if (type.element !== null) return /^\{.*\}$/s.test(text)
  if (type.name === 'varchar' || type.name === 'bpchar') return typmod < 4 || Array.from(text).length <= typmod - 4
  if (type.name === 'text' || type.name === 'citext') return true
  return LOOKS[type.name]?.test(text) ?? false
}

interface Group {
  readonly columns: readonly number[]
  readonly options: readonly Option[]
}

function partitionGroup(table: SeedTable, around: Surroundings): Group[] {
  if (!table.isPartitioned) return []
  const { assignments, isOpen } = assignmentsOf(table.oid, around.schema.partitions)
  const names = [...new Set(assignments.flatMap((assignment) => [...assignment.keys()]))]
  const columns = names
    .map((name) => table.columns.find((column) => column.name === name))
    .filter((column) => column !== undefined)
  if (columns.length === 0) return []
  const full = assignments.filter((assignment) => names.every((name) => assignment.has(name)))
  const options = full.map((assignment) => names.map((name) => assignment.get(name) ?? null))
  // A default partition, or one of a remainder, takes others as well.
  const free = isOpen ? columns.map((column) => optionsOf(table, column, true, around)) : []
  const others = Array.from({ length: isOpen ? around.rows : 0 }, (_, index) =>
    free.map((values) => values[index % values.length]?.[0] ?? null),
  )
  return [{ columns: columns.map((column) => column.number), options: [...options, ...others] }]
}

/** A table that refers to itself does so once its rows are put together. */
const keyGroups = (table: SeedTable, around: Surroundings): Group[] =>
  table.foreignKeys
    .filter((key) => key.parent !== table.oid)
    .map((key) => ({ columns: key.columns, options: around.keysOf(key) }))

/** Groups that share columns become one, of the options that agree on those. */
function merge(groups: Group[], next: Group): Group[] {
  const overlapping = groups.filter((group) => group.columns.some((column) => next.columns.includes(column)))
  const joined = overlapping.reduce<Group>(join, next)
  return [...groups.filter((group) => !overlapping.includes(group)), joined]
}

function join(left: Group, right: Group): Group {
  const added = right.columns.filter((column) => !left.columns.includes(column))
  const shared = right.columns.filter((column) => left.columns.includes(column))
  const valueOf = (group: Group, option: Option, column: number): string | null =>
    option[group.columns.indexOf(column)] ?? null
  const options: Option[] = []
  for (const one of left.options) {
    const fits = right.options.filter((other) =>
      shared.every((column) => valueOf(left, one, column) === valueOf(right, other, column)),
    )
    // A few each, so that every option of the left side has its turn.
    for (const other of fits.slice(0, 3))
      options.push([...one, ...added.map((column) => valueOf(right, other, column))])
    if (options.length >= MOST_OPTIONS) break
  }
  return { columns: [...left.columns, ...added], options }
}
