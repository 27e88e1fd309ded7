import type { TracedStatement, TraceEvent } from '../../../observers/effects/kind.ts'
import { type Harms, NONE, warning } from '../harm.ts'
import { BLOCKS_WRITES } from './modes.ts'
import type { Scene } from '../scene.ts'

type Setting = Extract<TraceEvent, { kind: 'setting' }>

const LIMITS = new Set(['lock_timeout', 'statement_timeout'])
const isOff = (value: string | null): boolean => value !== null && /^0(?:\D|$)/.test(value)

/** A time limit that was there is taken away, and locks are waited for after that; each lock is told of once. */
export function judgeTimeouts(scene: Scene): Harms {
  const told = new Set<TracedStatement>()
  return scene.statements.flatMap((by, index) =>
    by.events.flatMap((event) => {
      if (event.kind !== 'setting' || !isTakenAway(event, index, scene)) return NONE
      if (isLimitedOtherwise(event, index, scene)) return NONE
      const waiting = waitingAfter(event, by, index, scene)
      if (waiting === null || told.has(waiting)) return NONE
      told.add(waiting)
      return tell(event.name, by, waiting, scene)
    }),
  )
}

/** What the rehearsal sets to protect itself is no limit of anybody's. */
function isTakenAway({ name, value, scope }: Setting, index: number, scene: Scene): boolean {
  if (!LIMITS.has(name) || !isOff(value) || (scope !== 'session' && scope !== 'transaction')) return false
  const last = lastSet(name, scene.statements.slice(0, index))
  if (last !== null) return !isOff(last.value)
  return [...scene.before.values()].some(
    (one) =>
      one.sort === 'settings' &&
      one.facets.some((facet) => facet.includes(name) && !isOff(facet.slice(facet.lastIndexOf('=') + 1).trim())),
  )
}

function lastSet(name: string, statements: readonly TracedStatement[]): Setting | null {
  const found = statements
    .flatMap((one) => one.events)
    .findLast((one) => one.kind === 'setting' && one.name === name && one.scope !== 'role' && one.scope !== 'database')
  return found?.kind === 'setting' ? found : null
}

/** With a limit for locks of the release's own, a statement may take its time. */
function isLimitedOtherwise({ name }: Setting, index: number, scene: Scene): boolean {
  const locks = name === 'lock_timeout' ? null : lastSet('lock_timeout', scene.statements.slice(0, index + 1))
  return locks !== null && locks.value !== null && !isOff(locks.value)
}

/** The first statement after it, before it is set again, that takes a strong lock on what was there. */
function waitingAfter({ name, scope }: Setting, by: TracedStatement, index: number, scene: Scene) {
  for (const later of scene.statements.slice(index + 1)) {
    if (scope === 'transaction' && later.transaction !== by.transaction) return null
    if (later.events.some((one) => one.kind === 'setting' && one.name === name)) return null
    if (lockOf(later, scene) !== null) return later
  }
  return null
}

const lockOf = ({ locks }: TracedStatement, scene: Scene) =>
  locks.find(({ object, mode }) => BLOCKS_WRITES.has(mode) && (scene.wasCalled(object) || scene.before.has(object))) ??
  null

function tell(name: string, by: TracedStatement, waiting: TracedStatement, scene: Scene): Harms {
  const lock = lockOf(waiting, scene)
  const what = lock?.object ?? 'a lock'
  return warning(
    'lock/timeout-off',
    name,
    `switches ${name} off, and line ${waiting.line} of ${waiting.file} then waits for ${what} without a limit`,
    {
      by,
      proof: `${name} was set before, and is 0 when ${lock?.mode ?? 'a lock'} is taken on ${what}`,
      hint: `Leave ${name} as it is. For a statement that takes long: SET LOCAL statement_timeout = 0; with SET LOCAL lock_timeout = '2s'; before it.`,
    },
  )
}
