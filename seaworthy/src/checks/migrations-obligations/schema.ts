import type { CatalogueEntry } from '../../observers/effects/kind.ts'
import { nameParts } from '../../sql/identifier.ts'

export interface Column {
  /** Unquoted. */
  readonly name: string
  /** As format_type writes it. */
  readonly type: string
  /** Also that it holds for every row: one that is NOT VALID does not count. */
  readonly isNotNull: boolean
  readonly default: string | null
  /** The expression of a generated column. */
  readonly generated: string | null
}

export interface Table {
  /** As the catalogue lists it: `public.users`. */
  readonly name: string
  readonly columns: ReadonlyMap<string, Column>
  /** `LIST (kind)` of a partitioned table. */
  readonly partitionKey: string | null
  readonly partition: { readonly parent: string; readonly bound: string } | null
}

/** A constraint or an index: what it stands on, and the server's text of it. */
export interface Rule {
  /** `constraint users_pkey on public.users`. */
  readonly object: string
  readonly name: string
  /** `table public.users` or `domain public.email`. */
  readonly of: string
  readonly definition: string
  /** False for an index that no query may use, and a constraint that is NOT VALID or NOT ENFORCED. */
  readonly isValid: boolean
}

export interface NamedType {
  readonly name: string
  readonly isDomain: boolean
  readonly base: string | null
  readonly isNotNull: boolean
  /** The values of an enum as literals, in the server's own text. */
  readonly values: string | null
}

/** A catalogue by what the questions are about. */
export interface Schema {
  readonly tables: ReadonlyMap<string, Table>
  readonly constraints: ReadonlyMap<string, Rule>
  readonly indexes: ReadonlyMap<string, Rule>
  readonly types: ReadonlyMap<string, NamedType>
  /** Whole objects by name, for what is only asked to be there or the same. */
  readonly definitions: ReadonlyMap<string, string>
}

/** The facets of a definition: lines, of which one that begins with a tab goes on with the one above. */
const facetsOf = (definition: string): string[] =>
  definition.includes('\n\t') ? definition.replaceAll('\n\t', '\r').split('\n').map(unfold) : definition.split('\n')
const unfold = (facet: string): string => facet.replaceAll('\r', '\n')

const after = (facets: readonly string[], head: string): string | null =>
  facets.find((facet) => facet.startsWith(head))?.slice(head.length) ?? null

/** What is read beyond its text. */
const SORTS: ReadonlySet<string> = new Set(['table', 'column', 'constraint', 'index', 'type', 'domain'])

/** A drill judges one catalogue again and again: the very same one is read once. Nobody writes into a schema. */
const READ = new WeakMap<readonly CatalogueEntry[], Schema>()

/** Reads catalogue entries into tables with their columns, constraints, indexes and types. */
export function schemaOf(entries: readonly CatalogueEntry[]): Schema {
  const known = READ.get(entries)
  if (known !== undefined) return known
  const schema = readSchema(entries)
  READ.set(entries, schema)
  return schema
}

function readSchema(entries: readonly CatalogueEntry[]): Schema {
  const columns = new Map<string, Map<string, Column>>()
  const tables = new Map<string, Table>()
  const constraints = new Map<string, Rule>()
  const indexes = new Map<string, Rule>()
  const types = new Map<string, NamedType>()
  for (const entry of entries) {
    const [sort = ''] = entry.object.split(' ', 1)
    const name = entry.object.slice(sort.length + 1)
    if (!SORTS.has(sort)) continue
    const facets = facetsOf(entry.definition)
    if (sort === 'table') tables.set(name, tableOf(name, facets, columnsIn(columns, name)))
    if (sort === 'column') addColumn(columns, name, facets)
    if (sort === 'constraint') constraints.set(entry.object, constraintOf(entry.object, facets))
    if (sort === 'index') addIndex(indexes, entry.object, facets)
    if (sort === 'type' || sort === 'domain') types.set(name, typeOf(name, sort === 'domain', facets))
  }
  const definitions = new Map(entries.map((entry) => [entry.object, entry.definition]))
  return { tables, constraints, indexes, types, definitions }
}

function columnsIn(columns: Map<string, Map<string, Column>>, table: string): Map<string, Column> {
  const found = columns.get(table) ?? new Map<string, Column>()
  columns.set(table, found)
  return found
}

function tableOf(name: string, facets: readonly string[], columns: ReadonlyMap<string, Column>): Table {
  const partition = after(facets, 'partition of ')
  const space = partition === null ? -1 : endOfName(partition)
  return {
    name,
    columns,
    partitionKey: after(facets, 'partitioned by '),
    partition: partition === null ? null : { parent: partition.slice(0, space), bound: partition.slice(space + 1) },
  }
}

/** Where a dotted name ends that may have spaces inside of its quotes. */
function endOfName(text: string): number {
  let isQuoted = false
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '"') isQuoted = !isQuoted
    else if (text[at] === ' ' && !isQuoted) return at
  }
  return text.length
}

function addColumn(columns: Map<string, Map<string, Column>>, name: string, facets: readonly string[]): void {
  const table = after(facets, 'of table ')
  if (table === null) return
  const [column = ''] = nameParts(name.slice(table.length + 1))
  columnsIn(columns, table).set(column, {
    name: column,
    type: after(facets, 'type ') ?? '',
    isNotNull: facets.includes('not null') && !facets.includes('not null not valid'),
    default: after(facets, 'default '),
    generated: after(facets, 'generated stored ') ?? after(facets, 'generated virtual '),
  })
}

function constraintOf(object: string, [of = '', definition = '']: readonly string[]): Rule {
  const [name = ''] = nameParts(object.slice('constraint '.length, 'constraint '.length + nameLength(object)))
  const isValid = !definition.endsWith(' NOT VALID') && !definition.endsWith(' NOT ENFORCED')
  return { object, name, of: of.replace('of ', ''), definition, isValid }
}

const nameLength = (object: string): number => endOfName(object.slice('constraint '.length))

/** Of an index behind a constraint the constraint says everything. */
function addIndex(indexes: Map<string, Rule>, object: string, facets: readonly string[]): void {
  const of = after(facets, 'of ') ?? ''
  const definition = facets.find((facet) => facet.startsWith('CREATE '))
  if (definition === undefined) return
  const name = nameParts(object.slice('index '.length)).at(-1) ?? ''
  indexes.set(object, { object, name, of, definition, isValid: !facets.includes('invalid') })
}

const typeOf = (name: string, isDomain: boolean, facets: readonly string[]): NamedType => ({
  name,
  isDomain,
  base: after(facets, 'base '),
  isNotNull: facets.includes('not null'),
  values: after(facets, 'enum '),
})
