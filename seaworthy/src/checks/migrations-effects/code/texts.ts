import { UNKNOWN_NAME } from '../../../sql/constant.ts'
import { type Flow, flowOf, type Given } from '../../../sql/flow.ts'
import { as, commandsOf, type Node, objectParts, partsOf, rangeParts, walk } from '../../../sql/tree.ts'
import type { Reached } from './bodies.ts'
import { type Inner, statementsIn, textOf } from './body.ts'
import { type Choice, choicesOf, columnOf, type Hole, hole, membersOf, type Resolve } from './choices.ts'

/** What the texts of a body's EXECUTEs may be. */
export interface Texts {
  /** Statements of which only one is run: which, is decided at run time. */
  readonly chosen: readonly Inner[]
  /** Why nobody can say which statement is run; null if somebody can. */
  readonly unknown: string | null
}

/** Where functions are called: a statement of the migrations, and the bodies that it reaches. */
export interface Callers {
  readonly node: Node | null
  readonly bodies: readonly Reached[]
}

/** Reads what each EXECUTE of a body with a text that is no constant may run. */
export function textsOf(body: Reached, callers: Callers): Texts {
  if (body.source === null || !body.fragments.some((one) => one.role === 'dynamic'))
    return { chosen: [], unknown: null }
  const variables = new Variables(body, callers, 0)
  const chosen: Inner[] = []
  const count = body.fragments.filter((one) => one.role === 'dynamic').length
  if (variables.flow.steps.filter((one) => one.kind === 'run').length !== count)
    return { chosen, unknown: UNKNOWN_TEXT }
  for (const [at, step] of variables.flow.steps.entries()) {
    if (step.kind !== 'run' || textOf(step.sql)?.isExact === true) continue
    const choices = choicesOf(valueIn(step.sql), variables.at(at))
    for (const choice of choices) {
      const statements = statementsOf(choice)
      if (statements === null || isOpaque(choice)) return { chosen, unknown: UNKNOWN_TEXT }
      if (isOfRows(choice) && statements.some((one) => isAimedAtUnknown(one.node)))
        return { chosen, unknown: UNKNOWN_AIM }
      if (choices.length > 1) chosen.push(...statements)
    }
  }
  return { chosen, unknown: null }
}

/** What the variables of a body may hold at its end. */
export const variablesOf = (body: Reached, callers: Callers): Resolve =>
  new Variables(body, callers, 0).at(Number.POSITIVE_INFINITY)

const UNKNOWN_TEXT = 'a value decides which statement it executes'
const UNKNOWN_AIM = 'a value decides what it takes away'

const valueIn = (sql: string): Node | undefined =>
  as(as(statementsIn(`SELECT ${sql}`)?.[0]?.node, 'SelectStmt')?.targetList?.[0], 'ResTarget')?.val

const MOST_CALLS = 5
const MOST_STEPS = 2_000

/** What the variables of a body may hold. Where all of it runs, that is what they were given last. */
class Variables {
  readonly flow: Flow
  readonly #body: Reached
  readonly #callers: Callers
  readonly #depth: number
  readonly #open = new Map<string, readonly Choice[]>()
  #steps = 0

  constructor(body: Reached, callers: Callers, depth: number) {
    this.flow = body.source === null ? { steps: [], typed: new Set() } : flowOf(body.source)
    this.#body = body
    this.#callers = callers
    this.#depth = depth
  }

  /** As they are at a step of the body. */
  at(step: number): Resolve {
    return (name, isElement) => {
      if (typeof name === 'number') return this.#given(name - 1)
      const parts = name.length > 1 && name[0] === this.#body.name ? name.slice(1) : name
      return this.#named(
        parts.map((one) => one.toLowerCase()),
        isElement,
        step,
      )
    }
  }

  #named(parts: readonly string[], isElement: boolean, step: number): readonly Choice[] | null {
    const [record = '', field] = parts
    const whole = parts.join('.')
    this.#steps += 1
    if (this.#steps > MOST_STEPS) return [hole('opaque')]
    if (this.flow.typed.has(whole)) return [hole('catalogue')]
    const isOf = (one: Given): boolean => one.name === whole || (field !== undefined && one.name === record)
    const all = this.flow.steps.flatMap((one, at) => (one.kind === 'given' && isOf(one) ? [{ one, at }] : []))
    const before = this.#body.isCertain ? all.filter(({ at }) => at < step) : all
    const givers = this.#body.isCertain ? before.slice(-1) : before
    const place = this.#body.parameters.indexOf(whole)
    const isGiven = place !== -1 && (givers.length === 0 || !this.#body.isCertain)
    if (givers.length === 0 && isGiven) return this.#given(place)
    // `block.variable`.
    if (givers.length === 0) return field === undefined ? null : this.#named(parts.slice(1), isElement, step)
    const read = (): readonly Choice[] => [
      ...(isGiven ? this.#given(place) : []),
      ...givers.flatMap(({ one, at }) => this.#valueOf(one, field ?? whole, isElement, this.at(at))),
    ]
    if (this.#body.isCertain) return read()
    // What a variable adds to itself comes after what it holds otherwise.
    const key = `${whole} ${isElement}`
    const open = this.#open.get(key)
    if (open !== undefined) return open
    this.#open.set(key, [])
    this.#open.set(key, read())
    const found = read()
    this.#open.delete(key)
    return found
  }

  #valueOf(one: Given, field: string, isElement: boolean, resolve: Resolve): readonly Choice[] {
    if (one.by === 'unknown') return [hole('rows')]
    if (one.by === 'column') return columnOf(statementsIn(one.sql)?.[0]?.node, one.column ?? field, resolve)
    const value = valueIn(one.sql)
    if (one.by === 'member') return isElement ? choicesOf(value, resolve) : []
    return isElement || one.by === 'element' ? membersOf(value, resolve) : choicesOf(value, resolve)
  }

  /** What a parameter is given wherever the function is called. */
  #given(place: number): readonly Choice[] {
    if (this.#depth >= MOST_CALLS || this.#body.name === null) return [hole('opaque')]
    const name = this.#body.parameters[place]
    const found: Choice[] = []
    const look = (nodes: readonly Node[], resolve: Resolve): void => {
      for (const call of nodes.flatMap((node) => callsOf(node, this.#body.name ?? ''))) {
        const named = call.map((one) => as(one, 'NamedArgExpr')).find((one) => one !== undefined && one.name === name)
        const value = named?.arg ?? call[place]
        if (value !== undefined) found.push(...choicesOf(value, resolve))
      }
    }
    if (this.#callers.node !== null) look([this.#callers.node], () => [hole('rows')])
    for (const body of this.#callers.bodies) {
      if (body === this.#body) continue
      const variables = new Variables(body, this.#callers, this.#depth + 1)
      look([...body.statements.map((one) => one.node), ...body.expressions], variables.at(Number.POSITIVE_INFINITY))
    }
    return found.length === 0 ? [hole('rows')] : found
  }
}

/** The arguments of each call of a function in a tree. */
function callsOf(node: Node, name: string): (readonly Node[])[] {
  const found: (readonly Node[])[] = []
  const own = as(node, 'CallStmt')?.funccall
  if (own !== undefined && partsOf(own.funcname).at(-1) === name) found.push(own.args ?? [])
  walk([node], 'FuncCall', (call) => {
    if (partsOf(call.funcname).at(-1) === name) found.push(call.args ?? [])
  })
  return found
}

const isHole = (part: string | Hole): part is Hole => typeof part !== 'string'
const isOpaque = (choice: Choice): boolean =>
  choice.some((one) => isHole(one) && one.stands === 'part' && one.from === 'opaque')
const isOfRows = (choice: Choice): boolean =>
  choice.some((one) => isHole(one) && one.stands !== 'value' && DATA.has(one.from))

const DATA: ReadonlySet<Hole['from']> = new Set(['setting', 'rows', 'opaque'])

/** Parts that are each tried as a name and as a number. */
const MOST_TRIED = 4
/** What a definition that the server printed may be in a text. */
const DEFINITIONS = ['', 'SELECT 1', 'CHECK (true)', 'x'] as const

/** The statements of a text, with something in place of each part that is not known; null if it is none with that. */
function statementsOf(choice: Choice): Inner[] | null {
  const parts = choice.filter((one) => isHole(one) && one.stands === 'part' && one.from !== 'definition').length
  const tries = 2 ** Math.min(parts, MOST_TRIED)
  const definitions = choice.some((one) => isHole(one) && one.from === 'definition') ? DEFINITIONS : ['']
  for (const definition of definitions) {
    for (let numbers = 0; numbers < tries; numbers += 1) {
      const statements = statementsIn(standIns(choice, numbers, definition))
      if (statements !== null) return statements
    }
  }
  return null
}

const NAME = `"${UNKNOWN_NAME}"`

/** `numbers` has a bit for each part that is to be a number. */
function standIns(choice: Choice, numbers: number, definition: string): string {
  let [text, at, isAfterPart] = ['', 0, false]
  for (const one of choice) {
    if (!isHole(one)) {
      text += isAfterPart ? one.replace(/^\w+/, '') : one
      isAfterPart = false
    } else if (one.stands !== 'part') {
      text += one.stands === 'value' ? `'${UNKNOWN_NAME}'` : NAME
      isAfterPart = false
    } else if (one.from === 'definition') {
      text += definition
      isAfterPart = false
    } else {
      // What stands right beside a name is a part of it: `events_` and a year.
      isAfterPart = (numbers & (1 << at)) === 0
      if (!isAfterPart) text += '1'
      else if (!text.endsWith(NAME)) text = `${text.replace(/\w+$/, '')}${NAME}`
      at += 1
    }
  }
  return text
}

/** Whether a statement takes something away whose name is not known. */
function isAimedAtUnknown(node: Node): boolean {
  const names = [
    ...rangeParts(as(node, 'RenameStmt')?.relation),
    ...(as(node, 'DropStmt')?.objects ?? []).flatMap(objectParts),
    ...(as(node, 'TruncateStmt')?.relations ?? []).flatMap((one) => rangeParts(as(one, 'RangeVar'))),
  ]
  const alter = as(node, 'AlterTableStmt')
  const taken = commandsOf(alter?.cmds).filter((one) => TAKING.has(one.subtype ?? ''))
  if (taken.length > 0) names.push(...rangeParts(alter?.relation), ...taken.map((one) => one.name ?? ''))
  walk([node], 'DeleteStmt', (one) => names.push(...rangeParts(one.relation)))
  walk([node], 'UpdateStmt', (one) => names.push(...rangeParts(one.relation)))
  walk([node], 'MergeStmt', (one) => names.push(...rangeParts(one.relation)))
  return names.includes(UNKNOWN_NAME)
}

const TAKING = new Set(['AT_DropColumn', 'AT_DropConstraint', 'AT_AlterColumnType', 'AT_SetNotNull', 'AT_DisableTrig'])
