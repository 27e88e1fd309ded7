import { parseSql } from '../../../sql/parse.ts'
import { fragmentsOf } from '../../../sql/plpgsql.ts'
import { as, type Node, optionOf, partsOf, stringOf, walk } from '../../../sql/tree.ts'
import type { Scene } from '../scene.ts'
import { ownName, type Thing } from '../thing.ts'
import { functionText } from '../code/trigger-function.ts'
import { nodeOf } from './constraint-text.ts'

/** What a body needs a search_path for; null if every name in it has its schema or is the server's own. */
export function needsPath(thing: Thing, scene: Scene): string | null {
  const nodes = bodyOf(functionText(thing.name.slice(0, thing.name.indexOf('(')).split('.'), scene))
  if (nodes === null) return 'its body cannot be read'
  let found: string | null = null
  const known = new Set<string>()
  walk(nodes, 'CommonTableExpr', (one) => known.add(one.ctename ?? ''))
  walk(nodes, 'RangeVar', (one) => {
    if (one.schemaname === undefined && !known.has(one.relname ?? '')) found ??= `its body says ${one.relname ?? ''}`
  })
  const own = new Set(
    [...scene.after.values()].flatMap((one) =>
      ['function', 'procedure', 'aggregate'].includes(one.sort) ? ownName(one) : [],
    ),
  )
  walk(nodes, 'FuncCall', (one) => {
    const [name, schema] = partsOf(one.funcname).toReversed()
    if (schema === undefined && name !== undefined && own.has(name)) found ??= `its body says ${name}()`
  })
  const types = new Set(
    [...scene.after.values()].flatMap((one) => (['type', 'domain'].includes(one.sort) ? ownName(one) : [])),
  )
  walk(nodes, 'TypeCast', ({ typeName }) => {
    const [name, schema] = partsOf(typeName?.names).toReversed()
    if (schema === undefined && name !== undefined && types.has(name)) found ??= `its body says ${name}`
  })
  return found
}

/** The statements of a function's body; null where they cannot all be read. */
function bodyOf(text: string | null): readonly unknown[] | null {
  const made = as(nodeOf(text), 'CreateFunctionStmt')
  if (text === null || made === undefined) return null
  if (made.sql_body !== undefined) return []
  const language = stringOf(optionOf(made.options, 'language')?.arg)
  if (language === 'sql') return parsed(bodyText(optionOf(made.options, 'as')?.arg))
  if (language !== 'plpgsql') return null
  const nodes: unknown[] = []
  for (const { role, sql } of fragmentsOf(text) ?? [{ role: 'dynamic' as const, sql: '' }]) {
    const read =
      role === 'dynamic' ? null : role === 'transaction' ? [] : parsed(role === 'expression' ? `SELECT ${sql}` : sql)
    if (read === null) return null
    nodes.push(...read)
  }
  return nodes
}

const bodyText = (node: Node | undefined): string => partsOf(as(node, 'List')?.items)[0] ?? ''

function parsed(sql: string): readonly unknown[] | null {
  const read = parseSql(sql)
  return read.ok ? read.statements.map((one) => one.node) : null
}
