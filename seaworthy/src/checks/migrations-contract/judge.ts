import type { CheckSettings, JudgeContext } from '../../gate/check.ts'
import { cannotProve, familyOf, type Finding, note, refuse, warn, type Where } from '../../gate/finding.ts'
import type { Observations } from '../../gate/observation.ts'
import type { Allow } from '../../gate/allow.ts'
import type { Judgement } from '../../gate/verdict.ts'
import { migrationTree, type MigrationTree, type Script } from '../../observers/migration-tree/kind.ts'
import { pending } from '../../observers/pending/kind.ts'
import { withoutRestrict } from '../../sql/dump.ts'
import { placeOf } from '../../sql/parse.ts'
import type { Node } from '../../sql/tree.ts'
import { allowsOf } from './allow.ts'
import { applyNode } from './apply.ts'
import { RuleContext } from './context.ts'
import { Dispatch, type Found } from './dispatch.ts'
import type { FormatName } from './hints/blocks.ts'
import { knownFacts } from './hints/facts.ts'
import { safeForm } from './hints/safe-form.ts'
import { expand } from './inner.ts'
import type { Profile } from './rule.ts'
import { rules } from './rules/index.ts'
import { type ReadScript, readScript, Transactions, type Unit } from './script.ts'
import { beginFile, beginTransaction, emptyState, newSession, type SchemaState, type Session } from './state.ts'
import { carriageReturns, emptyFinding, syntaxFinding } from './unread.ts'

const DISPATCH: Readonly<Record<Profile, Dispatch>> = {
  online: new Dispatch(rules, 'online'),
  additive: new Dispatch(rules, 'additive'),
}
/** What a reading without an error says: no more than the rules of the profile ask. */
const ASKED: Readonly<Record<Profile, string>> = {
  online: 'nothing that is known to lose data, to break the running version or to block a busy table',
  additive:
    'nothing that is known to lose data, to take away what an older version uses or to fail when it meets its own work; locks are not judged in this profile',
}
/** Functions that call functions, texts that run texts: what is deeper than this is said to be unread. */
const MAX_DEPTH = 8

/** The schema as the scripts leave it. A script that cannot be read leaves the state incomplete. Plain JSON. */
export function buildState(scripts: readonly Script[]): SchemaState {
  const state = emptyState()
  const session = newSession(false)
  for (const script of scripts) {
    beginFile(session, script.file)
    for (const message of readScript({ ...script, text: withoutRestrict(script.text) }).messages) {
      if (message.error !== null) {
        state.isComplete = false
        if (!state.unread.includes(script.file)) state.unread.push(script.file)
      }
      for (const { node, start, end } of message.statements) {
        applyNode(state, session, node, message.text.slice(start, end))
        applyInner(node, { message: message.text, start, end, via: null, entered: new Set() }, state, session, 0)
      }
    }
  }
  return state
}

/** What a DO block of the baseline made, and what a query of it set. */
function applyInner(
  node: Node,
  around: Parameters<typeof expand>[1],
  state: SchemaState,
  session: Session,
  depth: number,
): void {
  const isBlock = 'DoStmt' in node
  if (depth > MAX_DEPTH || !(isBlock || 'SelectStmt' in node)) return
  for (const inner of expand(node, around, state, session).inner) {
    if (!isBlock && !('VariableSetStmt' in inner.node)) continue
    applyNode(state, session, inner.node, '')
    applyInner(inner.node, { ...around, start: null }, state, session, depth + 1)
  }
}

export interface PendingWork {
  readonly scripts: readonly Script[]
  readonly transaction: MigrationTree['transaction']
  /** The tool that sends them, for hints that tell how a file is marked; null where it is not known. */
  readonly format?: FormatName | null
  readonly settings: CheckSettings
}

/** Judges scripts against a state that is left as it is. Pure: the same input has the same answer. */
export function judgeWith(before: SchemaState, work: PendingWork): Judgement {
  return new Walk(structuredClone(before), work.settings).judge(work)
}

/** One walk over all that is pending. */
class Walk {
  readonly #state: SchemaState
  readonly #session: Session = newSession(true)
  readonly #settings: CheckSettings
  readonly #dispatch: Dispatch
  readonly #findings: Finding[] = []
  readonly #allows: Allow[] = []
  readonly #transactions = new Transactions()
  #format: FormatName | null = null
  #statements = 0
  #unread = 0

  constructor(state: SchemaState, settings: CheckSettings) {
    this.#state = state
    this.#settings = settings
    this.#dispatch = DISPATCH[settings.profile]
  }

  judge({ scripts, transaction, format = null }: PendingWork): Judgement {
    this.#format = format
    const [firstUnread] = this.#state.unread
    if (firstUnread !== undefined) this.#findings.push(baselineNote(firstUnread, this.#state.unread))
    const groups = transaction === 'all-pending' ? [scripts] : scripts.map((script) => [script])
    const empty: ReadScript[] = []
    for (const group of groups) {
      const read = group.map(readScript)
      for (const one of read) if (this.#isEmpty(one)) empty.push(one)
      const units = this.#transactions.unitsOf(read, transaction)
      let from = 0
      for (const one of read) from = this.#judgeScript(one, units, from)
    }
    for (const one of empty) this.#findings.push(emptyFinding(one, this.#statements === 0))
    return {
      findings: this.#findings,
      proved: this.#statements === 0 ? [] : [this.#claim(scripts.length)],
      allows: this.#allows,
    }
  }

  #isEmpty(read: ReadScript): boolean {
    return read.messages.every((one) => one.error === null && one.statements.length === 0)
  }

  /** Judges one file; `from` is the index of its first unit. Returns the index after its last. */
  #judgeScript(read: ReadScript, units: readonly Unit[], from: number): number {
    const { file } = read.script
    beginFile(this.#session, file)
    let index = from
    for (const message of read.messages) {
      if (message.error !== null) {
        this.#state.isComplete = false
        this.#findings.push(syntaxFinding(message, message.error, file))
        continue
      }
      this.#findings.push(...carriageReturns(message, file))
      for (const unit of units.slice(index, index + message.statements.length)) {
        this.#judgeUnit(unit, units, index)
        index += 1
      }
      const { allows, findings } = allowsOf(message, file, this.#settings.inlineAcceptance)
      this.#allows.push(...allows)
      this.#findings.push(...findings)
    }
    return index
  }

  #judgeUnit(unit: Unit, units: readonly Unit[], index: number): void {
    const { statement, sending } = unit
    this.#statements += 1
    beginTransaction(this.#session, sending.transaction)
    const later = (): Node[] => nodesAfter(unit, units.slice(index + 1))
    const context = new RuleContext(this.#state, this.#session, sending, later)
    const place = { offset: statement.start, via: null, depth: 0, entered: new Set<string>() }
    this.#findings.push(...onceUnread(this.#judgeNode(statement.node, unit, place, context)))
  }

  #judgeNode(node: Node, unit: Unit, place: NodePlace, context: RuleContext): Finding[] {
    const { message, statement } = unit
    const findings = oneLock(this.#dispatch.judge(node, context)).map((one) =>
      toFinding(one, unit, place, this.#safeForm(one, unit, place, context)),
    )
    const start = place.via === null && place.depth === 0 ? statement.start : null
    const around = { message: message.text, start, end: statement.end, via: place.via, entered: place.entered }
    const { inner, unread, isCertain } = expand(node, around, this.#state, this.#session)
    const isTooDeep = place.depth >= MAX_DEPTH && inner.length > 0
    const gaps = isTooDeep ? [...unread, { offset: null, reason: 'SQL inside of SQL is nested too deeply' }] : unread
    for (const one of gaps) {
      this.#unread += 1
      findings.push(dynamicNote(one.reason, whereOf(unit, { ...place, offset: one.offset ?? place.offset }), place.via))
    }
    const wasCertain = this.#session.isCertain
    this.#session.isCertain = wasCertain && isCertain
    for (const one of isTooDeep ? [] : inner) {
      const below = { ...place, offset: one.offset ?? place.offset, via: one.via, depth: place.depth + 1 }
      findings.push(...this.#judgeNode(one.node, unit, below, context))
    }
    this.#session.isCertain = wasCertain
    const text =
      place.depth === 0 && 'CreateFunctionStmt' in node ? message.text.slice(statement.start, statement.end) : ''
    applyNode(this.#state, this.#session, node, text)
    return findings
  }

  /** SQL to write instead, for a statement that stands in the file as it is judged (not inside of another one). */
  #safeForm({ rule }: Found, { message, statement }: Unit, place: NodePlace, context: RuleContext): string | null {
    if (place.via !== null || place.depth > 0) return null
    return safeForm(rule.code, message.text.slice(statement.start, statement.end), knownFacts(context, this.#format))
  }

  #claim(files: number): string {
    const read = `${files} pending ${files === 1 ? 'migration' : 'migrations'} read statically (${this.#statements} ${this.#statements === 1 ? 'statement' : 'statements'}, profile ${this.#settings.profile})`
    const gaps =
      this.#unread === 0 ? '' : `; ${this.#unread} that are put together at run time are for the rehearsal to see`
    if (this.#findings.some((one) => one.severity === 'error')) return `${read}${gaps}`
    return `${read}: ${ASKED[this.#settings.profile]}${gaps}`
  }
}

/** One statement locks a table once, for all that it does to it: that is one harm, and names all of it. */
function oneLock(found: readonly Found[]): Found[] {
  const kept = new Map<string, Found>()
  for (const one of found) {
    const { code } = one.rule
    const key = familyOf(code) === 'lock' ? `${code} ${one.harm.subject}` : `${kept.size}`
    const known = kept.get(key)
    const message = known === undefined ? one.harm.message : `${known.harm.message}; ${one.harm.message}`
    kept.set(key, known === undefined ? one : { ...known, harm: { ...known.harm, message } })
  }
  return [...kept.values()]
}

interface NodePlace {
  readonly offset: number
  readonly via: string | null
  readonly depth: number
  readonly entered: Set<string>
}

/** One statement says once that a part of it could not be read. */
function onceUnread(findings: readonly Finding[]): readonly Finding[] {
  const first = findings.find((one) => one.code === 'parse/dynamic-sql')
  return first === undefined ? findings : findings.filter((one) => one === first || one.code !== first.code)
}

/** What is sent after a unit in its transaction. */
function nodesAfter({ sending }: Unit, others: readonly Unit[]): Node[] {
  const nodes: Node[] = []
  for (const other of others) {
    if (other.sending.transaction !== sending.transaction) break
    nodes.push(other.statement.node)
  }
  return nodes
}

function whereOf(unit: Unit, place: NodePlace): Where {
  const { message, statement, file } = unit
  const { line, column } = place.offset === statement.start ? statement : placeOf(message.text, place.offset)
  return { file, line: line + message.line - 1, column }
}

/** The line on which the statement ends. */
const endLineOf = ({ message, statement }: Unit): number => placeOf(message.text, statement.end).line + message.line - 1

function toFinding({ rule, harm }: Found, unit: Unit, place: NodePlace, safe: string | null): Finding {
  const { via } = place
  const severity = harm.severity ?? rule.severity
  const make = severity === 'error' ? refuse : severity === 'warning' ? warn : note
  return make({
    code: rule.code,
    message: via === null ? harm.message : `${harm.message} (inside of ${via}, which is called here)`,
    where: whereOf(unit, place),
    endLine: endLineOf(unit),
    subject: harm.subject,
    hint: safe ?? harm.hint,
  })
}

const dynamicNote = (reason: string, where: Where, via: string | null): Finding =>
  note({
    code: 'parse/dynamic-sql',
    message: via === null ? reason : `${reason} (inside of ${via}, which is called here)`,
    where,
    subject: where.file,
    hint: 'The rehearsal sees what it does.',
  })

const baselineNote = (first: string, files: readonly string[]): Finding =>
  note({
    code: 'parse/baseline-unread',
    message: `${files.length === 1 ? 'a live migration' : `${files.length} live migrations`} could not be read (${files.slice(0, 3).join(', ')}${files.length > 3 ? ', …' : ''}): what is not known is taken to exist`,
    where: { file: first, line: 1, column: 1 },
    subject: 'the schema before the release',
  })

/** The schema as it is live, as far as it can be read: the part of judging that a kept state can stand in for. */
export function liveState(observations: Observations): SchemaState {
  const tree = observations.need(migrationTree)
  const wanted = new Set(observations.need(pending).files)
  const live = tree.migrations.filter((one) => !wanted.has(one.up.file)).map((one) => one.up)
  const state = builtOnce(live)
  return tree.problems.some((one) => one.isOpaque) ? { ...state, isComplete: false } : state
}

/** A drill judges one history again and again: the very same scripts are read once. Nobody writes into the state. */
const BUILT = new WeakMap<Script, { readonly scripts: readonly Script[]; readonly state: SchemaState }>()

function builtOnce(scripts: readonly Script[]): SchemaState {
  const [first] = scripts
  if (first === undefined) return emptyState()
  const known = BUILT.get(first)
  if (known?.scripts.length === scripts.length && scripts.every((one, index) => one === known.scripts[index]))
    return known.state
  const state = buildState(scripts)
  BUILT.set(first, { scripts, state })
  return state
}

/** The judge of the check: takes the state of what is live, and judges what is pending against it. */
export function judge(observations: Observations, { settings, prior }: JudgeContext): Judgement {
  const tree = observations.need(migrationTree)
  const { files } = observations.need(pending)
  const wanted = new Set(files)
  const scripts = tree.migrations.filter((one) => wanted.has(one.up.file)).map((one) => one.up)
  // What is given as prior is what `liveState` made of the same observations, by the contract of Check.prior.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const state = prior === undefined ? liveState(observations) : (prior as SchemaState)
  const judgement = judgeWith(state, { scripts, transaction: tree.transaction, format: tree.format, settings })
  const known = new Set(scripts.map((one) => one.file))
  const missing = files.filter((file) => !known.has(file))
  return { ...judgement, findings: [...missing.map(notInTree), ...judgement.findings] }
}

const notInTree = (file: string): Finding =>
  cannotProve({
    code: 'unproven/pending-file-missing',
    message: `${file} is said to be pending, and is not in the migration folder`,
    where: null,
    subject: file,
    hint: 'The folder changed while it was read: run again.',
  })
