import type { TracedStatement } from '../../observers/effects/kind.ts'
import { as, kindOf, type Node, rangeParts } from '../../sql/tree.ts'
import { isAlwaysTrue } from '../migrations-contract/predicates.ts'
import { error, type Harm, type Harms, warning } from './harm.ts'
import type { Hold } from './locks.ts'
import type { Scene } from './scene.ts'
import { isLarge, isSmall, sizeOf } from './sizes.ts'
import { plain } from './thing.ts'

/** A short lock becomes a long one if the transaction goes on working: nobody reads the table until it commits. */
export function judgeHeld(scene: Scene, holds: readonly Hold[]): Harms {
  const harms: Harm[] = []
  const told = new Set<string>()
  for (const [index, by] of scene.statements.entries()) {
    if (by.transaction === null) continue
    const later = scene.statements.slice(index + 1).filter((one) => one.transaction === by.transaction)
    for (const { object, mode } of by.locks) {
      const isTable = object.startsWith('table ') && (scene.wasCalled(object) || scene.before.has(object))
      if (mode !== 'AccessExclusiveLock' || !isTable || told.has(object) || isSmall(scene, sizeOf(scene, object)))
        continue
      // Nobody asks for a table that the release drops, which is a finding of its own.
      if (scene.nameNow(object) === null && !scene.after.has(object)) continue
      // Where the first statement itself works long on the table, that is the finding.
      if (holds.some((one) => one.by === by && one.table === object)) continue
      const work = later.find((one) => isWork(one, object, holds, scene))
      if (work === undefined) continue
      told.add(object)
      const say = isLarge(scene, sizeOf(scene, object)) || isWriting(work, scene) ? error : warning
      harms.push(
        ...say(
          'lock/held-during-work',
          `table ${plain(object.slice('table '.length))}`,
          `holds ${object} locked for everybody while line ${work.line} of ${work.file} works on`,
          {
            by,
            proof: `AccessExclusiveLock on ${object}, held in transaction ${by.transaction}`,
            hint: 'Put the two into migrations of their own, so that each has its own transaction.',
          },
        ),
      )
    }
  }
  return harms
}

/** Long work after the lock: on another table whatever is long, on the same one only what is not a finding by itself. */
function isWork(statement: TracedStatement, locked: string, holds: readonly Hold[], scene: Scene): boolean {
  const own = holds.filter((one) => one.by === statement)
  if (own.some((one) => one.table !== locked && !isSmall(scene, sizeOf(scene, one.table)))) return true
  return isOfBefore(statement, scene) && scene.nodesOf(statement).some(isWhole)
}

const isOfBefore = (statement: TracedStatement, scene: Scene): boolean =>
  statement.events.some(
    (event) =>
      event.kind === 'write' &&
      (scene.wasCalled(event.object) || scene.before.has(event.object)) &&
      !isSmall(scene, sizeOf(scene, event.object)),
  )

/** Every row of a table of before, changed or deleted while nobody reads: that is long wherever the table is not small. */
const isWriting = (statement: TracedStatement, scene: Scene): boolean =>
  isOfBefore(statement, scene) &&
  scene.nodesOf(statement).some((node) => kindOf(node) !== 'InsertStmt' && isWhole(node))

/** A write that goes over a whole table. */
function isWhole(node: Node): boolean {
  const write = as(node, 'UpdateStmt') ?? as(node, 'DeleteStmt')
  if (write !== undefined) return isAlwaysTrue(write.whereClause, undefined, write.relation)
  const select = as(as(node, 'InsertStmt')?.selectStmt, 'SelectStmt')
  const from = as(select?.fromClause?.[0], 'RangeVar')
  return (
    kindOf(node) === 'InsertStmt' &&
    rangeParts(from).length > 0 &&
    select?.limitCount === undefined &&
    select?.whereClause === undefined
  )
}
