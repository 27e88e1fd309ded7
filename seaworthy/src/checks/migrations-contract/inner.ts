import { foldText } from '../../sql/constant.ts'
import { parseSql } from '../../sql/parse.ts'
import { type Fragment, fragmentsOf, fragmentsOfBody } from '../../sql/plpgsql.ts'
import { as, type FuncCall, isOptionOn, kindOf, type Node, optionOf, partsOf, stringOf } from '../../sql/tree.ts'
import { qualify, type Routine, type SchemaState, type Session } from './state.ts'

/** SQL that a statement runs inside of itself: in a DO block, a CTE, a called function, or a text that is executed. */
export interface Inner {
  readonly node: Node
  /** Offset from 0 in the message; null where the SQL stands elsewhere or was put together. */
  readonly offset: number | null
  /** Where it stands, if that is another object: `function public.f`. */
  readonly via: string | null
}

/** Something that only the rehearsal can see. */
export interface Unread {
  readonly offset: number | null
  readonly reason: string
}

export interface Expansion {
  readonly inner: readonly Inner[]
  readonly unread: readonly Unread[]
  /** Whether all of it runs for certain when the outer statement does, and none of it is undone. */
  readonly isCertain: boolean
}

const NOTHING: Expansion = { inner: [], unread: [], isCertain: true }

/** The text that an outer statement stands in. */
export interface Surroundings {
  readonly message: string
  /** Offset of the statement in it; null once we are inside of another object's body. */
  readonly start: number | null
  readonly end: number
  readonly via: string | null
  /** Functions that the statement has been followed into: each is judged once, however often it is called. */
  readonly entered: Set<string>
}

interface Collected {
  readonly nodes: Node[]
  readonly calls: FuncCall[]
}

const WRITES: ReadonlySet<string> = new Set(['InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt'])

/** Data-changing statements and function calls below a node; what is below such a statement is its own matter. */
function collect(value: unknown, out: Collected, isTop: boolean): Collected {
  if (Array.isArray(value)) {
    for (const item of value) collect(item, out, false)
    return out
  }
  if (typeof value !== 'object' || value === null) return out
  for (const key in value) {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- an own key of plain JSON
    const member = (value as Record<string, unknown>)[key]
    if (typeof member !== 'object' || member === null) continue
    if (!isTop && WRITES.has(key)) {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the key names the shape
      out.nodes.push(value as Node)
      continue
    }
    if (key === 'FuncCall') out.calls.push(member)
    collect(member, out, false)
  }
  return out
}

/** Functions that run a text as SQL, and which argument it is (-1: the last). */
const RUNS_TEXT: Readonly<Record<string, number>> = {
  query_to_xml: 0,
  query_to_xmlschema: 0,
  query_to_xml_and_xmlschema: 0,
  ts_stat: 0,
  dblink: -1,
  dblink_exec: -1,
  dblink_send_query: -1,
}

/** What the statement runs inside of itself. The state says what the functions do that it calls. */
export function expand(node: Node, around: Surroundings, state: SchemaState, session: Session): Expansion {
  const kind = kindOf(node)
  switch (kind) {
    case 'DoStmt':
      return expandDo(node, around)
    case 'SelectStmt':
    case 'InsertStmt':
    case 'UpdateStmt':
    case 'DeleteStmt':
    case 'MergeStmt':
    case 'CallStmt':
    case 'CreateTableAsStmt':
      return expandQuery(node, around, state, session)
    case 'ExplainStmt': {
      const explain = as(node, 'ExplainStmt')
      return explain?.query !== undefined && isOptionOn(explain.options, 'analyze')
        ? one(explain.query, around)
        : NOTHING
    }
    case 'PrepareStmt':
      return { ...one(as(node, 'PrepareStmt')?.query, around), isCertain: false }
    case 'CopyStmt':
      return one(as(node, 'CopyStmt')?.query, around)
    case 'CreateSchemaStmt':
      return {
        inner: (as(node, 'CreateSchemaStmt')?.schemaElts ?? [])
          .filter((element) => 'GrantStmt' in element)
          .map((element) => ({ node: element, offset: around.start, via: around.via })),
        unread: [],
        isCertain: true,
      }
    default:
      return NOTHING
  }
}

const one = (node: Node | undefined, around: Surroundings): Expansion =>
  node === undefined
    ? NOTHING
    : { inner: [{ node, offset: around.start, via: around.via }], unread: [], isCertain: true }

function expandQuery(node: Node, around: Surroundings, state: SchemaState, session: Session): Expansion {
  const { nodes, calls } = collect(node, { nodes: [], calls: [] }, true)
  const call = as(node, 'CallStmt')?.funccall
  if (call !== undefined) calls.push(call)
  if (nodes.length === 0 && calls.length === 0) return NOTHING
  const inner: Inner[] = nodes.map((one) => ({ node: one, offset: around.start, via: around.via }))
  const unread: Unread[] = []
  for (const one of calls) {
    const parts = partsOf(one.funcname)
    const argument = RUNS_TEXT[parts.at(-1) ?? '']
    if (argument !== undefined) addText(foldText(one.args?.at(argument)), around.start, around.via, inner, unread)
    if (parts.at(-1) === 'set_config') {
      inner.push({ node: setByCall(one), offset: around.start, via: around.via })
      if (!foldText(one.args?.[0]).isExact)
        unread.push({ offset: around.start, reason: 'the name of a setting is put together at run time' })
    }
    const name = qualify(session, parts)
    for (const routine of state.routines[name] ?? []) {
      const key = `${name}(${routine.args.join()})`
      if (around.entered.has(key)) continue
      around.entered.add(key)
      if (routine.language === 'sql' || routine.language === 'plpgsql')
        addRoutine(routine, `function ${name}`, inner, unread)
    }
  }
  return { inner, unread, isCertain: false }
}

/** `set_config(name, value, is_local)` as the SET that it is. Of a search path only the change is told, not its parts. */
function setByCall(call: FuncCall): Node {
  const name = foldText(call.args?.[0]).text.toLowerCase()
  const value = foldText(call.args?.[1]).text
  return {
    VariableSetStmt: {
      kind: 'VAR_SET_VALUE',
      name,
      args: name === 'search_path' ? [] : [{ A_Const: { sval: { sval: value } } }],
    },
  }
}

function addRoutine(routine: Routine, via: string, inner: Inner[], unread: Unread[]): void {
  if (routine.language === 'plpgsql') {
    const fragments = (routine.text === '' ? null : fragmentsOf(routine.text)) ?? fragmentsOfBody(routine.body)
    if (fragments === null) unread.push({ offset: null, reason: `the body of ${via} could not be read` })
    else addFragments(fragments, () => null, via, inner, unread)
    return
  }
  if (routine.body !== '') {
    addText({ text: routine.body, isExact: true }, null, via, inner, unread)
    return
  }
  // BEGIN ATOMIC: the body is part of the statement itself.
  const parsed = parseSql(routine.text)
  const made = parsed.ok ? parsed.statements[0]?.node : undefined
  if (made === undefined) unread.push({ offset: null, reason: `the body of ${via} could not be read` })
  else
    inner.push(
      ...collect(made, { nodes: [], calls: [] }, false).nodes.map((node) => ({
        node,
        offset: null,
        via,
      })),
    )
}

/** Adds the statements of a text that is run as SQL. */
function addText(
  folded: { readonly text: string; readonly isExact: boolean },
  offset: number | null,
  via: string | null,
  inner: Inner[],
  unread: Unread[],
): void {
  const parsed = parseSql(folded.text)
  if (!parsed.ok || !folded.isExact) {
    unread.push({ offset, reason: 'a statement is put together at run time' })
  }
  if (parsed.ok) inner.push(...parsed.statements.map(({ node }) => ({ node, offset, via })))
}

function expandDo(node: Node, around: Surroundings): Expansion {
  const options = as(node, 'DoStmt')?.args
  const language = stringOf(optionOf(options, 'language')?.arg)?.toLowerCase() ?? 'plpgsql'
  const body = stringOf(optionOf(options, 'as')?.arg) ?? ''
  if (language !== 'plpgsql') {
    const reason = `a DO block is written in ${language}`
    return { inner: [], unread: [{ offset: around.start, reason }], isCertain: false }
  }
  const fragments =
    around.start === null
      ? fragmentsOfBody(body)
      : (fragmentsOf(around.message.slice(around.start, around.end)) ?? fragmentsOfBody(body))
  if (fragments === null) {
    const reason = 'a DO block could not be read'
    return { inner: [], unread: [{ offset: around.start, reason }], isCertain: false }
  }
  const inner: Inner[] = []
  const unread: Unread[] = []
  addFragments(fragments, placesIn(body, around), around.via, inner, unread)
  return { inner, unread, isCertain: fragments.every((fragment) => fragment.isCertain) }
}

/** Finds a fragment's offset in the message: by the line that the PL/pgSQL parser gives, then by its text. */
function placesIn(body: string, around: Surroundings): (fragment: Fragment) => number | null {
  const from = around.start === null ? -1 : around.message.indexOf(body, around.start)
  if (from === -1) return () => around.start
  const lines = body.split(/\r\n|\r|\n/)
  return (fragment) => {
    let lineStart = 0
    for (let line = 1; line < fragment.line && line <= lines.length; line += 1) {
      lineStart +=
        (lines[line - 1]?.length ?? 0) + (body.startsWith('\r\n', lineStart + (lines[line - 1]?.length ?? 0)) ? 2 : 1)
    }
    const at = body.indexOf(fragment.sql, lineStart)
    return from + (at === -1 ? lineStart : at)
  }
}

function addFragments(
  fragments: readonly Fragment[],
  offsetOf: (fragment: Fragment) => number | null,
  via: string | null,
  inner: Inner[],
  unread: Unread[],
): void {
  for (const fragment of fragments) {
    const offset = offsetOf(fragment)
    if (fragment.role === 'statement' || fragment.role === 'transaction') {
      addText({ text: fragment.sql, isExact: true }, offset, via, inner, unread)
    } else if (fragment.role === 'dynamic' || fragment.sql.includes('(')) {
      const parsed = parseSql(`SELECT ${fragment.sql}`)
      const select = parsed.ok ? parsed.statements[0]?.node : undefined
      if (select === undefined) {
        unread.push({ offset, reason: 'an expression could not be read' })
        continue
      }
      if (fragment.role === 'dynamic') {
        addText(foldText(as(as(select, 'SelectStmt')?.targetList?.[0], 'ResTarget')?.val), offset, via, inner, unread)
      }
      inner.push({ node: select, offset, via })
    }
  }
}
