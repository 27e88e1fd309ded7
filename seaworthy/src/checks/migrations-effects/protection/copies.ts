import { as, rangeParts, walk } from '../../../sql/tree.ts'
import { error, type Harm, type Harms, NONE, warning } from '../harm.ts'
import { statementOf } from '../place.ts'
import type { Scene } from '../scene.ts'
import { rolesOf } from '../sorts/grants.ts'
import { hasFacet, ownName, plain, schemaOf, type Thing, valueOf } from '../thing.ts'
import { readBy, readersIn, shownBy } from './around.ts'
import { type Copy, copiesOf } from './copied-rows.ts'

type Catalogue = ReadonlyMap<string, Thing>

/** Why a role may not read in a table what it now reads in a copy. */
interface Leak {
  readonly reader: string
  readonly why: string
  readonly severity: 'error' | 'warning'
}

/**
 * Policies and rights stay behind when rows are copied: who may read the copy, by default privileges or by a grant, reads
 * what the table kept from them. A copy for everybody is told as that, and one with row security of its own is none.
 */
export function judgeCopies(scene: Scene): Harms {
  const readers = readersIn(scene.after)
  const known = readersIn(scene.before)
  const told = new Set<string>()
  return [...copiesOf(scene), ...shownOf(scene)].flatMap((one): readonly Harm[] => {
    const { source, copy, by } = one
    const key = JSON.stringify([source.object, copy.object])
    if (told.has(key) || hasFacet(copy, GUARDED)) return NONE
    const roles = (readers.get(copy.object) ?? []).map(({ reader }) => reader).filter((role) => role !== 'PUBLIC')
    const allowed = new Set((known.get(source.object) ?? []).map(({ reader }) => reader))
    const leaks = [...new Set(roles)].flatMap((role) => leakTo(role, one, allowed, scene) ?? [])
    const leak = leaks.find(({ severity }) => severity === 'error') ?? leaks[0]
    if (leak === undefined) return NONE
    told.add(key)
    const say = leak.severity === 'error' ? error : warning
    const also = leaks.length === 1 ? '' : ` and ${leaks.length - 1} more`
    return say(
      'security/copy-around-rights',
      `${copy.sort} ${plain(copy.name)}`,
      `lets ${leak.reader}${also} read rows of ${source.object} in ${copy.object}: ${leak.why}`,
      {
        by,
        proof: `${leak.reader} may read ${copy.object}, which has rows of ${source.object} and no row security`,
        hint: `REVOKE SELECT ON ${copy.name} FROM ${leak.reader}; in the same transaction${copy.sort === 'table' ? `; or ALTER TABLE ${copy.name} ENABLE ROW LEVEL SECURITY; with policies like those of ${source.name}` : ''}.`,
      },
    )
  })
}

/** A new view shows rows with its owner's rights; a materialised one holds them. */
const shownOf = (scene: Scene): Copy[] =>
  scene.added.flatMap((view) =>
    (isStandIn(view, scene) ? [] : [...shownBy(view, scene.after)]).flatMap((table): Copy[] => {
      const source = scene.before.get(table)
      return source === undefined ? [] : [{ source, copy: view, by: statementOf(view, 'created', scene) }]
    }),
  )

/** A view that has the name of a table of before: what its readers may do is judged as a matter of the rename. */
const isStandIn = (view: Thing, scene: Scene): boolean => scene.wasCalled(`table ${view.name}`)

const GUARDED = 'row security enabled'

function leakTo(role: string, { source, copy }: Copy, allowed: ReadonlySet<string>, scene: Scene): Leak | null {
  const roles = rolesOf(role, scene.before)
  const guarded = [source, ...tablesBehind(source, scene.before)].find((one) => hasFacet(one, GUARDED))
  const owner = valueOf(scene.before.get((guarded ?? source).object), 'owner ') ?? ''
  if (roles.has(owner) || hasFacet(scene.before.get(`role ${role}`), 'superuser')) return null
  const isView = copy.sort !== 'table'
  // Those past row security are told as such.
  if (isView && guarded !== undefined) return null
  if (guarded !== undefined && !hasFacet(scene.before.get(`role ${role}`), 'bypassrls'))
    return { reader: role, severity: 'error', why: `the policies of ${guarded.object} are not asked there` }
  const isAllowed = ['PUBLIC', ...roles].some((one) => allowed.has(one) || one === 'pg_read_all_data')
  if (isAllowed) return null
  // Whoever grants it by name, or copies to where it was granted long ago, may mean it.
  const isMeant = scene.isOld(copy.object) || isGrantedByName(copy, role, scene)
  if (isView && (isMeant || isUsual(copy, role, scene))) return null
  return {
    reader: role,
    severity: isMeant || copy.sort === 'view' ? 'warning' : 'error',
    why: `it may not read that table${isMeant ? '' : ', and default privileges let it read the copy'}`,
  }
}

/** The tables that a view shows with the rights of its owner. */
const tablesBehind = (source: Thing, catalogue: Catalogue): Thing[] =>
  source.sort === 'table' ? [] : [...readBy(source, catalogue)].flatMap((one) => catalogue.get(one) ?? [])

/** Whether views of that schema show the role tables that it may not read already: that is then what the schema is for. */
function isUsual(view: Thing, role: string, scene: Scene): boolean {
  const readers = readersIn(scene.before)
  const mayRead = (object: string): boolean => (readers.get(object) ?? []).some((one) => one.reader === role)
  return [...scene.before.values()].some(
    (one) =>
      one.sort === 'view' &&
      schemaOf(one) === schemaOf(view) &&
      mayRead(one.object) &&
      [...shownBy(one, scene.before)].some((table) => !mayRead(table)),
  )
}

function isGrantedByName(copy: Thing, role: string, scene: Scene): boolean {
  let is = false
  for (const by of scene.statements)
    walk(scene.nodesOf(by), 'GrantStmt', ({ objects, grantees }) => {
      const isIt = (objects ?? []).some((one) => rangeParts(as(one, 'RangeVar')).at(-1) === ownName(copy))
      is ||= isIt && (grantees ?? []).some((one) => as(one, 'RoleSpec')?.rolename === plain(role))
    })
  return is
}
