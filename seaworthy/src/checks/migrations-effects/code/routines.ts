import { mayMakeRoutine, parseScript } from '../../../sql/script.ts'
import { as, type CreateFunctionStmt, type Node, objectParts, partsOf, walk } from '../../../sql/tree.ts'
import { blockBody, type Routine, statementsIn } from './body.ts'
import type { Scene } from '../scene.ts'
import { ownName, ROUTINES, thingOf } from '../thing.ts'

interface Known {
  readonly routines: ReadonlyMap<string, readonly Routine[]>
  /** Names of functions that the release made of texts that nobody can read. */
  readonly unread: ReadonlySet<string>
}

const KNOWN = new WeakMap<Scene, Known>()

/** All that a call by this name may mean: every form of the release itself, and of before the last of each signature. */
export const routinesCalled = (name: string, scene: Scene): readonly Routine[] =>
  knownTo(scene).routines.get(name) ?? []

/** Whether the release made a function of that name of a text that was put together at run time. */
export const isMadeUnread = (name: string, scene: Scene): boolean => knownTo(scene).unread.has(name)

/** The names of all functions that stand in a tree. */
export function callsIn(node: Node): string[] {
  const found: string[] = []
  walk([node], 'FuncCall', (call) => found.push(partsOf(call.funcname).at(-1) ?? ''))
  const procedure = as(node, 'CallStmt')?.funccall
  if (procedure !== undefined) found.push(partsOf(procedure.funcname).at(-1) ?? '')
  return found
}

function knownTo(scene: Scene): Known {
  const known = KNOWN.get(scene)
  if (known !== undefined) return known
  const routines = new Routines()
  const pending = new Set(scene.statements.map((one) => one.file))
  for (const { up } of scene.tree.migrations) {
    const isPending = pending.has(up.file)
    for (const { text } of up.pieces ?? [{ text: up.text }]) routines.read(text, isPending)
  }
  const unread = unreadIn(scene, routines)
  const all = { routines: routines.byName(), unread }
  KNOWN.set(scene, all)
  return all
}

/** Functions by name, and under it by signature. */
class Routines {
  readonly #forms = new Map<string, Map<string, Routine>>()

  /** Every CREATE FUNCTION in a script, also in its blocks and in the constant texts that those execute. */
  read(text: string, isPending: boolean): void {
    if (!mayMakeRoutine(text)) return
    const parsed = parseScript(text)
    for (const { node, start, end } of parsed.ok ? parsed.statements : [])
      this.add(node, text.slice(start, end), isPending)
  }

  add(node: Node, text: string, isPending: boolean): void {
    const made = as(node, 'CreateFunctionStmt')
    if (made !== undefined) this.#keep(made, text, isPending)
    const rename = as(node, 'RenameStmt')
    if (rename !== undefined && NAMED.has(rename.renameType ?? ''))
      this.#rename(objectParts(rename.object).at(-1) ?? '', rename.newname ?? '')
    if (!('DoStmt' in node)) return
    const body = blockBody(text)
    for (const inner of typeof body === 'string' ? [] : body.statements)
      if (inner.text !== null) this.add(inner.node, inner.text, isPending)
  }

  has = (name: string): boolean => this.#forms.has(name)

  byName(): ReadonlyMap<string, readonly Routine[]> {
    return new Map([...this.#forms].map(([name, forms]) => [name, [...forms.values()]]))
  }

  /** By its old name it was called until then. */
  #rename(from: string, to: string): void {
    const forms = this.#forms.get(from) ?? new Map<string, Routine>()
    this.#forms.set(to, new Map([...(this.#forms.get(to) ?? []), ...forms]))
  }

  #keep(node: CreateFunctionStmt, text: string, isPending: boolean): void {
    const name = partsOf(node.funcname).at(-1) ?? ''
    const forms = this.#forms.get(name) ?? new Map<string, Routine>()
    const types: string[] = []
    walk(node.parameters, 'TypeName', (type) => types.push(partsOf(type.names).at(-1) ?? ''))
    forms.set(isPending ? `${text} ${forms.size}` : types.join(), { name, node, text })
    this.#forms.set(name, forms)
  }
}

const NAMED = new Set(['OBJECT_FUNCTION', 'OBJECT_PROCEDURE', 'OBJECT_ROUTINE'])
const MAKING = new Set(['CREATE FUNCTION', 'CREATE PROCEDURE'])

/**
 * Functions that the server says were made and that no text shows. Whole texts that ran inside of a statement show some,
 * and are kept.
 */
function unreadIn(scene: Scene, routines: Routines): ReadonlySet<string> {
  const unread = new Set<string>()
  for (const statement of scene.statements) {
    const made = statement.events.flatMap((event) => {
      if ((event.kind !== 'created' && event.kind !== 'altered') || !MAKING.has(event.command)) return []
      const thing = thingOf({ object: event.object, definition: '' })
      return ROUTINES.has(thing.sort) ? [ownName(thing)] : []
    })
    if (made.length === 0) continue
    const shown = new Routines()
    const own = scene.reading.ownNode(statement)
    if (own !== null) shown.add(own, scene.reading.textOf(own) ?? '', true)
    for (const text of statement.nested) {
      for (const inner of statementsIn(text) ?? []) {
        shown.add(inner.node, inner.text ?? '', true)
        routines.add(inner.node, inner.text ?? '', true)
      }
    }
    for (const name of made) if (!shown.has(name) && !routines.has(name)) unread.add(name)
  }
  return unread
}
