import { shownBy } from './around.ts'
import { error, type Harm, type Harms, remark, warning } from '../harm.ts'
import { statementOf } from '../place.ts'
import { type Reach, reachOf } from '../code/reach.ts'
import type { Scene } from '../scene.ts'
import { staticName } from '../sorts/rules.ts'
import { hasFacet, schemaOf, type Thing, valueOf } from '../thing.ts'

type Catalogue = ReadonlyMap<string, Thing>

/** What makes an open function a way around something; the worst one is told. */
interface Way {
  readonly severity: 'error' | 'warning' | 'note'
  readonly what: string
}

/**
 * A SECURITY DEFINER function does what its owner may, and PUBLIC may call every function until somebody revokes that:
 * judged are those that the release makes, or turns into such, and what they let everybody do.
 */
export function judgeDefiners(scene: Scene): Harms {
  return [...scene.after.values()].flatMap((thing): readonly Harm[] => {
    if (!isOpenDefiner(thing, scene.after)) return []
    const before = scene.before.get(thing.object)
    if (before !== undefined && hasFacet(before, 'security definer')) return []
    const way = worst(waysOf(thing, reachOf(thing, scene), scene))
    if (way === undefined) return []
    const say = { error, warning, note: remark }[way.severity]
    return say(
      'security/definer-open-to-public',
      staticName({ ...thing, sort: 'function' }),
      `every role may call ${thing.object}, which runs with its owner's rights and ${way.what}`,
      {
        by: statementOf(thing, before === undefined ? 'created' : 'altered', scene),
        proof: `${thing.object} is SECURITY DEFINER, owned by ${valueOf(thing, 'owner ') ?? 'nobody'}; PUBLIC holds EXECUTE`,
        hint: `REVOKE EXECUTE ON ${thing.sort.toUpperCase()} ${thing.name} FROM PUBLIC; GRANT EXECUTE ON ${thing.sort.toUpperCase()} ${thing.name} TO the role that calls it; in the same transaction.`,
      },
    )
  })
}

/** Nobody calls a trigger's function; and who may not use the schema cannot name what is in it. */
function isOpenDefiner(thing: Thing, catalogue: Catalogue): boolean {
  if (thing.sort !== 'function' && thing.sort !== 'procedure') return false
  if (!hasFacet(thing, 'security definer')) return false
  if (hasFacet(thing, 'returns trigger') || hasFacet(thing, 'returns event_trigger')) return false
  const own = catalogue.get(`privileges on ${thing.object} for PUBLIC`)
  if (own !== undefined && !isGranted(own, 'EXECUTE')) return false
  const schema = `schema ${schemaOf(thing)}`
  return [...catalogue.values()].some(
    (one) =>
      one.sort === 'privileges' &&
      one.parent === schema &&
      isGranted(one, 'USAGE') &&
      !one.object.endsWith(` for ${valueOf(catalogue.get(schema), 'owner ') ?? ''}`),
  )
}

export const isGranted = (privileges: Thing | undefined, right: string): boolean =>
  (valueOf(privileges, 'granted ') ?? '').split(', ').some((one) => one === right || one.startsWith(`${right} `))

const RANK = { error: 2, warning: 1, note: 0 }
const worst = (ways: readonly Way[]): Way | undefined => ways.toSorted((a, b) => RANK[b.severity] - RANK[a.severity])[0]

function waysOf(thing: Thing, reach: Reach, scene: Scene): Way[] {
  const isByCaller = !thing.name.endsWith('()')
  const isProtected = usesRights(scene)
  const ways: Way[] = []
  if (reach.isDynamic)
    ways.push({
      severity: isByCaller ? 'error' : 'warning',
      what: `runs a text that it puts together${isByCaller ? ' and that its caller has a hand in' : ''}`,
    })
  if (reach.unread !== null)
    ways.push({
      severity: hasPolicies(scene.after) ? 'error' : 'warning',
      what: `may do anything: ${reach.unread}`,
    })
  for (const object of met(reach, scene.after)) {
    const table = scene.after.get(object)
    if (table === undefined) continue
    const verb = reach.writes.get(object) ?? 'SELECT'
    if (isPastPolicies(thing, table, scene.after))
      ways.push({
        severity: reach.asksWho ? 'warning' : 'error',
        what: `meets rows of ${object} past its policies (${verb})${reach.asksWho ? '; it asks who calls, and whether that keeps the rows apart was not proved' : ''}`,
      })
    else if (!isGranted(scene.after.get(`privileges on ${object} for PUBLIC`), verb))
      ways.push({
        severity: isProtected
          ? isTaking(verb) && scene.isOld(object) && !reach.asksWho
            ? 'error'
            : 'warning'
          : 'note',
        what: `does to ${object} what not every role may (${verb})`,
      })
  }
  return ways
}

/** What it names, and the tables that views among it show with the rights of their owners. */
function met(reach: Reach, catalogue: Catalogue): ReadonlySet<string> {
  const named = [...reach.reads, ...reach.writes.keys()]
  const shown = named.flatMap((object) => {
    const view = catalogue.get(object)
    return view === undefined ? [] : [...shownBy(view, catalogue)]
  })
  return new Set([...named, ...shown])
}

const hasPolicies = (catalogue: Catalogue): boolean =>
  [...catalogue.values()].some((one) => hasFacet(one, 'row security enabled'))

const isTaking = (verb: string): boolean => verb !== 'SELECT' && verb !== 'INSERT'

/** Whether anybody but an owner was given rights on a table: where nobody was, roles keep nothing apart. */
const usesRights = (scene: Scene): boolean =>
  [...scene.before.values()].some((one) => one.sort === 'privileges' && one.parent?.startsWith('table ') === true)

/** Policies are not asked for the table's owner, unless they are forced upon him, nor for who stands above them. */
function isPastPolicies(routine: Thing, table: Thing, catalogue: Catalogue): boolean {
  if (!hasFacet(table, 'row security enabled')) return false
  const owner = valueOf(routine, 'owner ')
  const role = catalogue.get(`role ${owner ?? ''}`)
  if (hasFacet(role, 'superuser') || hasFacet(role, 'bypassrls')) return true
  return owner === valueOf(table, 'owner ') && !hasFacet(table, 'row security forced')
}
