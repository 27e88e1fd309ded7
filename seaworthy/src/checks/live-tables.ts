import { type NotHere, notHere, type WorldChange } from '../gate/drill/drill.ts'
import type { Observations } from '../gate/observation.ts'
import { type CatalogueEntry, effects } from '../observers/effects/kind.ts'
import { rehearsal } from '../observers/rehearsal/kind.ts'
import { nameParts, quotedName, quotedQualified } from '../sql/identifier.ts'

/** A table that is live before the release, as a bad world needs to know it. */
export interface LiveTable {
  /** As the catalogue lists it: `table public.users`. */
  readonly object: string
  /** As SQL text, every part in quotes. */
  readonly sql: string
  readonly owner: string
  readonly hasRowSecurity: boolean
  readonly columns: readonly LiveColumn[]
  /** Whether the release changes it: what is done to it then is only told for itself in a world without the release. */
  readonly isTouched: boolean
}

export interface LiveColumn {
  readonly name: string
  /** As SQL text. */
  readonly sql: string
  /** No default, no identity, no expression, may be NULL: nothing is known of what stands in it. */
  readonly isPlain: boolean
  /** Whether a key or an index stands on it, as far as their texts tell. */
  readonly isIndexed: boolean
}

/** What a world does to a table: beside the release, or in its place where the release changes the table as well. */
export const harmTo = (table: LiveTable, change: WorldChange): WorldChange =>
  table.isTouched ? { ...change, isReleaseTakenOut: true } : change

/**
 * The tables that are live: what a bad migration can harm. Empty where nobody looked. Partitions, and tables with some, are
 * left out, and so is the tool's own ledger. Those that the release leaves alone come first, and of them those that no
 * foreign key refers to.
 */
export function liveTables(observations: Observations): readonly LiveTable[] {
  const seen = observations.maybe(effects)
  if (seen === undefined) return []
  const touched = new Set(
    [...seen.difference.removed, ...seen.difference.changed.map(({ before }) => before), ...seen.difference.added].map(
      (entry) => tableOf(entry) ?? entry.object,
    ),
  )
  const ledger = `table ${observations.maybe(rehearsal)?.ownLedger ?? LEDGERS[0]}`
  return seen.before
    .filter(({ object }) => object.startsWith('table '))
    .filter(({ object }) => object !== ledger && !LEDGERS.includes(object.slice('table '.length)))
    .filter(({ definition }) => !/^partition/m.test(definition))
    .map((entry) => liveTable(entry, seen.before, touched))
    .toSorted((a, b) => Number(isReferenced(a, seen.before)) - Number(isReferenced(b, seen.before)))
    .toSorted((a, b) => Number(a.isTouched) - Number(b.isTouched))
}

/** The ledgers of the known tools. */
const LEDGERS: readonly string[] = [
  'public.schema_migrations',
  'public._sqlx_migrations',
  'public.__diesel_schema_migrations',
  'public._prisma_migrations',
  'drizzle.__drizzle_migrations',
]

function liveTable(
  { object, definition }: CatalogueEntry,
  all: readonly CatalogueEntry[],
  touched: ReadonlySet<string>,
): LiveTable {
  const name = object.slice('table '.length)
  const facets = definition.split('\n')
  const parts = all.filter((entry) => tableOf(entry) === object)
  const rules = parts.filter((entry) => /^(?:constraint|index) /.test(entry.object))
  return {
    object,
    sql: quotedQualified(name),
    owner: facets.find((facet) => facet.startsWith('owner '))?.slice('owner '.length) ?? '',
    isTouched: touched.has(object),
    hasRowSecurity: facets.includes('row security enabled'),
    columns: parts
      .filter((entry) => entry.object.startsWith('column '))
      .map((entry) => {
        const column = nameParts(entry.object.slice('column '.length)).at(-1) ?? ''
        return {
          name: column,
          sql: quotedName(column),
          isPlain: !/^(?:not null|default|generated)/m.test(entry.definition),
          isIndexed: rules.some((rule) => rule.definition.includes(column)),
        }
      }),
  }
}

/** The table that an entry is a part of. */
const tableOf = ({ definition }: CatalogueEntry): string | null => /^of (table .+)$/m.exec(definition)?.[1] ?? null

const isReferenced = ({ object }: LiveTable, all: readonly CatalogueEntry[]): boolean =>
  all.some((entry) => entry.definition.includes(` REFERENCES ${object.slice('table '.length)}(`))

/** Who applies the migrations; null where nobody looked. */
export const migratingRole = (observations: Observations): string | null =>
  observations.maybe(rehearsal)?.roles.migratingRole ?? null

/** A live table that the migrating role owns, and may therefore harm; or why there is none. */
export function ownTable(
  observations: Observations,
  fits: (table: LiveTable) => boolean = () => true,
): LiveTable | NotHere {
  const live = liveTables(observations)
  if (live.length === 0) return notHere(whyNoneIsLive(observations))
  const role = migratingRole(observations)
  const own = live.filter((table) => table.owner === role)
  if (own.length === 0) return notHere(`${role} owns no live table`)
  return own.find(fits) ?? notHere(`no live table that ${role} owns is of that sort`)
}

/** A live table that belongs to another role than the migrating one; or why there is none. */
export function othersTable(observations: Observations): LiveTable | NotHere {
  const role = migratingRole(observations)
  const live = liveTables(observations)
  if (live.length === 0) return notHere(whyNoneIsLive(observations))
  const found = live.find(({ owner }) => owner !== role && owner !== '')
  return found ?? notHere('the role that migrates owns every live table')
}

const whyNoneIsLive = (observations: Observations): string =>
  observations.maybe(effects) === undefined
    ? 'nobody looked which tables are live: the effects were not observed'
    : 'no table is live: say what is (--baseline VERSION, --ledger FILE or --since REF) if that is not so'
