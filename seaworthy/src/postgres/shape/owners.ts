import type { Client } from 'pg'
import type { CatalogueEntry } from '../../migrations/engine.ts'
import { quotedName } from '../../sql/identifier.ts'
import type { Roles } from '../roles.ts'
import { facetIn, facetsOf, unquoted } from './entry.ts'
import { nameHere } from './roles.ts'
import type { Unsettled } from './session-settings.ts'

/** What ALTER … OWNER TO takes, by the first words of the object's name; the longest that fits counts. */
const KINDS: Readonly<Record<string, string>> = {
  'materialized view': 'MATERIALIZED VIEW',
  'foreign table': 'FOREIGN TABLE',
  'text search configuration': 'TEXT SEARCH CONFIGURATION',
  'text search dictionary': 'TEXT SEARCH DICTIONARY',
  'operator class': 'OPERATOR CLASS',
  'operator family': 'OPERATOR FAMILY',
  table: 'TABLE',
  view: 'VIEW',
  sequence: 'SEQUENCE',
  schema: 'SCHEMA',
  function: 'ROUTINE',
  procedure: 'ROUTINE',
  aggregate: 'ROUTINE',
  type: 'TYPE',
  domain: 'DOMAIN',
  collation: 'COLLATION',
  conversion: 'CONVERSION',
  statistics: 'STATISTICS',
  publication: 'PUBLICATION',
  language: 'LANGUAGE',
  server: 'SERVER',
  operator: 'OPERATOR',
}

/** The SQL word of an object's kind and its name as the server quoted it; null for what has no such word. */
export function sqlObject(object: string): { readonly kind: string; readonly name: string } | null {
  const word = Object.keys(KINDS).find((one) => object.startsWith(`${one} `))
  const kind = word === undefined ? undefined : KINDS[word]
  return word === undefined || kind === undefined ? null : { kind, name: object.slice(word.length + 1) }
}

/**
 * Gives each object the owner that it has in production, and to the migrating role what production does not have. `here`
 * is the catalogue of this very database: names in statements come from it, and of the shape only the names of roles.
 */
export async function settleOwners(
  admin: Client,
  roles: Roles,
  here: readonly CatalogueEntry[],
  there: readonly CatalogueEntry[],
): Promise<Unsettled[]> {
  const owners = new Map(there.map((entry) => [entry.object, facetIn(entry, 'owner')]))
  const unsettled: Unsettled[] = []
  for (const entry of here) {
    const owner = facetIn(entry, 'owner')
    const wanted = owners.has(entry.object) ? (owners.get(entry.object) ?? null) : fallbackOwner(owner, roles)
    const target = sqlObject(entry.object)
    if (owner === null || wanted === null || target === null || isOwned(entry)) continue
    const name = nameHere(admin, unquoted(wanted))
    if (name === unquoted(owner)) continue
    try {
      await admin.query(`ALTER ${target.kind} ${target.name} OWNER TO ${quotedName(name)}`)
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      unsettled.push({ name: entry.object, why: `it could not be given to ${name}, who owns it in production: ${why}` })
    }
  }
  return unsettled
}

/** A sequence behind a column goes with its table. */
const isOwned = (entry: CatalogueEntry): boolean =>
  entry.object.startsWith('sequence ') && facetsOf(entry)[0]?.startsWith('of column ') === true

/** What production lacks belongs to the role that applied the history here; nobody knows whose it would be. */
const fallbackOwner = (owner: string | null, roles: Roles): string | null =>
  owner !== null && unquoted(owner) === roles.owning && roles.owning !== roles.migrating
    ? quotedName(roles.migrating)
    : null
