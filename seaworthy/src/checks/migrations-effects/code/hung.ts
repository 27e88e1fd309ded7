import { nameParts } from '../../../sql/identifier.ts'
import { parseSql } from '../../../sql/parse.ts'
import { as, type Node, type NodeKind, partsOf, rangeParts, stringOf, walk } from '../../../sql/tree.ts'
import { callsIn } from './routines.ts'
import type { Scene } from '../scene.ts'
import { nodeOf } from '../sorts/constraint-text.ts'
import { ownName, type Thing, thingOf, valueOf } from '../thing.ts'

/** What whoever uses something may call without naming it. */
export interface Calls {
  /** Own names of functions. */
  readonly functions: ReadonlySet<string>
  /** Those that only triggers of before call: they do what they do with every write of the running version. */
  readonly usual: ReadonlySet<string>
}

const HUNG = new WeakMap<Scene, Hung>()

/** The functions that a statement may call while it runs: those that it names, and those behind what it names. */
export function callsOf(node: Node, scene: Scene): Calls {
  const functions = new Set<string>()
  const usual = new Set<string>()
  if ([...STORED].some((kind) => kind in node)) return { functions, usual }
  const hung = HUNG.get(scene) ?? new Hung(scene)
  HUNG.set(scene, hung)
  hung.follow(node, functions, usual)
  return { functions, usual }
}

/** What runs no expression: it stores them for whoever uses the object later, or only names the object. */
const STORED: ReadonlySet<NodeKind> = new Set([
  'CreateFunctionStmt',
  'ViewStmt',
  'RuleStmt',
  'CreateTrigStmt',
  'CreatePolicyStmt',
  'AlterPolicyStmt',
  'CreateStmt',
  'DoStmt',
  'GrantStmt',
  'GrantRoleStmt',
  'AlterDefaultPrivilegesStmt',
  'CommentStmt',
  'AlterOwnerStmt',
  'AlterObjectSchemaStmt',
  'RenameStmt',
  'DropStmt',
])

/** What one thing of the catalogue ties to whatever it is a part of. */
interface Tied {
  readonly nodes: readonly Node[]
  /** The function of a trigger. */
  readonly trigger: string | null
  readonly isUsual: boolean
  /** The type of a column. */
  readonly type: string | null
}

/** Everything by which the catalogue, before and after the release, calls functions. */
class Hung {
  /** Parts of relations and types, by the own name of those. */
  readonly #parts = new Map<string, Set<Thing>>()
  /** Own names of all columns: of a column and a function that are called the same, `users.name` is the column. */
  readonly #columns = new Set<string>()
  readonly #tied = new Map<Thing, Tied>()
  readonly #operators = new Map<string, Set<string>>()
  readonly #aggregates = new Map<string, Set<string>>()
  /** Functions of casts and of operator classes: nobody names those. */
  readonly #everywhere = new Set<string>()
  readonly #old: ReadonlySet<Thing>

  constructor(scene: Scene) {
    const renamed = scene.effects.before.filter((entry) => !scene.before.has(entry.object))
    const old = [...scene.before.values(), ...renamed.map(thingOf)]
    this.#old = new Set(old)
    const changed = [...scene.after.values()].filter(
      (one) => scene.before.get(one.object)?.definition !== one.definition,
    )
    for (const thing of [...old, ...changed]) this.#add(thing)
    for (const statement of scene.statements) for (const node of scene.nodesOf(statement)) this.#addMade(node)
  }

  follow(node: Node, functions: Set<string>, usual: Set<string>): void {
    const seen = new Set<Thing>()
    const waiting: Node[] = [node]
    for (const name of this.#everywhere) functions.add(name)
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const read = wordsOf(next)
      for (const name of read.calls) {
        functions.add(name)
        for (const step of this.#aggregates.get(name) ?? []) functions.add(step)
      }
      for (const name of read.fields) if (!this.#columns.has(name)) functions.add(name)
      for (const name of read.operators) for (const called of this.#operators.get(name) ?? []) functions.add(called)
      const names = new Set(read.names)
      const { isWriting } = read
      for (const name of names) {
        for (const thing of this.#parts.get(name) ?? []) {
          if (seen.has(thing)) continue
          const tied = this.#tiedBy(thing)
          if (tied.trigger !== null && !isWriting) continue
          seen.add(thing)
          waiting.push(...tied.nodes)
          if (tied.type !== null) names.add(tied.type)
          if (tied.trigger !== null) (tied.isUsual ? usual : functions).add(tied.trigger)
        }
      }
    }
    for (const name of functions) usual.delete(name)
  }

  #add(thing: Thing): void {
    const { sort, parent } = thing
    if (sort === 'column') this.#columns.add(ownName(thing))
    if (PARTS.has(sort) && parent !== null) put(this.#parts, ownOf(parent), thing)
    if (sort === 'view' || sort === 'materialized view' || sort === 'domain') put(this.#parts, ownName(thing), thing)
    if (sort === 'operator') {
      const name = thing.name.slice(0, thing.name.indexOf('('))
      put(this.#operators, name.slice(name.lastIndexOf('.') + 1), firstWord(valueOf(thing, 'by ')))
    }
    if (sort === 'cast') this.#everywhere.add(firstWord(valueOf(thing, 'by ')))
    if (sort === 'operator family')
      for (const word of (valueOf(thing, 'functions ') ?? '').split(' ')) this.#everywhere.add(firstWord(word))
    if (sort === 'aggregate') {
      const made = thing.facets.find((facet) => facet.startsWith('kind '))
      for (const word of (made ?? '').split(' ')) put(this.#aggregates, ownName(thing), firstWord(word))
    }
  }

  /** What a statement of the release makes may be gone again at its end. */
  #addMade(node: Node): void {
    const relation =
      as(node, 'CreateTrigStmt')?.relation ??
      as(node, 'CreateStmt')?.relation ??
      as(node, 'AlterTableStmt')?.relation ??
      as(node, 'ViewStmt')?.view ??
      as(node, 'RuleStmt')?.relation
    const name = rangeParts(relation).at(-1)
    if (name === undefined) return
    const thing = thingOf({ object: '', definition: '' })
    const trigger = partsOf(as(node, 'CreateTrigStmt')?.funcname).at(-1) ?? null
    this.#tied.set(thing, { nodes: [node], trigger, isUsual: false, type: null })
    put(this.#parts, name, thing)
  }

  #tiedBy(thing: Thing): Tied {
    const known = this.#tied.get(thing)
    if (known !== undefined) return known
    const trigger = as(statementOf(thing), 'CreateTrigStmt')
    const tied = {
      nodes: nodesOf(thing),
      trigger: partsOf(trigger?.funcname).at(-1) ?? null,
      isUsual: this.#old.has(thing),
      type: thing.sort === 'column' ? ownOf(valueOf(thing, 'type ') ?? '') : null,
    }
    this.#tied.set(thing, tied)
    return tied
  }
}

/** What one tree says, each time it is come to. */
interface Words {
  readonly calls: readonly string[]
  /** What stands behind a dot: a column, or a function that is given the row. */
  readonly fields: readonly string[]
  readonly operators: ReadonlySet<string>
  readonly names: ReadonlySet<string>
  readonly isWriting: boolean
}

const WORDS = new WeakMap<Node, Words>()

function wordsOf(node: Node): Words {
  const known = WORDS.get(node)
  if (known !== undefined) return known
  const words = {
    calls: callsIn(node),
    fields: fieldsIn(node),
    operators: operatorsIn(node),
    names: namesIn(node),
    isWriting: isWrite(node),
  }
  WORDS.set(node, words)
  return words
}

const WRITES: readonly NodeKind[] = ['InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt', 'TruncateStmt', 'CopyStmt']

/** Whether triggers fire: an ALTER TABLE or a CREATE INDEX may read every row and call none. A table alone was written to. */
function isWrite(node: Node): boolean {
  let isFound = 'RangeVar' in node
  for (const kind of WRITES) walk([node], kind, () => (isFound = true))
  return isFound
}

const PARTS: ReadonlySet<string> = new Set(['column', 'constraint', 'index', 'trigger', 'rule', 'policy'])
/** What stands before an expression in a facet. */
const EXPRESSIONS = ['default ', 'generated stored ', 'generated virtual ', 'using ', 'with check ', 'CHECK ']

function put<T>(map: Map<string, Set<T>>, key: string, value: T): void {
  const known = map.get(key)
  if (known === undefined) map.set(key, new Set([value]))
  else known.add(value)
}

/** The own name in `table public.users`, `public.email`, `public.email[]`. */
function ownOf(object: string): string {
  const thing = thingOf({ object, definition: '' })
  const name = thing.sort === '' ? object : thing.name
  return nameParts(name.endsWith('[]') ? name.slice(0, -'[]'.length) : name).at(-1) ?? ''
}

/** The own name of the function that a text begins with: `public.add(integer,integer)`, `public.add restrict …`. */
function firstWord(text: string | null): string {
  const [word = ''] = (text ?? '').split(' ', 1)
  const open = word.indexOf('(')
  return nameParts(open === -1 ? word : word.slice(0, open)).at(-1) ?? ''
}

function statementOf({ facets }: Thing): Node | undefined {
  const text = facets.find((facet) => facet.startsWith('CREATE '))
  return nodeOf(text)
}

/** The expressions and queries of a thing. */
function nodesOf(thing: Thing): Node[] {
  const whole = statementOf(thing) ?? nodeOf(valueOf(thing, 'definition '))
  const texts = thing.facets.flatMap((facet) => {
    const word = EXPRESSIONS.find((one) => facet.startsWith(one))
    return word === undefined ? [] : facet.slice(word.length)
  })
  const values = texts.flatMap((text) => {
    // A check may end with NOT VALID or NO INHERIT: what stands in its brackets comes first.
    const parsed = [text, text.slice(0, text.lastIndexOf(')') + 1)].map((one) => parseSql(`SELECT ${one}`))
    const read = parsed.find((one) => one.ok)
    return read?.ok === true ? read.statements.map((one) => one.node) : []
  })
  return whole === undefined ? values : [whole, ...values]
}

function operatorsIn(node: Node): Set<string> {
  const found = new Set<string>()
  walk([node], 'A_Expr', (one) => found.add(stringOf(one.name?.at(-1)) ?? ''))
  walk([node], 'SubLink', (one) => found.add(stringOf(one.operName?.at(-1)) ?? ''))
  walk([node], 'SortBy', (one) => found.add(stringOf(one.useOp?.at(-1)) ?? ''))
  return found
}

function fieldsIn(node: Node): string[] {
  const found: string[] = []
  walk([node], 'ColumnRef', ({ fields }) => {
    const parts = partsOf(fields)
    if (parts.length > 1) found.push(parts.at(-1) ?? '')
  })
  walk([node], 'A_Indirection', ({ indirection }) => found.push(...partsOf(indirection)))
  return found
}

/** The own names of all relations and types that stand in a tree. */
function namesIn(node: Node): Set<string> {
  const found = new Set(relationsIn(node))
  walk([node], 'TypeCast', ({ typeName }) => found.add(partsOf(typeName?.names).at(-1) ?? ''))
  walk([node], 'ColumnDef', ({ typeName }) => found.add(partsOf(typeName?.names).at(-1) ?? ''))
  return found
}

/** The grammar wraps some of them, and others not. */
function relationsIn(value: unknown, found: string[] = []): string[] {
  if (typeof value !== 'object' || value === null) return found
  if ('relname' in value && typeof value.relname === 'string') found.push(value.relname)
  for (const member of Object.values(value)) relationsIn(member, found)
  return found
}
