import type { TracedStatement } from '../../../observers/effects/kind.ts'
import { as, type Node } from '../../../sql/tree.ts'
import { blockBody, type Body, routineBody } from './body.ts'
import { callsOf } from './hung.ts'
import { isMadeUnread, routinesCalled } from './routines.ts'
import type { Scene } from '../scene.ts'
import { ownName, thingOf } from '../thing.ts'

/** A body that a statement reaches. */
export interface Reached extends Body {
  /** Whether only triggers of before lead to it, which do the same with every write of the running version. */
  readonly isUsual: boolean
}

export interface Bodies {
  readonly bodies: readonly Reached[]
  /** Why there may be more than these; null if there is not. */
  readonly unread: string | null
}

const MOST_BODIES = 200

/**
 * Follows a statement through its block and through all functions that those call, by name or by what hangs on the
 * relations, types and operators that they name.
 */
export function bodiesOf(by: TracedStatement, scene: Scene): Bodies {
  const known = REACHED.get(scene) ?? new Map<TracedStatement, Bodies>()
  REACHED.set(scene, known)
  const bodies = known.get(by) ?? follow(by, scene)
  known.set(by, bodies)
  return bodies
}

/** Several rules ask for the same statements. */
const REACHED = new WeakMap<Scene, Map<TracedStatement, Bodies>>()

function follow(by: TracedStatement, scene: Scene): Bodies {
  const node = scene.reading.ownNode(by)
  if (node === null) return { bodies: [], unread: null }
  const walkthrough = new Walkthrough(scene)
  if ('DoStmt' in node) walkthrough.add(blockBody(scene.reading.textOf(node)))
  for (const one of scene.nodesOf(by)) walkthrough.reach(one)
  for (const relation of writtenBy(by)) walkthrough.reach(relation)
  return walkthrough.end()
}

/** A mention of each table that a statement wrote to, whatever led it there. */
const writtenBy = ({ events, ownWrites = [] }: TracedStatement): Node[] => {
  const old = events.flatMap((event) => (event.kind === 'write' ? event.object : []))
  const written = new Set([...old, ...ownWrites.map(({ object }) => object)])
  return [...written].map((object) => ({ RangeVar: { relname: ownName(thingOf({ object, definition: '' })) } }))
}

class Walkthrough {
  readonly #scene: Scene
  readonly #bodies: Reached[] = []
  readonly #seen = new Set<string>()
  readonly #waiting: string[] = []
  /** Names that only triggers of before lead to. They are followed when there are no others left. */
  readonly #usual: string[] = []
  #unread: string | null = null

  constructor(scene: Scene) {
    this.#scene = scene
  }

  add(body: Body | string, isUsual = false): void {
    if (typeof body === 'string') {
      // What triggers of before do, production knows; nobody has to read all of it.
      if (!isUsual) this.#unread ??= body
      return
    }
    this.#bodies.push({ ...body, isUsual })
    for (const inner of [...body.statements.map((one) => one.node), ...body.expressions]) this.reach(inner, isUsual)
  }

  reach(node: Node, isUsual = false): void {
    const { functions, usual } = callsOf(node, this.#scene)
    ;(isUsual ? this.#usual : this.#waiting).push(...functions)
    this.#usual.push(...usual)
  }

  end(): Bodies {
    for (;;) {
      const name = this.#waiting.pop()
      if (name !== undefined) this.#enter(name, false)
      else {
        const usual = this.#usual.pop()
        if (usual === undefined) return { bodies: this.#bodies, unread: this.#unread }
        this.#enter(usual, true)
      }
    }
  }

  #enter(name: string, isUsual: boolean): void {
    if (isMadeUnread(name, this.#scene)) this.#unread ??= `nobody can read what ${name}() was made of`
    for (const routine of routinesCalled(name, this.#scene)) {
      if (this.#seen.has(routine.text)) continue
      this.#seen.add(routine.text)
      // A call without it runs the default of a parameter.
      for (const one of routine.node.parameters ?? []) {
        const value = as(one, 'FunctionParameter')?.defexpr
        if (value !== undefined) this.reach(value, isUsual)
      }
      const isLast = this.#bodies.length >= MOST_BODIES
      this.add(isLast ? 'it calls too many functions to follow' : routineBody(routine), isUsual)
    }
  }
}
