import type { TracedStatement } from '../../../observers/effects/kind.ts'
import { as, type FuncCall, type Node, partsOf, walk } from '../../../sql/tree.ts'
import { bodiesOf } from '../code/bodies.ts'
import type { Scene } from '../scene.ts'

/** A call of a function that happened, by its own name. */
export interface Call {
  readonly name: string
  readonly args: readonly Node[]
  /** Whether its arguments stand in the file, and not in a text whose constants the server has replaced. */
  readonly isAsWritten: boolean
}

/** What only stores calls for later. */
const STORED = new Set(['CreateFunctionStmt', 'ViewStmt', 'RuleStmt', 'CreateTrigStmt', 'CreateStmt', 'AlterTableStmt'])

/** The functions that a statement called, as far as it and what ran inside of it show. */
export function calledBy(by: TracedStatement, scene: Scene): Call[] {
  const nodes = scene.nodesOf(by)
  const isOwnFirst = scene.reading.ownNode(by) !== null
  // Of a value in a body that has no branches, the server keeps no text; it was computed all the same.
  const values = bodiesOf(by, scene).bodies.flatMap((body) => (body.isCertain ? body.expressions : []))
  return [
    ...callsIn(isOwnFirst ? nodes.slice(0, 1) : [], true),
    ...callsIn(isOwnFirst ? nodes.slice(1) : nodes, false),
    ...callsIn(values, true),
  ]
}

/** The calls in statements; of those that only store them, none. */
export function callsIn(nodes: readonly Node[], isAsWritten: boolean): Call[] {
  const found: Call[] = []
  const add = ({ funcname, args }: FuncCall): void => {
    found.push({ name: partsOf(funcname).at(-1) ?? '', args: args ?? [], isAsWritten })
  }
  for (const node of nodes) {
    if (STORED.has(Object.keys(node)[0] ?? '')) continue
    walk([node], 'FuncCall', add)
    const procedure = as(node, 'CallStmt')?.funccall
    if (procedure !== undefined) add(procedure)
  }
  return found
}

const WAITING =
  /^(?:pg_sleep\w*|dblink\w*|pg_advisory_(?:xact_)?lock(?:_shared)?|pg_wal_replay_wait|pg_import_system_collations)$/

/** The function among these that waits for something: for time to pass, another server, a lock that others may hold. */
export const waitingCall = (calls: readonly Call[]): string | null =>
  calls.find((one) => WAITING.test(one.name) && !isForNothing(one))?.name ?? null

/** `pg_sleep(0)`. */
const isForNothing = ({ name, args }: Call): boolean =>
  name === 'pg_sleep' &&
  args.length === 1 &&
  as(args[0], 'A_Const')?.ival !== undefined &&
  as(args[0], 'A_Const')?.ival?.ival === undefined
