import { parseSql } from '../../sql/parse.ts'
import { as, type CreateFunctionStmt, type Node, type NodeKind, partsOf, rangeParts, walk } from '../../sql/tree.ts'
import type { Scene } from './scene.ts'

/** A CREATE FUNCTION or CREATE PROCEDURE of the migrations, with its whole text. */
export interface Routine {
  readonly name: string
  readonly node: CreateFunctionStmt
  readonly text: string
}

interface Known {
  readonly routines: ReadonlyMap<string, readonly Routine[]>
  /** Calls that statements of the release have hung on a relation: of its triggers, defaults, checks, rules and its query. */
  readonly hung: ReadonlyMap<string, ReadonlySet<string>>
}

const KNOWN = new WeakMap<Scene, Known>()

/** All that a call by this name may mean: every form of the release itself, and of before the last of each signature. */
export const routinesCalled = (name: string, scene: Scene): readonly Routine[] =>
  knownTo(scene).routines.get(name) ?? []

/** The functions that whoever reads or writes a relation may call, because the release has tied them to it. */
const hungOn = (relation: string, scene: Scene): ReadonlySet<string> => knownTo(scene).hung.get(relation) ?? new Set()

function knownTo(scene: Scene): Known {
  const known = KNOWN.get(scene)
  if (known !== undefined) return known
  const pending = new Set(scene.statements.map((one) => one.file))
  const routines = new Map<string, Map<string, Routine>>()
  const hung = new Map<string, Set<string>>()
  for (const { up } of scene.tree.migrations) {
    const isPending = pending.has(up.file)
    for (const { text } of up.pieces ?? [{ text: up.text }]) {
      if (!isPending && !/\b(?:function|procedure)\b/i.test(text)) continue
      const parsed = parseSql(text)
      for (const { node, start, end } of parsed.ok ? parsed.statements : []) {
        const made = as(node, 'CreateFunctionStmt')
        if (made !== undefined) keep(routines, made, text.slice(start, end), isPending)
        else if (isPending) hang(hung, node)
      }
    }
  }
  const all = { routines: new Map([...routines].map(([name, forms]) => [name, [...forms.values()]])), hung }
  KNOWN.set(scene, all)
  return all
}

function keep(routines: Map<string, Map<string, Routine>>, node: CreateFunctionStmt, text: string, isPending: boolean) {
  const name = partsOf(node.funcname).at(-1) ?? ''
  const forms = routines.get(name) ?? new Map<string, Routine>()
  const types: string[] = []
  walk(node.parameters, 'TypeName', (type) => types.push(partsOf(type.names).at(-1) ?? ''))
  forms.set(isPending ? `${text} ${forms.size}` : types.join(), { name, node, text })
  routines.set(name, forms)
}

function hang(hung: Map<string, Set<string>>, node: Node): void {
  const relation =
    as(node, 'CreateTrigStmt')?.relation ??
    as(node, 'CreateStmt')?.relation ??
    as(node, 'AlterTableStmt')?.relation ??
    as(node, 'ViewStmt')?.view ??
    as(node, 'RuleStmt')?.relation
  const name = rangeParts(relation).at(-1)
  if (name === undefined) return
  const calls = hung.get(name) ?? new Set<string>()
  const trigger = as(node, 'CreateTrigStmt')
  if (trigger !== undefined) calls.add(partsOf(trigger.funcname).at(-1) ?? '')
  for (const called of callsIn(node)) calls.add(called)
  hung.set(name, calls)
}

/** The names of all functions that stand in a tree. */
export function callsIn(node: Node): string[] {
  const found: string[] = []
  walk([node], 'FuncCall', (call) => found.push(partsOf(call.funcname).at(-1) ?? ''))
  const procedure = as(node, 'CallStmt')?.funccall
  if (procedure !== undefined) found.push(partsOf(procedure.funcname).at(-1) ?? '')
  return found
}

/** The own names of all relations that stand in a tree; the grammar wraps some of them, and others not. */
function relationsIn(value: unknown, found: string[] = []): string[] {
  if (typeof value !== 'object' || value === null) return found
  if ('relname' in value && typeof value.relname === 'string') found.push(value.relname)
  for (const member of Object.values(value)) relationsIn(member, found)
  return found
}

/** What only stores expressions: nothing in it runs before somebody uses the object. */
const STORED: ReadonlySet<NodeKind> = new Set([
  'CreateFunctionStmt',
  'ViewStmt',
  'RuleStmt',
  'CreateTrigStmt',
  'CreatePolicyStmt',
  'AlterPolicyStmt',
  'CreateStmt',
  'DoStmt',
])

/** The names of the functions that a statement may call while it runs. */
export function callsOf(node: Node, scene: Scene): ReadonlySet<string> {
  const found = new Set<string>()
  if ([...STORED].some((kind) => kind in node)) return found
  for (const name of callsIn(node)) found.add(name)
  for (const relation of relationsIn(node)) for (const name of hungOn(relation, scene)) found.add(name)
  return found
}
