import type { MigrationTree } from '../../observers/migration-tree/kind.ts'
import type { TracedStatement } from '../../observers/effects/kind.ts'
import { parseSql } from '../../sql/parse.ts'
import type { Node } from '../../sql/tree.ts'

/** Reads the text of traced statements: whole from their file, where the trace holds only its beginning. */
export class Reading {
  readonly #tree: MigrationTree
  /** Statements of each file by `line:column`. */
  readonly #files = new Map<string, ReadonlyMap<string, Node>>()
  readonly #nodes = new WeakMap<TracedStatement, readonly Node[]>()
  readonly #texts = new WeakMap<Node, string>()

  constructor(tree: MigrationTree) {
    this.#tree = tree
  }

  /** The statement itself; null where it cannot be read. */
  ownNode(statement: TracedStatement): Node | null {
    const placed = this.#file(statement.file).get(`${statement.line}:${statement.column}`)
    if (placed !== undefined) return placed
    const nodes = this.#read(statement.text)
    return nodes.length === 1 ? (nodes[0] ?? null) : null
  }

  /** The text of a statement that was read here; null for any other node. */
  textOf(node: Node): string | null {
    return this.#texts.get(node) ?? null
  }

  /** The statement and what ran inside of it, as far as that can be read. */
  nodes(statement: TracedStatement): readonly Node[] {
    const known = this.#nodes.get(statement)
    if (known !== undefined) return known
    const own = this.ownNode(statement)
    const nested = statement.nested.flatMap((text) => this.#read(text))
    const nodes = own === null ? nested : [own, ...nested]
    this.#nodes.set(statement, nodes)
    return nodes
  }

  #read(text: string): readonly Node[] {
    const parsed = parseSql(text)
    if (!parsed.ok) return []
    for (const one of parsed.statements) this.#texts.set(one.node, text.slice(one.start, one.end))
    return parsed.statements.map((one) => one.node)
  }

  #file(file: string): ReadonlyMap<string, Node> {
    const known = this.#files.get(file)
    if (known !== undefined) return known
    const found = new Map<string, Node>()
    const script = this.#tree.migrations.find((one) => one.up.file === file)?.up
    for (const { text, line } of script?.pieces ?? (script === undefined ? [] : [{ text: script.text, line: 1 }])) {
      const parsed = parseSql(text)
      if (!parsed.ok) continue
      for (const one of parsed.statements) {
        found.set(`${one.line + line - 1}:${one.column}`, one.node)
        this.#texts.set(one.node, text.slice(one.start, one.end))
      }
    }
    this.#files.set(file, found)
    return found
  }
}
