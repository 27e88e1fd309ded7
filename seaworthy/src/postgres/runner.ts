import type { Failure, Provided, ServerError, WithoutEffect } from '../migrations/engine.ts'
import type { LedgerTable, Migration, MigrationTree, Script } from '../migrations/model.ts'
import { type SendFailure, forgetOf, inTransaction, recordOf, sendScript } from './apply.ts'
import { withoutRestrict } from '../sql/dump.ts'
import { committedEnd, takenBack } from './control.ts'
import { withoutEffect } from './effect.ts'
import type { Place } from './host.ts'
import { type Located, locate, placeOfSyntaxError, statementsOf } from './locate.ts'
import { ownerOf } from './owner.ts'
import { missingExtensionOf, provide } from './provide.ts'
import type { Roles } from './roles.ts'
import { isInfrastructure } from './server-error.ts'
import type { Session } from './session.ts'

/** How often something may be provided for one file before its failure counts as its own. */
const MOST_PROVISIONS = 40

export interface Run {
  readonly place: Place
  readonly session: Session
  /** The role that the session logged in as. */
  readonly role: string
  readonly roles: Roles
  readonly ledger: LedgerTable | null
  readonly transaction: MigrationTree['transaction']
  readonly phase: 'baseline' | 'pending'
  /** Filled as things are provided. */
  readonly provided: Provided[]
  /** Filled as the server warns, where that counts; null where who owns what is only assumed. */
  readonly withoutEffect: WithoutEffect[] | null
}

/** A script that failed inside a unit: which of its migrations, and how. */
interface UnitFailure {
  readonly index: number
  readonly failure: SendFailure
}

/** Applies migrations in order and stops at the first failure. `applied` counts those that stayed in. */
export async function applyAll(
  run: Run,
  migrations: readonly Migration[],
  onBegin: (migration: Migration) => Promise<void> | void,
): Promise<{ applied: number; failure: Failure | null }> {
  if (run.transaction === 'all-pending') {
    for (const migration of migrations) await onBegin(migration)
    const failure = await applyUnit(run, migrations)
    return { applied: failure === null ? migrations.length : 0, failure }
  }
  for (const [index, migration] of migrations.entries()) {
    await onBegin(migration)
    const failure = await applyUnit(run, [migration])
    if (failure !== null) return { applied: index, failure }
  }
  return { applied: migrations.length, failure: null }
}

/** Takes one migration back by its down file. The caller has made sure that there is one. */
export async function revertOne(run: Run, migration: Migration, down: Script): Promise<Failure | null> {
  const forget = isLedgerLeftOut(run) ? [] : forgetOf(run.ledger, migration)
  const failure = await sendScript(run.session, down, forget, 'per-file')
  run.session.throwIfAborted()
  if (failure === null) return null
  const located = await locateIn(run, failure, down, [])
  return await explain(run, migration.version, down, failure, located)
}

/** Applies what commits together, again and again while something that production has can be provided. */
async function applyUnit(run: Run, unit: readonly Migration[]): Promise<Failure | null> {
  const texts = new Map<string, string>()
  if (run.phase === 'baseline') for (const { up } of unit) texts.set(up.file, withoutRestrict(up.text))
  const tried = new Set<string>()
  let isHalfIn = false
  for (;;) {
    const failed = await sendUnit(run, unit, texts)
    run.session.throwIfAborted()
    if (failed === null) return null
    const migration = unit[failed.index]
    if (migration === undefined) throw new Error('a unit failed at a migration that it does not have')
    if (leaveLedgerOut(run, migration, failed.failure)) {
      if (!isRolledBack(run, migration.up))
        texts.set(migration.up.file, blank(migration.up.text, 0, migration.up.text.length))
      continue
    }
    const sent = { ...migration.up, text: texts.get(migration.up.file) ?? migration.up.text }
    // What a COMMIT of the file's own has put in for good is never sent a second time.
    const committed = committedEnd(sent, failed.failure)
    const script = { ...sent, text: blank(sent.text, 0, committed) }
    if (committed > 0) texts.set(migration.up.file, script.text)
    isHalfIn ||= committed > 0
    const failure = { ...failed.failure, leavesHalf: failed.failure.leavesHalf || isHalfIn }
    const before = unit.slice(0, failed.index).map((one) => one.up)
    const located = await locateIn(run, failure, script, before)
    // The same obstacle at the same place a second time: what was provided did not help.
    const obstacle = `${failed.index} ${located?.parsed.start ?? ''} ${failure.error.message} ${failure.error.detail ?? ''}`
    const isLast = tried.has(obstacle) || tried.size >= MOST_PROVISIONS || isInfrastructure(failure.error)
    tried.add(obstacle)
    const provision = isLast
      ? null
      : await provide(run.place, run.roles, {
          error: failure.error,
          statement: located?.parsed ?? null,
          phase: run.phase,
          role: run.role,
        }).catch(() => null) // What cannot be provided stays a failure, and is told as one.
    if (provision === null) return await explain(run, migration.version, migration.up, failure, located)
    run.provided.push(provision.provided)
    const done = doneBefore(failure, located, provision.isDone, script)
    if (done !== null) texts.set(migration.up.file, done)
  }
}

/** Whether a file that went through is taken back when its ledger row is refused. */
const isRolledBack = (run: Run, { send }: Script): boolean =>
  run.transaction === 'all-pending' || send === 'transaction' || send === 'pieces'

/** Whether the tool's ledger gets no rows any more. */
export const isLedgerLeftOut = (run: Run): boolean => run.provided.some((one) => one.what === 'ledger')

/**
 * A history may guard its ledger by a trigger that lets only the project's own runner write there. How that one gets
 * past it is not known, so from then on no rows are written; where a live migration made the guard, that is how
 * production works.
 */
export function leaveLedgerOut(run: Run, migration: Migration, { isLedgerRow, error }: SendFailure): boolean {
  const isRaisedByHistory = error.sqlstate === 'P0001'
  if (isLedgerRow !== true || run.ledger === null || !isRaisedByHistory || isLedgerLeftOut(run)) return false
  run.provided.push({
    what: 'ledger',
    name: run.ledger.name,
    why: `from migration ${migration.version} on a trigger of the history refuses the tool's own ledger row (${error.message.replace(/^.*?: /, '')}); no rows were written`,
    neededBy: run.phase,
    isUnproven: run.phase === 'pending',
  })
  return true
}

/** What is already in must not be sent again: statements that committed for themselves, and the one that was provided. */
function doneBefore(failure: SendFailure, located: Located | null, isDone: boolean, script: Script): string | null {
  if (located === null) return null
  const end = isDone ? located.parsed.end : located.parsed.start
  if (script.send === 'statements' && failure.statement !== null) return blank(script.text, 0, end)
  return isDone ? blank(script.text, located.parsed.start, end) : null
}

/** Overwrites a part of a text with spaces; lines stay where they are. A lone semicolon is an empty statement. */
const blank = (text: string, start: number, end: number): string =>
  text.slice(0, start) + text.slice(start, end).replaceAll(/[^\r\n]/g, ' ') + text.slice(end)

async function sendUnit(
  run: Run,
  unit: readonly Migration[],
  texts: ReadonlyMap<string, string>,
): Promise<UnitFailure | null> {
  let failedAt = 0
  const sendAll = async (): Promise<SendFailure | null> => {
    for (const [index, migration] of unit.entries()) {
      const record = isLedgerLeftOut(run) ? [] : recordOf(run.ledger, migration)
      const text = texts.get(migration.up.file)
      const sent = await sendScript(run.session, migration.up, record, run.transaction, text)
      const failure = sent ?? (run.phase === 'pending' ? takenBack(migration.up) : null)
      const warnings = run.session.takeWarnings()
      if (failure === null && run.withoutEffect !== null) {
        run.withoutEffect.push(...(await withoutEffect(run.place.admin, migration, warnings)))
      }
      if (failure === null) continue
      failedAt = index
      return failure
    }
    return null
  }
  const failure = run.transaction === 'all-pending' ? await inTransaction(run.session, sendAll) : await sendAll()
  return failure === null ? null : { index: failedAt, failure }
}

async function locateIn(
  run: Run,
  failure: SendFailure,
  script: Script,
  before: readonly Script[],
): Promise<Located | null> {
  if (isInfrastructure(failure.error) || failure.isTold === true) return null
  if (script.send === 'statements') {
    const statement = failure.statement
    const parsed = statement === null ? undefined : statementsOf(script)?.[statement.index - 1]?.parsed
    return statement === null || parsed === undefined ? null : { statement, parsed, error: failure.error }
  }
  const located = await locate(run.session, script, before).catch(() => null)
  return located?.error.sqlstate === failure.error.sqlstate ? located : null
}

/** A failure as it is told. */
export async function explain(
  run: Run,
  version: string,
  script: Script,
  failure: SendFailure,
  located: Located | null,
): Promise<Failure> {
  const error: ServerError = failure.error
  const isAboutRights = error.sqlstate === '42501' && located !== null
  return {
    file: script.file,
    version,
    error,
    statement: located?.statement ?? failure.statement ?? placeOfSyntaxError(script, error),
    owner: isAboutRights ? await ownerOf(run.place.admin, located.parsed, error.message, run.role) : null,
    leavesHalf: failure.leavesHalf,
    missingExtension: missingExtensionOf(error),
    isInfrastructure: isInfrastructure(error),
  }
}
