import type { TracedStatement } from '../../../observers/effects/kind.ts'
import type { Node } from '../../../sql/tree.ts'
import { bodiesOf } from '../code/bodies.ts'
import { type Body, constantOf, statementsIn } from '../code/body.ts'
import { type Call, callsIn } from './called.ts'
import type { Scene } from '../scene.ts'
import { ownName, thingOf } from '../thing.ts'

/** What stands in a body behind the statement that takes a lock. */
export interface Rest {
  /** Statements. */
  readonly after: readonly Node[]
  /** Calls in them, and in values. */
  readonly calls: readonly Call[]
}

/** Of the blocks and functions that a statement runs: what comes in them after the table was locked. */
export function blocksFrom(by: TracedStatement, object: string, scene: Scene): Rest[] {
  const name = ownName(thingOf({ object, definition: '' }))
  return bodiesOf(by, scene).bodies.flatMap((body) => {
    const pieces = piecesOf(body)
    const at = pieces.findIndex((one) => isLocking(one, name))
    if (at === -1) return []
    const rest = pieces.slice(at + 1)
    return [
      {
        after: rest.flatMap((one) => (one.isStatement ? one.nodes : [])),
        calls: callsIn(
          rest.flatMap((one) => one.nodes),
          true,
        ),
      },
    ]
  })
}

interface Piece {
  readonly isStatement: boolean
  readonly nodes: readonly Node[]
}

/** The body in its own order; a text that is put together at run time is a piece without statements. */
function piecesOf(body: Body): Piece[] {
  if (body.fragments.length === 0) return body.statements.map(({ node }) => ({ isStatement: true, nodes: [node] }))
  return body.fragments.map(({ role, sql }) => {
    const text = role === 'dynamic' ? (constantOf(sql) ?? '') : role === 'statement' ? sql : `SELECT ${sql}`
    const nodes = role === 'transaction' ? [] : (statementsIn(text) ?? []).map(({ node }) => node)
    return { isStatement: role === 'statement' || role === 'dynamic', nodes }
  })
}

/** What only reads or writes rows takes no lock that matters here. */
const WITHOUT = new Set(['SelectStmt', 'InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt', 'VariableSetStmt'])

function isLocking({ isStatement, nodes }: Piece, name: string): boolean {
  if (!isStatement) return false
  if (nodes.length === 0) return true
  return nodes.some(
    (node) => !WITHOUT.has(Object.keys(node)[0] ?? '') && JSON.stringify(node).includes(JSON.stringify(name)),
  )
}
