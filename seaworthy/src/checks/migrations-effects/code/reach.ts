import { parseSql } from '../../../sql/parse.ts'
import { fragmentsOf, fragmentsOfBody } from '../../../sql/plpgsql.ts'
import { as, type Node, optionOf, partsOf, rangeParts, stringOf, walk } from '../../../sql/tree.ts'
import { foldText } from '../../../sql/constant.ts'
import { callsIn, routinesCalled } from './routines.ts'
import type { Scene } from '../scene.ts'
import { ownName, plain, schemaOf, type Thing } from '../thing.ts'

type Routine = ReturnType<typeof routinesCalled>[number]
type Verb = 'INSERT' | 'UPDATE' | 'DELETE' | 'MERGE' | 'TRUNCATE'

/** What a function does with tables and sequences, as far as the migrations show its body. */
export interface Reach {
  /** Tables and views, as the catalogue names them. */
  readonly reads: ReadonlySet<string>
  readonly writes: ReadonlyMap<string, Verb>
  /** Whether it takes or sets numbers of a sequence. */
  readonly isCounting: boolean
  /** Whether it runs a text that it puts together. */
  readonly isDynamic: boolean
  /** Whether it asks anywhere who calls it. */
  readonly asksWho: boolean
  /** Why there may be more; null if all of it was read. */
  readonly unread: string | null
}

interface Found {
  readonly reads: Set<string>
  readonly writes: Map<string, Verb>
  isCounting: boolean
  isDynamic: boolean
  asksWho: boolean
  unread: string | null
}

const MOST_ROUTINES = 100

/** Reads a function and all that it calls. */
export function reachOf(thing: Thing, scene: Scene): Reach {
  const found: Found = {
    reads: new Set(),
    writes: new Map(),
    isCounting: false,
    isDynamic: false,
    asksWho: false,
    unread: null,
  }
  const waiting = formsOf(thing, scene)
  if (waiting.length === 0) found.unread = 'the migrations do not show its body'
  const seen = new Set<string>()
  for (let routine = waiting.pop(); routine !== undefined; routine = waiting.pop()) {
    if (seen.has(routine.text)) continue
    if (seen.size >= MOST_ROUTINES) return { ...found, unread: 'it calls too many functions to follow' }
    seen.add(routine.text)
    for (const node of nodesOf(routine, found)) {
      note(node, scene, found)
      for (const name of callsIn(node)) waiting.push(...routinesCalled(name, scene))
    }
  }
  return found
}

/** The texts that may have made it: of its name, its schema where one is written, and its number of arguments. */
function formsOf(thing: Thing, scene: Scene): Routine[] {
  const [own, schema] = [ownName(thing), schemaOf(thing)]
  const inside = thing.name.slice(thing.name.indexOf('(') + 1, -1)
  const count = inside === '' ? 0 : inside.split(',').length
  return routinesCalled(own, scene).filter(({ node }) => {
    const written = partsOf(node.funcname)
    const inputs = (node.parameters ?? []).filter((one) => {
      const mode = as(one, 'FunctionParameter')?.mode
      return mode !== 'FUNC_PARAM_OUT' && mode !== 'FUNC_PARAM_TABLE'
    })
    return (written.length < 2 || written[0] === schema) && (inputs.length === count || thing.sort === 'procedure')
  })
}

function nodesOf(routine: Routine, found: Found): Node[] {
  const { node, name, text } = routine
  const language = stringOf(optionOf(node.options, 'language')?.arg) ?? 'sql'
  const source = stringOf(as(optionOf(node.options, 'as')?.arg, 'List')?.items?.[0]) ?? ''
  const unread = (why: string): Node[] => {
    found.unread ??= why
    return []
  }
  if (language === 'sql') {
    return node.sql_body !== undefined
      ? [node.sql_body]
      : (parsed(source) ?? unread(`the body of ${name}() cannot be read`))
  }
  if (language !== 'plpgsql') return unread(`${name}() is written in ${language}`)
  const fragments = fragmentsOf(text) ?? fragmentsOfBody(source)
  if (fragments === null) return unread(`the body of ${name}() cannot be read`)
  return fragments.flatMap(({ role, sql }) => {
    if (role === 'transaction') return []
    if (role === 'statement') return parsed(sql) ?? unread(`a statement of ${name}() cannot be read`)
    const expression = parsed(`SELECT ${sql}`) ?? unread(`an expression of ${name}() cannot be read`)
    return role === 'dynamic' ? [...expression, ...executed(expression[0], found)] : expression
  })
}

/** What EXECUTE runs, where its text is constant. */
function executed(expression: Node | undefined, found: Found): Node[] {
  const target = as(expression, 'SelectStmt')?.targetList?.[0]
  const folded = foldText(as(target, 'ResTarget')?.val)
  const nodes = folded.isExact ? parsed(folded.text) : null
  found.isDynamic ||= nodes === null
  return nodes ?? []
}

function parsed(sql: string): Node[] | null {
  const read = parseSql(sql)
  return read.ok ? read.statements.map((one) => one.node) : null
}

const COUNTING = new Set(['nextval', 'setval'])
/** Functions and settings that tell one caller from another: the server's, and those of hosts that put a proxy in front. */
const WHO = new Set(['current_setting', 'uid', 'jwt', 'role'])

function note(node: Node, scene: Scene, found: Found): void {
  for (const name of relationsIn(node)) for (const one of named(name, scene)) found.reads.add(one)
  const write = (verb: Verb, relation: Parameters<typeof rangeParts>[0]): void => {
    for (const one of named(rangeParts(relation).join('.'), scene)) found.writes.set(one, verb)
  }
  walk([node], 'InsertStmt', (one) => {
    const isUpdating = one.onConflictClause?.action === 'ONCONFLICT_UPDATE'
    write(isUpdating ? 'UPDATE' : 'INSERT', one.relation)
  })
  walk([node], 'UpdateStmt', (one) => write('UPDATE', one.relation))
  walk([node], 'DeleteStmt', (one) => write('DELETE', one.relation))
  walk([node], 'MergeStmt', (one) => write('MERGE', one.relation))
  walk([node], 'TruncateStmt', (one) => {
    for (const relation of one.relations ?? []) write('TRUNCATE', as(relation, 'RangeVar'))
  })
  for (const name of callsIn(node)) {
    found.isCounting ||= COUNTING.has(name)
    found.asksWho ||= WHO.has(name)
  }
  // CURRENT_USER is the owner here, whoever calls.
  walk([node], 'SQLValueFunction', (one) => (found.asksWho ||= one.op === 'SVFOP_SESSION_USER'))
}

/** Every relation in a tree, as `schema.name` or `name`; the grammar wraps some of them, and others not. */
function relationsIn(value: unknown, names: string[] = []): string[] {
  if (typeof value !== 'object' || value === null) return names
  if ('relname' in value && typeof value.relname === 'string') {
    const schema = 'schemaname' in value && typeof value.schemaname === 'string' ? `${value.schemaname}.` : ''
    names.push(`${schema}${value.relname}`)
  }
  for (const member of Object.values(value)) relationsIn(member, names)
  return names
}

const READ: ReadonlySet<string> = new Set(['table', 'view', 'materialized view', 'foreign table'])

/** The relations that a name may mean; without a schema all of that own name. */
const named = (name: string, scene: Scene): string[] =>
  [...scene.after.values()]
    .filter((one) => READ.has(one.sort) && (name.includes('.') ? plain(one.name) === name : ownName(one) === name))
    .map((one) => one.object)
