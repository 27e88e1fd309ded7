import type { Client } from 'pg'
import type { CatalogueEntry } from '../../migrations/engine.ts'
import { quotedName } from '../../sql/identifier.ts'
import { facetIn, facetsOf, unquoted } from './entry.ts'
import { sqlObject } from './owners.ts'
import { nameHere } from './roles.ts'
import type { Unsettled } from './session-settings.ts'

const PRIVILEGES: ReadonlySet<string> = new Set(
  `
  SELECT INSERT UPDATE DELETE TRUNCATE REFERENCES TRIGGER MAINTAIN USAGE CREATE CONNECT TEMPORARY
  EXECUTE`
    .trim()
    .split(/\s+/),
)

/** A list of privileges as the catalogue has it: `INSERT, SELECT with grant option`; null if it is none. */
export function privilegesIn(list: string): { readonly name: string; readonly isGrantable: boolean }[] | null {
  if (list === 'nothing') return []
  const privileges = list.split(', ').map((one) => ({
    name: one.replace(/ with grant option$/, ''),
    isGrantable: one.endsWith(' with grant option'),
  }))
  return privileges.every(({ name }) => PRIVILEGES.has(name)) ? privileges : null
}

/** Who is granted something, as SQL has it. `PUBLIC` in capitals is everybody: a role of that name is quoted. */
export const granteeSql = (admin: Client, grantee: string): string =>
  grantee === 'PUBLIC' ? 'PUBLIC' : quotedName(nameHere(admin, unquoted(grantee)))

/** What everybody or the owner holds where nothing was ever granted. */
function usual(object: string, grantee: string, owner: string | null): string {
  if (owner !== null && grantee === owner) return 'ALL'
  if (grantee !== 'PUBLIC') return ''
  if (/^(?:function|procedure|aggregate) /.test(object)) return 'EXECUTE'
  if (/^(?:type|domain|language) /.test(object)) return 'USAGE'
  return object === 'database' ? 'CONNECT, TEMPORARY' : ''
}

interface Target {
  readonly object: string
  /** `TABLE public.users`, and the column where it is about one. */
  readonly sql: string
  readonly column: string | null
  readonly owner: string | null
}

/**
 * Grants and revokes until each object that production has as well is granted to whom it is there. Names in statements come
 * from `here`, the catalogue of this very database; of the shape only privileges that are known and the names of roles.
 */
export async function settlePrivileges(
  admin: Client,
  database: string,
  here: readonly CatalogueEntry[],
  there: readonly CatalogueEntry[],
): Promise<Unsettled[]> {
  const isThere = new Set(there.map((entry) => entry.object))
  const objects = new Map(here.map((entry) => [entry.object, entry]))
  const now = grantsIn(here)
  const wanted = grantsIn(there)
  const unsettled: Unsettled[] = []
  const changed = [...new Set([...now.keys(), ...wanted.keys()])].filter((key) =>
    isAnother(now.get(key), wanted.get(key)),
  )
  // Whatever is revoked on a table is revoked on its columns too, so those come last, and come all.
  const tablesFirst = [
    ...changed.filter((key) => !isAboutColumn(key)),
    ...[...wanted.keys()].filter(isAboutColumn),
    ...changed.filter((key) => isAboutColumn(key) && !wanted.has(key)),
  ]
  for (const key of tablesFirst) {
    const { object, grantee } = keyOf(key)
    const target = isThere.has(object) ? targetOf(objects, object, database) : null
    if (target === null) continue
    for (const statement of statementsFor(admin, target, grantee, wanted.get(key) ?? null)) {
      try {
        if (statement === null) throw new Error('its privileges are not ones that this version knows')
        await admin.query(statement)
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error)
        unsettled.push({ name: object, why: `${grantee} could not be granted what production grants: ${why}` })
      }
    }
  }
  return unsettled
}

const isAnother = (now: string | undefined, wanted: string | undefined): boolean => now !== wanted

const SEPARATOR = '\u001F'
const isAboutColumn = (key: string): boolean => key.startsWith('column ')

function keyOf(key: string): { object: string; grantee: string } {
  const [object = '', grantee = ''] = key.split(SEPARATOR)
  return { object, grantee }
}

/** What is granted, by object and grantee, where it is not what is usual. */
function grantsIn(entries: readonly CatalogueEntry[]): Map<string, string> {
  const grants = new Map<string, string>()
  for (const entry of entries) {
    if (!entry.object.startsWith('privileges on ')) continue
    const object = facetIn(entry, 'of') ?? ''
    const grantee = entry.object.slice(`privileges on ${object} for `.length)
    grants.set(`${object}${SEPARATOR}${grantee}`, facetIn(entry, 'granted') ?? 'nothing')
  }
  return grants
}

function targetOf(objects: ReadonlyMap<string, CatalogueEntry>, object: string, database: string): Target | null {
  const entry = objects.get(object)
  if (entry === undefined) return null
  const owner = facetIn(entry, 'owner')
  if (object === 'database') return { object, sql: `DATABASE ${quotedName(database)}`, column: null, owner }
  if (object.startsWith('column ')) {
    const table = facetsOf(entry)[0]?.slice('of '.length) ?? ''
    const named = sqlObject(table)
    const column = named === null ? null : object.slice(`column ${named.name}.`.length)
    return named === null ? null : { object, sql: `TABLE ${named.name}`, column, owner: null }
  }
  const named = sqlObject(object)
  if (named === null) return null
  const kind = /(?:TABLE|VIEW)$/.test(named.kind) ? 'TABLE' : named.kind === 'SERVER' ? 'FOREIGN SERVER' : named.kind
  return { object, sql: `${kind} ${named.name}`, column: null, owner }
}

/** The statements that bring one grantee to what is wanted (null: what is usual); null for what cannot be said. */
function statementsFor(admin: Client, target: Target, grantee: string, wanted: string | null): (string | null)[] {
  const to = granteeSql(admin, grantee)
  const inColumn = target.column === null ? '' : ` (${target.column})`
  const revoke = `REVOKE ALL${inColumn} ON ${target.sql} FROM ${to}`
  if (wanted === null) {
    const words = usual(target.object, grantee, target.owner)
    return words === '' ? [revoke] : [revoke, `GRANT ${words} ON ${target.sql} TO ${to}`]
  }
  const privileges = privilegesIn(wanted)
  if (privileges === null) return [null]
  const grant = ({ name, isGrantable }: { name: string; isGrantable: boolean }): string =>
    `GRANT ${name}${inColumn} ON ${target.sql} TO ${to}${isGrantable ? ' WITH GRANT OPTION' : ''}`
  return [revoke, ...privileges.map(grant)]
}
