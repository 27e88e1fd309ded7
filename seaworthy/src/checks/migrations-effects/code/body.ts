import { foldText } from '../../../sql/constant.ts'
import { parseSql } from '../../../sql/parse.ts'
import { asBlock, type Fragment, fragmentsOf, fragmentsOfBody } from '../../../sql/plpgsql.ts'
import { as, type CreateFunctionStmt, type Node, optionOf, stringOf, walk } from '../../../sql/tree.ts'

/** A CREATE FUNCTION or CREATE PROCEDURE of the migrations, with its whole text. */
export interface Routine {
  readonly name: string
  readonly node: CreateFunctionStmt
  readonly text: string
}

/** A statement inside of a body; `text` is null where the server keeps none. */
export interface Inner {
  readonly node: Node
  readonly text: string | null
}

/** What a statement runs: its own block, or a function that it reaches. */
export interface Body {
  /** Null for a DO block. */
  readonly name: string | null
  readonly fragments: readonly Fragment[]
  /** Its statements as they stand, and those of constant texts that it executes. */
  readonly statements: readonly Inner[]
  /** Its values. */
  readonly expressions: readonly Node[]
  /** Whether every part of it runs whenever it is called. */
  readonly isCertain: boolean
  /** The whole statement in PL/pgSQL; null for any other. */
  readonly source: string | null
  /** The names of what it is given, in order; empty where it has none. */
  readonly parameters: readonly string[]
}

const SERVERS_OWN = new Set(['internal', 'c'])

/** What a DO block runs; or why nobody can say. */
export function blockBody(text: string | null): Body | string {
  const fragments = text === null ? null : fragmentsOf(text)
  return fragments === null ? 'the block cannot be read' : { ...NOTHING, ...bodyOf(null, fragments), source: text }
}

/** What a function runs; or why nobody can say. */
export function routineBody(routine: Routine): Body | string {
  const { node, name, text } = routine
  const language = stringOf(optionOf(node.options, 'language')?.arg) ?? 'sql'
  const source = sourceOf(routine)
  if (language === 'plpgsql') {
    const whole = fragmentsOf(text)
    const fragments = whole ?? fragmentsOfBody(source)
    if (fragments === null) return `the body of ${name}() cannot be read`
    return {
      ...bodyOf(name, fragments),
      source: whole === null ? asBlock(source) : text,
      parameters: inputsOf(node),
    }
  }
  if (SERVERS_OWN.has(language)) return { ...NOTHING, name }
  if (language !== 'sql') return `${name}() is written in ${language}`
  const statements = node.sql_body === undefined ? statementsIn(source) : atomic(node.sql_body)
  return statements === null ? `the body of ${name}() cannot be read` : { ...NOTHING, name, statements }
}

/** A body in which there is nothing. */
export const NOTHING: Body = {
  name: null,
  fragments: [],
  statements: [],
  expressions: [],
  isCertain: true,
  source: null,
  parameters: [],
}

const inputsOf = ({ parameters = [] }: CreateFunctionStmt): string[] =>
  parameters.flatMap((one) => {
    const parameter = as(one, 'FunctionParameter')
    const isOutput = parameter?.mode === 'FUNC_PARAM_OUT' || parameter?.mode === 'FUNC_PARAM_TABLE'
    return isOutput ? [] : [parameter?.name ?? '']
  })

const sourceOf = ({ node }: Routine): string =>
  stringOf(as(optionOf(node.options, 'as')?.arg, 'List')?.items?.[0]) ?? ''

/** The statements of BEGIN ATOMIC … END, or the value of RETURN. */
function atomic(body: Node): Inner[] {
  const nodes = (as(body, 'List')?.items ?? [body]).flatMap((one) => as(one, 'List')?.items ?? [one])
  return nodes.map((node) => ({ node: selected(node), text: null }))
}

/** `RETURN value` is the query for this value. */
function selected(node: Node): Node {
  const value = as(node, 'ReturnStmt')?.returnval
  return value === undefined ? node : { SelectStmt: { targetList: [{ ResTarget: { val: value } }] } }
}

/** Each statement of a text; null if it cannot be read. */
export function statementsIn(text: string): Inner[] | null {
  const parsed = parseSql(text)
  return parsed.ok ? parsed.statements.map(({ node, start, end }) => ({ node, text: text.slice(start, end) })) : null
}

function bodyOf(name: string | null, fragments: readonly Fragment[]): Omit<Body, 'source' | 'parameters'> {
  const statements: Inner[] = []
  const expressions: Node[] = []
  for (const { role, sql } of fragments) {
    if (role === 'transaction') continue
    if (role === 'statement') {
      statements.push(...(statementsIn(sql) ?? []))
      continue
    }
    expressions.push(...(statementsIn(`SELECT ${sql}`) ?? []).map((one) => one.node))
    const constant = role === 'dynamic' ? constantOf(sql) : null
    if (constant !== null) statements.push(...(statementsIn(constant) ?? []))
  }
  for (const node of [...statements.map((one) => one.node), ...expressions]) statements.push(...textsGiven(node))
  return { name, fragments, statements, expressions, isCertain: fragments.every((one) => one.isCertain) }
}

/** The text of an EXECUTE whose parts are all constants; null for any other. */
export function constantOf(sql: string): string | null {
  const folded = textOf(sql)
  return folded?.isExact === true ? folded.text : null
}

/** As much of the text of an EXECUTE as its constants tell. */
export function textOf(sql: string): ReturnType<typeof foldText> | null {
  const target = as(statementsIn(`SELECT ${sql}`)?.[0]?.node, 'SelectStmt')?.targetList?.[0]
  return target === undefined ? null : foldText(as(target, 'ResTarget')?.val)
}

/** The server's functions that run a text that they are given. */
const RUN_TEXTS = new Set(['query_to_xml', 'query_to_xmlschema', 'query_to_xml_and_xmlschema', 'ts_stat', 'ts_rewrite'])

/** The statements in constant texts that such functions are given. */
export function textsGiven(node: Node): Inner[] {
  const found: Inner[] = []
  eachText(node, (text) => found.push(...(text === null ? [] : (statementsIn(text) ?? []))))
  return found
}

/** Whether such a function is given a text that is put together at run time, or that cannot be read. */
export function isGivenUnknown(node: Node): boolean {
  let isUnknown = false
  eachText(node, (text) => (isUnknown ||= text === null || statementsIn(text) === null))
  return isUnknown
}

function eachText(node: Node, visit: (text: string | null) => void): void {
  if ('CreateFunctionStmt' in node || 'DoStmt' in node) return
  walk([node], 'FuncCall', (call) => {
    const name = stringOf(call.funcname?.at(-1)) ?? ''
    const at = name === 'ts_rewrite' ? call.args?.at(-1) : call.args?.[0]
    if (!RUN_TEXTS.has(name) || (name === 'ts_rewrite' && call.args?.length !== 2)) return
    const folded = foldText(at)
    visit(folded.isExact ? folded.text : null)
  })
}
