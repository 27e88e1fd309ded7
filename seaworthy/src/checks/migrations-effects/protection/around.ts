import { type Node, rangeParts, walk } from '../../../sql/tree.ts'
import { error, type Harm, type Harms } from '../harm.ts'
import { statementOf } from '../place.ts'
import type { Scene } from '../scene.ts'
import { nodeOf } from '../sorts/constraint-text.ts'
import { hasFacet, plain, type Thing, valueOf } from '../thing.ts'

type Catalogue = ReadonlyMap<string, Thing>

/** A way to rows of a protected table past its policies. */
interface Way {
  readonly view: Thing
  readonly table: string
  readonly reader: string
  /** What the catalogue has about the reader's right. */
  readonly grant: Thing
}

/**
 * A view reads with its owner's rights: whoever may read it sees what row security would keep from them. Judged is what
 * the release opens, by a new view, another query, other options, or a grant.
 */
export function judgeAround(scene: Scene): Harms {
  const open = new Set(waysIn(scene.before).map(keyOf))
  const told = new Set<string>()
  return waysIn(scene.after).flatMap((way): readonly Harm[] => {
    const key = `${way.view.object} ${way.table}`
    if (open.has(keyOf(way)) || told.has(key)) return []
    told.add(key)
    const isNew = scene.added.includes(way.view) || scene.added.some((one) => one.object === way.view.object)
    const name = plain(way.view.name)
    return error(
      'security/view-around-row-security',
      `${way.view.sort} ${name}`,
      `shows ${way.reader} rows of ${way.table} through ${way.view.object}, whatever the policies of the table say`,
      {
        by: statementOf(isNew ? way.view : way.grant, isNew ? 'created' : 'altered', scene),
        proof: `${way.table} has row security; ${way.reader} may read ${way.view.object}, which reads with the rights of ${valueOf(way.view, 'owner ') ?? 'its owner'}`,
        hint:
          way.view.sort === 'view'
            ? `CREATE VIEW ${way.view.name} WITH (security_invoker = true) AS …; from PostgreSQL 15 on.`
            : `REVOKE SELECT ON ${way.view.name} FROM ${way.reader};`,
      },
    )
  })
}

const keyOf = ({ view, table, reader }: Way): string => JSON.stringify([view.object, table, reader])

function waysIn(catalogue: Catalogue): Way[] {
  const guarded = new Set(
    [...catalogue.values()].filter((one) => hasFacet(one, 'row security enabled')).map((one) => one.object),
  )
  if (guarded.size === 0) return []
  const readers = readersIn(catalogue)
  return [...catalogue.values()].flatMap((view) => {
    if (!isOwnersView(view)) return []
    const grants = readers.get(view.object) ?? []
    if (grants.length === 0) return []
    const tables = [...readBy(view, catalogue)].filter((table) => guarded.has(table))
    return tables.flatMap((table) => grants.map(({ reader, grant }) => ({ view, table, reader, grant })))
  })
}

/** Read with its owner's rights: any view but a security_invoker one; a materialised one holds what its owner saw. */
const isOwnersView = (thing: Thing): boolean =>
  thing.sort === 'materialized view' ||
  (thing.sort === 'view' && !/\bsecurity_invoker=(?:true|on|yes|1)\b/i.test(valueOf(thing, 'options ') ?? ''))

/** Who else than the owner may read each relation, or a column of it. */
export function readersIn(catalogue: Catalogue): ReadonlyMap<string, { reader: string; grant: Thing }[]> {
  const found = new Map<string, { reader: string; grant: Thing }[]>()
  for (const grant of catalogue.values()) {
    if (grant.sort !== 'privileges' || grant.parent === null) continue
    const rights = (valueOf(grant, 'granted ') ?? '').split(', ')
    if (!rights.some((one) => one === 'SELECT' || one.startsWith('SELECT '))) continue
    const held = catalogue.get(grant.parent)
    const relation = held?.sort === 'column' ? catalogue.get(held.parent ?? '') : held
    const reader = grant.name.slice(grant.name.lastIndexOf(' for ') + ' for '.length)
    if (relation === undefined || valueOf(relation, 'owner ') === reader) continue
    found.set(relation.object, [...(found.get(relation.object) ?? []), { reader, grant }])
  }
  return found
}

/** Whether whoever reads it does so with its owner's rights, and the tables that it shows him. */
export const shownBy = (view: Thing, catalogue: Catalogue): ReadonlySet<string> =>
  isOwnersView(view) ? readBy(view, catalogue) : new Set()

/** The tables that a view reads, also through other views that read with their owner's rights. */
export function readBy(view: Thing, catalogue: Catalogue, seen = new Set<string>()): Set<string> {
  const tables = new Set<string>()
  if (seen.has(view.object)) return tables
  seen.add(view.object)
  const query = queryOf(view)
  if (query === null) return tables
  walk(query, 'RangeVar', (range) => {
    const name = rangeParts(range).join('.')
    for (const sort of ['table', 'view', 'materialized view']) {
      const read = named(catalogue, sort, name)
      if (read?.sort === 'table') tables.add(read.object)
      else if (read !== undefined) for (const table of readBy(read, catalogue, seen)) tables.add(table)
    }
  })
  return tables
}

/** A view that the release leaves alone stands in both catalogues, and is read through by others. */
const queries = new WeakMap<Thing, Node | null>()

function queryOf(view: Thing): Node | null {
  const known = queries.get(view)
  if (known !== undefined) return known
  const query = nodeOf(valueOf(view, 'definition ')) ?? null
  queries.set(view, query)
  return query
}

const named = (catalogue: Catalogue, sort: string, name: string): Thing | undefined =>
  catalogue.get(`${sort} ${name}`) ?? quotedIn(catalogue).find((one) => one.sort === sort && plain(one.name) === name)

const quoted = new WeakMap<Catalogue, readonly Thing[]>()

/** What has a quoted name: few things, of thousands. */
function quotedIn(catalogue: Catalogue): readonly Thing[] {
  const known = quoted.get(catalogue)
  if (known !== undefined) return known
  const found = [...catalogue.values()].filter((one) => one.name.includes('"'))
  quoted.set(catalogue, found)
  return found
}
