import { parseSql } from '../../../sql/parse.ts'
import { eachNode, isError, memberOf, queryIn, sidesOf, treeOf } from '../../../sql/plpgsql.ts'
import { as, kindOf, type Node, optionOf, partsOf, stringOf, walk } from '../../../sql/tree.ts'
import type { Scene } from '../scene.ts'
import { ownName } from '../thing.ts'

/** What a trigger's function may do to the statement that fires it. */
export interface TriggerWork {
  /** Why it may swallow, refuse or change a write, or write elsewhere; null if it does nothing of the kind. */
  readonly before: string | null
  readonly after: string | null
}

const unknown = (why: string): TriggerWork => ({ before: why, after: why })

/** The server's own functions for triggers, which only fill a column that they are told, or skip what changes nothing. */
const HARMLESS = new Set([
  'tsvector_update_trigger',
  'tsvector_update_trigger_column',
  'suppress_redundant_updates_trigger',
])

/** Reads the function that the migrations gave that name last. What cannot be read may do anything. */
export function workOf(parts: readonly string[], scene: Scene, table: string): TriggerWork {
  const name = parts.at(-1) ?? ''
  if (HARMLESS.has(name) && (parts.length === 1 || parts[0] === 'pg_catalog')) return { before: null, after: null }
  const made = lastFunction(parts, scene)
  if (made === null) return unknown(`the migrations do not show what ${name}() does`)
  const language = stringOf(optionOf(made.node.options, 'language')?.arg)
  if (language !== 'plpgsql') return unknown(`${name}() is written in ${language ?? 'another language'}`)
  const tree = treeOf(made.text)
  if (tree === null) return unknown(`the body of ${name}() cannot be read`)
  const body = bodyOf(tree)
  return { before: beforeWork(body, name, scene, table), after: afterWork(body, name, scene) }
}

/** Whether a trigger's function, as far as it can be read, assigns that column of the row. */
export function doesAssign(parts: readonly string[], column: string, scene: Scene): boolean {
  const made = lastFunction(parts, scene)
  let isAssigned = false
  eachNode(bodyOf(made === null ? null : treeOf(made.text)), (kind, node) => {
    if (kind !== 'PLpgSQL_stmt_assign') return
    const [row, name] = nameOf(sidesOf(queryIn(node)).target) ?? []
    isAssigned ||= row === 'new' && name?.toLowerCase() === column.toLowerCase()
  })
  return isAssigned
}

/** The whole CREATE FUNCTION that the migrations gave that name last; null if they show none. */
export const functionText = (parts: readonly string[], scene: Scene): string | null =>
  lastFunction(parts, scene)?.text ?? null

function lastFunction(
  parts: readonly string[],
  scene: Scene,
): { node: NonNullable<ReturnType<typeof routine>>; text: string } | null {
  const name = parts.at(-1) ?? ''
  for (const { up } of scene.tree.migrations.toReversed()) {
    for (const { text } of up.pieces ?? [{ text: up.text }]) {
      if (!text.includes(name)) continue
      const parsed = parseSql(text)
      if (!parsed.ok) continue
      const found = parsed.statements.findLast(({ node }) => isNamed(partsOf(routine(node)?.funcname), parts))
      const node = routine(found?.node)
      if (found !== undefined && node !== undefined) return { node, text: text.slice(found.start, found.end) }
    }
  }
  return null
}

const routine = (node: Node | undefined) => as(node, 'CreateFunctionStmt')

/** Without a schema on one side the name alone decides. */
const isNamed = (made: readonly string[], wanted: readonly string[]): boolean =>
  made.at(-1) === wanted.at(-1) && (made.length < 2 || wanted.length < 2 || made.at(-2) === wanted.at(-2))

/** The parts of a name in an expression that is nothing else: `NEW.price` → `new`, `price`; null for any other. */
function nameOf(expression: string): string[] | null {
  const parsed = parseSql(`SELECT ${expression}`)
  const target = parsed.ok ? as(parsed.statements[0]?.node, 'SelectStmt')?.targetList?.[0] : undefined
  const column = as(as(target, 'ResTarget')?.val, 'ColumnRef')
  return column === undefined ? null : partsOf(column.fields)
}

/** The statements without the declarations: the server declares NEW and OLD itself. */
function bodyOf(tree: unknown): unknown {
  const actions: unknown[] = []
  eachNode(tree, (key, node) => {
    if (key === 'PLpgSQL_function') actions.push(memberOf(node, 'action'))
  })
  return actions
}

function common(key: string, node: object, name: string, scene: Scene): string | null {
  if (key === 'PLpgSQL_stmt_raise' && isError(node)) return `${name}() may refuse the write`
  if (key === 'PLpgSQL_stmt_assert') return `${name}() may refuse the write`
  if (key.startsWith('PLpgSQL_stmt_dyn')) return `${name}() runs a text that it puts together`
  if (key === 'PLpgSQL_stmt_execsql') return writes(queryIn(node), name)
  if (key === 'PLpgSQL_stmt_perform') return calls(queryIn(node), name, scene)
  return null
}

/** Of what a trigger does elsewhere, only adding rows takes nothing from anybody. */
function writes(sql: string, name: string): string | null {
  const parsed = parseSql(sql)
  const node = parsed.ok ? parsed.statements[0]?.node : undefined
  if (node === undefined) return `a statement of ${name}() cannot be read`
  const kind = kindOf(node)
  if (kind === 'SelectStmt') return null
  const insert = as(node, 'InsertStmt')
  return insert !== undefined && insert.onConflictClause?.action !== 'ONCONFLICT_UPDATE'
    ? null
    : `${name}() changes rows of other tables (${kind})`
}

/** The server's own that tell somebody, or only compute. */
const QUIET = new Set(
  `pg_notify set_config now clock_timestamp statement_timestamp transaction_timestamp current_setting
   row_to_json to_json to_jsonb json_build_object jsonb_build_object json_build_array jsonb_build_array
   json_strip_nulls jsonb_strip_nulls concat concat_ws format lower upper length md5 left replace btrim coalesce to_char
   date_trunc txid_current pg_current_xact_id gen_random_uuid`.split(/\s+/),
)

/** Whether it is the server's own, which no function of that name can stand in for. */
function isQuiet(parts: readonly string[], scene: Scene): boolean {
  const own = parts.at(-1) ?? ''
  if (!QUIET.has(own)) return false
  if (parts.length > 1) return parts[0] === 'pg_catalog'
  return ![...scene.after.values()].some((one) => one.sort === 'function' && ownName(one) === own)
}

/** Functions that are called for what they do; what they do is not followed. */
function calls(sql: string, name: string, scene: Scene): string | null {
  const parsed = parseSql(sql)
  if (!parsed.ok) return `a statement of ${name}() cannot be read`
  let found: string | null = null
  walk(
    parsed.statements.map((one) => one.node),
    'FuncCall',
    (call) => {
      if (!isQuiet(partsOf(call.funcname), scene)) found ??= `${name}() calls ${partsOf(call.funcname).at(-1) ?? ''}()`
    },
  )
  return found
}

function afterWork(tree: unknown, name: string, scene: Scene): string | null {
  let found: string | null = null
  eachNode(tree, (key, node) => (found ??= common(key, node, name, scene)))
  return found
}

const STAMPS = new Set(['now', 'clock_timestamp', 'statement_timestamp', 'transaction_timestamp', 'timezone'])

/** Whether a value is the time, the role or a constant of neither the old nor the new row's. */
function isStamp(value: string): boolean {
  const parsed = parseSql(`SELECT ${value}`)
  const target = parsed.ok ? as(parsed.statements[0]?.node, 'SelectStmt')?.targetList?.[0] : undefined
  let node = as(target, 'ResTarget')?.val
  while (as(node, 'TypeCast') !== undefined) node = as(node, 'TypeCast')?.arg
  const call = as(node, 'FuncCall')
  if (call !== undefined) return STAMPS.has(partsOf(call.funcname).at(-1) ?? '')
  return as(node, 'SQLValueFunction') !== undefined
}

function beforeWork(tree: unknown, name: string, scene: Scene, table: string): string | null {
  let found: string | null = null
  eachNode(tree, (key, node) => {
    found ??= common(key, node, name, scene)
    if (key === 'PLpgSQL_rec' && memberOf(node, 'refname') === 'new') found ??= overwrites(name, 'NEW')
    if (key === 'PLpgSQL_row') found ??= fetched(node, name, scene, table)
    if (key === 'PLpgSQL_stmt_return') found ??= returned(node, name)
    if (key === 'PLpgSQL_stmt_assign') found ??= assigned(queryIn(node), name, scene, table)
  })
  return found
}

/** NEW and OLD are the first two variables of a trigger's function; the parser adds a RETURN without a line at the end. */
function returned(node: object, name: string): string | null {
  if (memberOf(node, 'lineno') === undefined) return null
  const row = memberOf(node, 'retvarno')
  const [own, ...more] = nameOf(queryIn(node)) ?? []
  const isRow = row === 0 || row === 1 || (more.length === 0 && (own === 'new' || own === 'old'))
  return isRow ? null : `${name}() may return something else than the row, and so swallow the write`
}

function assigned(sql: string, name: string, scene: Scene, table: string): string | null {
  const sides = sidesOf(sql)
  const [target, { value }] = [sides.target.toLowerCase(), sides]
  if (!target.startsWith('new')) return null
  const column = target.slice('new.'.length).replaceAll('"', '')
  if (target !== 'new' && (isStamp(value) || !scene.isOld(`column ${table}.${column}`))) return null
  return overwrites(name, target.replace('new', 'NEW'))
}

const overwrites = (name: string, target: string): string =>
  `${name}() writes ${target} over what the running version writes`

/** SELECT … INTO NEW.column. */
function fetched(row: object, name: string, scene: Scene, table: string): string | null {
  const fields = memberOf(row, 'fields')
  for (const field of Array.isArray(fields) ? fields : []) {
    const target: unknown = typeof field === 'object' && field !== null ? memberOf(field, 'name') : null
    if (typeof target !== 'string' || !target.startsWith('new.')) continue
    const column = target.slice('new.'.length)
    if (scene.isOld(`column ${table}.${column}`)) return overwrites(name, `NEW.${column}`)
  }
  return null
}
