import type { TracedStatement, TraceEvent } from '../../observers/effects/kind.ts'
import type { Scene } from './scene.ts'
import { ownName, type Thing } from './thing.ts'

/**
 * The statement that did it: the last one with such an event about the object, with any event about it or what it is a
 * part of, or one that at least names it in the step that changed it. Null if the trace shows nothing of the kind.
 */
export function statementOf(thing: Thing, kind: TraceEvent['kind'], scene: Scene): TracedStatement | null {
  const names = namesOf(thing.object, scene)
  const exact = scene.doing((event) => event.kind === kind && isAbout(event, names))
  if (exact !== null) return exact
  const any = scene.doing((event) => event.kind !== 'write' && isAbout(event, names))
  if (any !== null) return any
  const whole = thing.parent === null ? new Set<string>() : namesOf(thing.parent, scene)
  const candidates = stepOf(thing, kind, scene).filter((one) => !scene.undone.has(one))
  const own = ownName(thing)
  return (
    candidates.findLast(
      (one) => one.events.some((event) => event.kind !== 'write' && isAbout(event, whole)) && mentions(one, own),
    ) ??
    candidates.findLast((one) => mentions(one, own) && mentions(one, granteeOf(thing))) ??
    candidates.findLast((one) => one.events.some((event) => event.kind !== 'write' && isAbout(event, whole))) ??
    candidates.findLast((one) => mentions(one, granteeOf(thing))) ??
    candidates[0] ??
    null
  )
}

const isAbout = (event: TraceEvent, names: ReadonlySet<string>): boolean =>
  event.kind === 'setting' ? event.subject !== null && names.has(event.subject) : names.has(event.object)

const mentions = (statement: TracedStatement, name: string): boolean =>
  name !== '' && [statement.text, ...statement.nested].some((text) => text.toLowerCase().includes(name.toLowerCase()))

/** Of privileges and memberships the last word is the role that they are about. */
const granteeOf = (thing: Thing): string =>
  thing.sort === 'privileges' || thing.sort === 'membership' || thing.sort === 'settings' || thing.sort === 'role'
    ? (thing.object
        .replace(/ in this database$/, '')
        .split(' ')
        .at(-1) ?? '')
    : ''

/** All names that the object had during the release. */
function namesOf(object: string, scene: Scene): ReadonlySet<string> {
  const names = new Set([object])
  for (const rename of scene.renames.toReversed()) if (names.has(rename.to)) names.add(rename.from)
  return names
}

/**
 * The statements of the last step whose own difference has the object, of what is new the one that made it; of all steps
 * if none has.
 */
function stepOf(thing: Thing, kind: TraceEvent['kind'], scene: Scene): readonly TracedStatement[] {
  const names = namesOf(thing.object, scene)
  const steps = scene.effects.steps
  const isIn = (all: readonly { readonly object: string }[]): boolean => all.some((one) => names.has(one.object))
  const step =
    (kind === 'created' ? steps.findLast(({ difference }) => isIn(difference.added)) : undefined) ??
    steps.findLast(({ difference: { added, removed, changed } }) =>
      isIn([...added, ...removed, ...changed.map(({ after }) => after)]),
    )
  return step?.statements ?? scene.statements
}
