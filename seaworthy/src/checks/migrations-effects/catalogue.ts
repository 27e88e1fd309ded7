import type { TracedStatement, TraceEvent } from '../../observers/effects/kind.ts'
import { error, type Harm, type Harms, NONE } from './harm.ts'
import { statementOf } from './place.ts'
import type { Change, Scene } from './scene.ts'
import { SORT_RULES } from './sorts/index.ts'
import type { FacetRule, SortRules } from './sorts/rules.ts'
import type { Thing } from './thing.ts'

/** Judges every change that the release leaves in the catalogue. What no rule knows refuses. */
export function judgeCatalogue(scene: Scene): Harms {
  return [
    ...scene.removed.flatMap((thing) => judgeRemoved(thing, scene)),
    ...scene.changed.flatMap((change) =>
      placed(judgeChanged(change, scene), change.after, 'altered', scene, shown(change)),
    ),
    ...scene.added.flatMap((thing) =>
      placed(
        rulesOf(thing)?.added(thing, scene) ?? unknown(thing.object, 'appeared'),
        thing,
        'created',
        scene,
        `new: ${thing.object}`,
      ),
    ),
  ]
}

const rulesOf = (thing: Thing): SortRules | undefined => SORT_RULES[thing.sort]

const unknown = (object: string, what: string): Harms =>
  error(
    'compat/unknown-change',
    object,
    `${object} ${what}, and nothing here knows what that means for the running version`,
    {
      hint: 'Please report it with the evidence folder (--evidence DIR).',
    },
  )

const LONGEST = 120
const short = (text: string): string =>
  (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text).replaceAll(/\s+/g, ' ')

/** `was: type integer; now: type bigint` */
function shown({ before, after }: Change): string {
  const gone = before.facets.filter((one) => !after.facets.includes(one)).map(short)
  const come = after.facets.filter((one) => !before.facets.includes(one)).map(short)
  return `was: ${gone.join(', ') || 'nothing'}; now: ${come.join(', ') || 'nothing'}`
}

function placed(harms: Harms, thing: Thing, kind: TraceEvent['kind'], scene: Scene, proof: string): Harm[] {
  return harms.map((harm) => ({
    ...harm,
    proof: harm.proof ?? proof,
    by: harm.by ?? statementOf(thing, kind, scene),
  }))
}

function judgeRemoved(thing: Thing, scene: Scene): Harms {
  if (goesWithWhole(thing, scene)) return NONE
  const drop = dropOf(thing, scene)
  if (drop !== null && !drop.isDirect && drop.cause !== null && isWithin(thing, drop.cause, scene)) return NONE
  const cause = drop === null || drop.isDirect ? null : drop.cause
  const harms = rulesOf(thing)?.removed(thing, scene, cause) ?? unknown(thing.object, 'disappeared')
  const proof = cause === null ? `gone: ${thing.object}` : `went along with ${cause} (CASCADE)`
  return placed(harms, thing, 'dropped', scene, proof).map((one) => ({ ...one, by: drop?.by ?? one.by ?? null }))
}

/** A dropped table is one finding, and not one for each of its columns. */
function goesWithWhole(thing: Thing, scene: Scene): boolean {
  const gone = new Set(scene.removed.map((one) => one.object))
  for (let at: Thing | undefined = thing; at !== undefined && at.parent !== null; at = scene.before.get(at.parent)) {
    if (gone.has(at.parent)) return true
  }
  return false
}

interface Drop {
  readonly isDirect: boolean
  readonly cause: string | null
  readonly by: TracedStatement
}

function dropOf(thing: Thing, scene: Scene): Drop | null {
  const names = new Set([
    thing.object,
    ...scene.renames.filter((one) => one.to === thing.object).map((one) => one.from),
  ])
  for (const by of scene.statements.toReversed()) {
    if (scene.undone.has(by)) continue
    const event = by.events.findLast((one) => one.kind === 'dropped' && names.has(one.object))
    if (event?.kind === 'dropped') return { isDirect: event.isDirect, cause: event.cause, by }
  }
  return null
}

/** A column takes the constraints and indexes of its own table along: that is what dropping it means. */
function isWithin(thing: Thing, cause: string, scene: Scene): boolean {
  const other = scene.before.get(cause)
  if (other === undefined || other.object === thing.object) return false
  const isGone = !scene.after.has(cause)
  const whole = (one: Thing): string | null => {
    const parent = one.parent === null ? undefined : scene.before.get(one.parent)
    return parent?.parent !== undefined && parent.parent !== null ? parent.parent : one.parent
  }
  return isGone && ['constraint', 'index', 'trigger', 'sequence'].includes(thing.sort) && whole(thing) === whole(other)
}

function judgeChanged(change: Change, scene: Scene): Harms {
  const rules = rulesOf(change.after)
  if (rules === undefined) return unknown(change.after.object, 'changed')
  const together = rules.changed?.(change, scene)
  if (together !== undefined && together !== null) return together
  const [was, is] = [byKey(change.before, rules.facets), byKey(change.after, rules.facets)]
  const harms: Harm[] = []
  if (change.before.parent !== change.after.parent && rules.facets['of '] === undefined)
    harms.push(...unknown(change.after.object, `belongs to ${change.after.parent ?? 'nothing'} now`))
  for (const key of new Set([...was.keys(), ...is.keys()])) {
    const [from, to] = [was.get(key) ?? null, is.get(key) ?? null]
    if (from === to) continue
    const rule: FacetRule | undefined = rules.facets[key]
    harms.push(
      ...(rule?.({ ...change, from, to }, scene) ??
        unknown(change.after.object, `changed (${short(key || (to ?? from ?? ''))})`)),
    )
  }
  return harms
}

/** Facets by the rule they fall under; the value is what stands after the rule's words. */
function byKey(thing: Thing, rules: SortRules['facets']): ReadonlyMap<string, string> {
  const keys = Object.keys(rules).toSorted((a, b) => b.length - a.length)
  const found = new Map<string, string>()
  for (const facet of thing.facets) {
    const key = keys.find((one) => facet === one || (one.endsWith(' ') && facet.startsWith(one)))
    const name = key ?? ('*' in rules ? '*' : facet)
    const value = key?.endsWith(' ') === true ? facet.slice(key.length) : facet
    const known = found.get(name)
    found.set(name, known === undefined ? value : `${known}, ${value}`)
  }
  return found
}
