import type { Client } from 'pg'
import type { CatalogueEntry } from '../../migrations/engine.ts'
import { quotedName } from '../../sql/identifier.ts'
import { facetsOf, unquoted } from './entry.ts'
import { granteeSql, privilegesIn } from './privileges.ts'
import { nameHere } from './roles.ts'
import type { Unsettled } from './session-settings.ts'

const KINDS: ReadonlySet<string> = new Set(['tables', 'sequences', 'functions', 'types', 'schemas', 'large objects'])

/** What ALTER DEFAULT PRIVILEGES is about. */
interface Scope {
  readonly role: string
  readonly kind: string
  readonly schema: string | null
}

/** Gives roles the default privileges that they have in production, for objects that the release will make. */
export async function settleDefaultPrivileges(
  admin: Client,
  here: readonly CatalogueEntry[],
  there: readonly CatalogueEntry[],
): Promise<Unsettled[]> {
  const isHere = new Map(here.map((entry) => [entry.object, entry.definition]))
  const unsettled: Unsettled[] = []
  for (const entry of there) {
    if (!entry.object.startsWith('default privileges of ') || isHere.get(entry.object) === entry.definition) continue
    const scope = scopeOf(entry)
    // A schema that the migrations do not make is drift.
    if (scope?.schema !== null && scope !== null && !isHere.has(`schema ${scope.schema}`)) continue
    try {
      for (const statement of statementsFor(admin, scope, entry)) await admin.query(statement)
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      unsettled.push({ name: entry.object, why: `they could not be set as production has them: ${why}` })
    }
  }
  return unsettled
}

function scopeOf(entry: CatalogueEntry): Scope | null {
  const [first = ''] = facetsOf(entry)
  const schema = first.startsWith('of schema ') ? first.slice('of schema '.length) : null
  const end = schema === null ? '' : ` in schema ${schema}`
  const words = entry.object.slice('default privileges of '.length, entry.object.length - end.length)
  const at = words.lastIndexOf(' on ')
  const [role, kind] = [words.slice(0, at), words.slice(at + ' on '.length)]
  return at > 0 && KINDS.has(kind) ? { role: unquoted(role), kind, schema } : null
}

function statementsFor(admin: Client, scope: Scope | null, entry: CatalogueEntry): string[] {
  if (scope === null) throw new Error('they are of a kind that this version does not know')
  const inSchema = scope.schema === null ? '' : ` IN SCHEMA ${quotedName(unquoted(scope.schema))}`
  const role = quotedName(nameHere(admin, scope.role))
  const alter = `ALTER DEFAULT PRIVILEGES FOR ROLE ${role}${inSchema}`
  const on = `ON ${scope.kind.toUpperCase()}`
  const list = facetsOf(entry).at(-1) ?? ''
  const grants = list === 'nothing to anybody' ? [] : list.split('; ')
  const statements = scope.schema === null ? [`${alter} REVOKE ALL ${on} FROM PUBLIC, ${role}`] : []
  for (const grant of grants) {
    const at = grant.lastIndexOf(' to ')
    const privileges = privilegesIn(grant.slice(0, at))
    if (at < 0 || privileges === null) throw new Error(`${grant} is not understood`)
    const to = granteeSql(admin, grant.slice(at + ' to '.length))
    for (const { name, isGrantable } of privileges) {
      statements.push(`${alter} GRANT ${name} ${on} TO ${to}${isGrantable ? ' WITH GRANT OPTION' : ''}`)
    }
  }
  return statements
}
