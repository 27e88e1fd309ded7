import type { SequenceMove, SequencePosition, TracedStatement } from '../../../observers/effects/kind.ts'
import { partsOf, walk } from '../../../sql/tree.ts'
import { error, type Harm, type Harms, NONE, remark, warning } from '../harm.ts'
import { statementOf } from '../place.ts'
import type { Scene } from '../scene.ts'
import { plain, thingOf } from '../thing.ts'

export const FROM_ROWS = "SELECT setval('…', (SELECT coalesce(max(id), 0) + 1 FROM …), false);"

/**
 * Judges where sequences stand after the release, by whatever they were moved. `stated` is what texts say of positions:
 * where one of them names the column of an identity, so is it named here.
 */
export const judgeMoves = (scene: Scene, stated: Harms): Harms =>
  scene.effects.sequences.flatMap((move) => {
    const columns = new Set(move.columns.map(({ column }) => plain(column)))
    const subject = stated.find((one) => columns.has(one.subject))?.subject ?? plain(move.object)
    return judgeMove(move, scene).map((harm) => ({ ...harm, subject }))
  })

/** The next number, as a distance in the direction in which it counts: more is further. */
export const nextOf = ({ last, isCalled }: SequencePosition, step: bigint): bigint =>
  (BigInt(last) + (isCalled ? step : 0n)) * (step < 0n ? -1n : 1n)

function judgeMove(move: SequenceMove, scene: Scene): Harms {
  const step = BigInt(move.increment)
  const direction = step < 0n ? -1n : 1n
  const [was, is] = [nextOf(move.before, step), nextOf(move.after, step)]
  const say = (what: string): Harms =>
    error('compat/restart-sequence', plain(move.object), `${what} ${move.object}`, {
      by: moverOf(move, scene),
      proof: proofOf(move),
      hint: FROM_ROWS,
    })
  const end = BigInt(move.end) * direction
  if (is > end && was <= end && !move.isCycling) return say('leaves no number in')
  if (is >= was) return isBurnt(was, is, end) && !move.isCycling ? burns(move, scene) : NONE
  const farthest = move.columns.flatMap((one) => (one.farthest === null ? [] : [BigInt(one.farthest) * direction]))
  const isTaken = farthest.some((one) => one >= is)
  // Of a sequence that fills no column nobody knows where its numbers stand.
  if (isTaken || farthest.length === 0) return say('sets back')
  return remark(
    'compat/restart-sequence',
    plain(move.object),
    `sets ${move.object} back to where the rows end: numbers that were handed out to nobody come again`,
    { by: moverOf(move, scene), proof: proofOf(move) },
  )
}

/** More than half of the numbers that were left. One more is what any INSERT takes. */
const isBurnt = (was: bigint, is: bigint, end: bigint): boolean => is - was > 1n && (end - is) * 2n < end - was

const burns = (move: SequenceMove, scene: Scene): Harms =>
  warning(
    'compat/restart-sequence',
    plain(move.object),
    `uses up more than half of the numbers that were left in ${move.object}`,
    { by: moverOf(move, scene), proof: proofOf(move), hint: FROM_ROWS },
  )

const shown = ({ last, isCalled }: SequencePosition): string => `${last}${isCalled ? '' : ' (not yet given)'}`

function proofOf({ before, after, columns }: SequenceMove): string {
  const rows = columns.flatMap(({ column, farthest }) => (farthest === null ? [] : [`${column} holds ${farthest}`]))
  return [`stood at ${shown(before)}, stands at ${shown(after)}`, ...rows].join('; ')
}

/** The last statement that names it or its column, that calls setval, or, of those that did anything, the last. */
function moverOf(move: SequenceMove, scene: Scene): TracedStatement | null {
  const statements = scene.statements.filter((one) => !scene.undone.has(one))
  const now = scene.nameNow(move.object) ?? move.object
  const altered = scene.doing(
    (event) => event.kind === 'altered' && (event.object === now || event.object === move.object),
  )
  const tables = new Set(move.columns.map(({ column }) => `table ${column.slice(7, column.lastIndexOf('.'))}`))
  return (
    altered ??
    statements.findLast((one) => doesSetval(one, scene)) ??
    scene.doing((event) => event.kind === 'write' && event.operation === 'truncate' && tables.has(event.object)) ??
    scene.doing((event) => event.kind === 'altered' && tables.has(event.object)) ??
    statements.findLast((one) => one.nested.length > 0) ??
    statementOf(thingOf({ object: now, definition: '' }), 'altered', scene)
  )
}

function doesSetval(statement: TracedStatement, scene: Scene): boolean {
  let does = false
  walk(scene.nodesOf(statement), 'FuncCall', (call) => {
    if (partsOf(call.funcname).at(-1) === 'setval') does = true
  })
  return does
}

/** What is known to have moved stands in place of what a text only hints at. */
export const withoutGuesses = (harms: readonly Harm[], moved: readonly Harm[]): Harm[] => {
  const told = moved.filter((one) => one.severity === 'error')
  return harms.filter((one) => told.length === 0 || !one.subject.includes('(computed at run time)'))
}
