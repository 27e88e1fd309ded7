import { type NodeKind, type NodeOf, walk } from '../../../sql/tree.ts'
import { bodiesOf } from '../code/bodies.ts'
import type { Scene } from '../scene.ts'
import { ownName, thingOf } from '../thing.ts'
import type { Write } from './writes.ts'

/**
 * As `about`, of the blocks and functions that a statement runs, with their constants: the server tells them without.
 * What triggers of before do is left out.
 */
export function inBodies<K extends NodeKind>(
  { by, event }: Write,
  kind: K,
  scene: Scene,
  isIt: (node: NodeOf<K>) => string | undefined,
): NodeOf<K>[] {
  const own = ownName(thingOf({ object: event.object, definition: '' }))
  const found: NodeOf<K>[] = []
  const bodies = bodiesOf(by, scene).bodies.filter((one) => !one.isUsual)
  const nodes = bodies.flatMap((body) => body.statements.map((one) => one.node))
  walk(nodes, kind, (node) => {
    if (isIt(node) === own) found.push(node)
  })
  return found
}
