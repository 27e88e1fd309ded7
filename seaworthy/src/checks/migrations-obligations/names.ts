import { as, commandsOf, type Node, objectParts, rangeParts } from '../../sql/tree.ts'
import { nameParts, quotedName, quotedQualified } from '../../sql/identifier.ts'
import type { Schema } from './schema.ts'
import type { PendingStatement } from './statements.ts'

/** Under which name production knows a table, and its columns by their present names. */
export interface Origin {
  readonly table: string
  /** A column that the release added is not in it. */
  readonly columns: Map<string, string>
}

/**
 * Follows the names of what existed before the release through its statements. Renames are read from the migrations'
 * text; where the server shows one that no text tells, it is taken from what disappeared and was not dropped.
 */
export class Names {
  #tables = new Map<string, Origin>()
  /** Tables of which nobody can say whether they are new or renamed. */
  readonly unclear = new Set<string>()

  constructor(before: Schema) {
    for (const table of before.tables.values()) {
      const columns = new Map([...table.columns.keys()].map((name) => [name, name]))
      this.#tables.set(quotedQualified(table.name), { table: table.name, columns })
    }
  }

  /** Null for a table that the release made. */
  originOf(table: string): Origin | null {
    return this.#tables.get(quotedQualified(table)) ?? null
  }

  /** A table by the parts of its name, in quotes; one without a schema is looked for in `public` first. */
  find(parts: readonly string[]): string | null {
    const names = [...this.#tables.keys()]
    const found = names.filter((name) => isNamed(name, parts))
    return found.find((name) => nameParts(name)[0] === 'public') ?? found[0] ?? null
  }

  /** Goes on over the statements of one step of the release, which lead from one catalogue to the next. */
  advance(statements: readonly PendingStatement[], before: Schema, after: Schema): void {
    for (const { nodes } of statements) for (const node of nodes) this.#read(node)
    const events = statements.flatMap((one) => one.traced?.events ?? [])
    const named = (kind: 'dropped' | 'created', sort: string): ReadonlySet<string> =>
      new Set(
        events.flatMap((one) =>
          one.kind === kind && one.object.startsWith(`${sort} `)
            ? [quotedQualified(one.object.slice(sort.length + 1))]
            : [],
        ),
      )
    this.#inferTables(before, after, named('dropped', 'table'), named('created', 'table'))
    const present = new Set([...after.tables.keys()].map(quotedQualified))
    for (const name of this.#tables.keys()) if (!present.has(name)) this.#tables.delete(name)
    if (events.length > 0) this.#inferColumns(after, named('dropped', 'column'))
    for (const table of after.tables.values()) {
      const columns = this.originOf(table.name)?.columns
      for (const column of columns?.keys() ?? []) if (!table.columns.has(column)) columns?.delete(column)
    }
  }

  #read(node: Node): void {
    const rename = as(node, 'RenameStmt')
    const named = rename?.relation === undefined ? null : this.find(rangeParts(rename.relation))
    if (rename?.renameType === 'OBJECT_TABLE' && named !== null) this.#moveTable(named, { name: rename.newname ?? '' })
    if (rename?.renameType === 'OBJECT_COLUMN' && named !== null) {
      const columns = this.#tables.get(named)?.columns
      const origin = columns?.get(rename.subname ?? '')
      columns?.delete(rename.subname ?? '')
      if (origin !== undefined) columns?.set(rename.newname ?? '', origin)
    }
    if (rename?.renameType === 'OBJECT_SCHEMA') this.#moveSchema(rename.subname ?? '', rename.newname ?? '')
    const move = as(node, 'AlterObjectSchemaStmt')
    const moved = move?.relation === undefined ? null : this.find(rangeParts(move.relation))
    if (moved !== null) this.#moveTable(moved, { schema: move?.newschema ?? '' })
    const drop = as(node, 'DropStmt')
    if (drop?.removeType === 'OBJECT_TABLE') {
      for (const one of drop.objects ?? []) this.#tables.delete(this.find(objectParts(one)) ?? '')
    }
    const alter = as(node, 'AlterTableStmt')
    for (const command of commandsOf(alter?.cmds)) {
      if (command.subtype !== 'AT_DropColumn') continue
      this.#tables.get(this.find(rangeParts(alter?.relation)) ?? '')?.columns.delete(command.name ?? '')
    }
  }

  #moveTable(from: string, to: { readonly name?: string; readonly schema?: string }): void {
    const [schema = '', name = ''] = nameParts(from)
    const origin = this.#tables.get(from)
    this.#tables.delete(from)
    if (origin === undefined) return
    this.#tables.set(`${quotedName(to.schema ?? schema)}.${quotedName(to.name ?? name)}`, origin)
  }

  #moveSchema(from: string, to: string): void {
    for (const table of Array.from(this.#tables.keys())) {
      if (nameParts(table)[0] === from) this.#moveTable(table, { schema: to })
    }
  }

  /** A table that is there, that nobody made and that was not there before, was renamed without any text that says so. */
  #inferTables(before: Schema, after: Schema, dropped: ReadonlySet<string>, created: ReadonlySet<string>): void {
    const present = new Set([...after.tables.keys()].map(quotedQualified))
    const gone = [...before.tables.values()].filter(({ name }) => {
      const key = quotedQualified(name)
      return this.#tables.has(key) && !present.has(key) && !dropped.has(key)
    })
    for (const table of after.tables.values()) {
      const key = quotedQualified(table.name)
      if (this.#tables.has(key) || before.tables.has(table.name) || created.has(key)) continue
      const alike = gone.filter(({ columns }) => [...columns.keys()].every((name) => table.columns.has(name)))
      const [only] = alike
      const origin = only === undefined ? undefined : this.#tables.get(quotedQualified(only.name))
      if (alike.length === 1 && origin !== undefined) this.#tables.set(key, origin)
      else if (gone.length > 0) this.unclear.add(table.name)
    }
  }

  /** The same for columns, by what the server reported as dropped. */
  #inferColumns(after: Schema, dropped: ReadonlySet<string>): void {
    for (const table of after.tables.values()) {
      const columns = this.originOf(table.name)?.columns
      if (columns === undefined) continue
      const renamed = [...columns].filter(
        ([name]) => !table.columns.has(name) && !dropped.has(`${quotedQualified(table.name)}.${quotedName(name)}`),
      )
      const fresh = [...table.columns.keys()].filter((name) => !columns.has(name))
      const [[, origin] = [], ...others] = renamed
      const [target, ...more] = fresh
      if (origin === undefined || target === undefined) continue
      if (others.length + more.length === 0) columns.set(target, origin)
      else this.unclear.add(table.name)
    }
  }
}

const isNamed = (name: string, wanted: readonly string[]): boolean => {
  const own = nameParts(name)
  return wanted.every((part, index) => own.at(index - wanted.length) === part)
}
