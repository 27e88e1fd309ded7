import { as, type NodeOf } from '../../../sql/tree.ts'
import { type Harm, type Harms, NONE, warning } from '../harm.ts'
import type { Rename } from '../names/renames.ts'
import { statementOf } from '../place.ts'
import type { Scene } from '../scene.ts'
import { ownName, plain, type Thing, wholeName } from '../thing.ts'
import { nodeOf } from './constraint-text.ts'

/** Triggers of one time and event fire in the order of their names: a new name may put one before or after another. */
export const judgeTriggerOrder = (scene: Scene): Harms =>
  scene.renames.flatMap((rename): readonly Harm[] => {
    const now = scene.after.get(rename.to)
    if (rename.before.sort !== 'trigger' || now === undefined) return NONE
    const other = passed(rename, now, scene)
    if (other === null) return NONE
    return warning(
      'compat/rename-constraint',
      `trigger ${plain(rename.before.name)}`,
      `renames ${rename.from} to ${rename.to}: it fires ${isBefore(ownName(now), ownName(other)) ? 'before' : 'after'} ${other.object} from now on, as the order of their names has it`,
      { by: statementOf(now, 'altered', scene), hint: 'Choose a name that sorts like the old one.' },
    )
  })

/** A trigger that both versions have and that the renamed one now stands on the other side of. */
function passed({ before }: Rename, now: Thing, scene: Scene): Thing | null {
  const [old, own] = [ownName(before), ownName(now)]
  const node = triggerOf(now)
  const other = [...scene.after.values()].find((one) => {
    if (one.sort !== 'trigger' || one.object === now.object || wholeName(one) !== wholeName(now)) return false
    const renamed = scene.renames.find((two) => two.to === one.object)
    const was = renamed === undefined ? ownName(one) : ownName(renamed.before)
    const isThere = renamed !== undefined || scene.isOld(one.object)
    return isThere && isBefore(old, was) !== isBefore(own, ownName(one)) && fireTogether(node, triggerOf(one))
  })
  return other ?? null
}

const triggerOf = (thing: Thing): NodeOf<'CreateTrigStmt'> | undefined => as(nodeOf(thing.facets[0]), 'CreateTrigStmt')

/** The server compares names byte by byte. */
const isBefore = (a: string, b: string): boolean => Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0

const fireTogether = (one: NodeOf<'CreateTrigStmt'> | undefined, two: NodeOf<'CreateTrigStmt'> | undefined): boolean =>
  one !== undefined &&
  two !== undefined &&
  one.row === two.row &&
  (one.timing ?? 0) === (two.timing ?? 0) &&
  ((one.events ?? 0) & (two.events ?? 0)) !== 0
