import type { TracedStatement } from '../../../observers/effects/kind.ts'
import { as, type Node } from '../../../sql/tree.ts'
import type { Scene } from '../scene.ts'

/** Fewer rows than this are fetched in a moment. */
const FEW = 10_000

/** The query that EXECUTE and FETCH run, from the statement that gave it a name; any other statement itself. */
export function standsFor(node: Node, by: TracedStatement, scene: Scene): Node {
  const executed = as(node, 'ExecuteStmt')?.name
  const fetch = as(node, 'FetchStmt')
  if (executed === undefined && fetch === undefined) return node
  if (fetch !== undefined && Number(fetch.howMany ?? 1) < FEW) return node
  for (const earlier of scene.statements.slice(0, scene.statements.indexOf(by)).toReversed()) {
    const own = scene.reading.ownNode(earlier) ?? undefined
    const prepared = as(own, 'PrepareStmt')
    if (executed !== undefined && prepared?.name === executed) return prepared.query ?? node
    const cursor = as(own, 'DeclareCursorStmt')
    if (fetch !== undefined && cursor?.portalname === fetch.portalname) return cursor?.query ?? node
  }
  return node
}
