import type { PartlySeen, TracedStatement } from '../../../observers/effects/kind.ts'
import { error, type Harm, type Harms, NONE } from '../harm.ts'
import type { Scene } from '../scene.ts'
import { assignmentsOf, tableName, type Write } from './writes.ts'

/**
 * Tables that are not compared row for row: what changed in them where nobody looked is not proved to be no loss. Nothing
 * is said of a table that is refused already by one of `harms`.
 */
export function judgePartly(writes: readonly Write[], harms: readonly Harm[], scene: Scene): Harms {
  const refused = new Set(harms.flatMap((one) => (one.severity === 'error' ? one.subject : [])))
  return (scene.effects.partly ?? []).flatMap((seen) => {
    if (refused.has(tableName(seen.object))) return NONE
    const told = scene.effects.rows.find((one) => one.object === seen.object)
    if (scene.nameNow(seen.object) === null) return NONE
    const own = writes.filter((one) => one.table === seen.object)
    const by = own.find(({ event }) => event.operation !== 'insert')?.by ?? changing(seen, scene)
    if (seen.differing === null) return by === null ? NONE : unseen(seen, 'what becomes of the others is not seen', by)
    const isOnlyInserted = own.length > 0 && own.every(({ event }) => event.operation === 'insert')
    if (isOnlyInserted && changing(seen, scene) === null) return NONE
    const overwritten = new Set(told?.columns.filter((one) => one.overwritten > 0).map((one) => one.column))
    const filled = filledBy(own, scene)
    const left = seen.differing.filter((column) => !overwritten.has(column) && !filled.has(column))
    return left.length === 0
      ? NONE
      : unseen(seen, `${left.join(', ')} of the others no longer hold what they held`, by ?? own[0]?.by ?? null)
  })
}

const unseen = (seen: PartlySeen, what: string, by: TracedStatement | null): Harms =>
  error('unproven/rows-not-compared', tableName(seen.object), `${seen.extent} of ${seen.object}, and ${what}`, {
    by,
    hint: 'Give fewer or smaller rows by --seed-sql.',
    isUnproven: true,
  })

/** What changed the table without being a write to it. */
function changing({ object }: PartlySeen, scene: Scene): TracedStatement | null {
  const column = `column ${object.slice(object.indexOf(' ') + 1)}.`
  return scene.doing(
    (event) =>
      (event.kind === 'rewritten' && event.object === object) ||
      (event.kind === 'dropped' && (event.object === object || event.object.startsWith(column))),
  )
}

/** Columns that were only written where they held nothing. */
function filledBy(own: readonly Write[], scene: Scene): ReadonlySet<string> {
  const all = own.map((write) => (write.event.operation === 'update' ? assignmentsOf(write, scene) : null))
  if (all.includes(null)) return new Set()
  const assigned = all.flatMap((one) => one?.all ?? [])
  const open = new Set(assigned.flatMap((one) => (one.isGuarded ? [] : one.column)))
  return new Set(assigned.flatMap((one) => (open.has(one.column) ? [] : one.column)))
}
