import type { Traced, TracedStatement } from '../../migrations/effects.ts'
import type { Failure } from '../../migrations/engine.ts'
import type { Migration } from '../../migrations/model.ts'
import type { SendFailure } from '../apply.ts'
import { takenBack } from '../control.ts'
import type { Located } from '../locate.ts'
import { provide } from '../provide.ts'
import { type Run, applyAll, explain, isLedgerLeftOut, leaveLedgerOut } from '../runner.ts'
import { isInfrastructure } from '../server-error.ts'
import { Attempt, type StepFailure } from './attempt.ts'
import { type Step, stepsOf } from './steps.ts'
import type { Tracer } from './tracer.ts'

/** How often something may be provided for one unit before its failure counts as its own. */
const MOST_PROVISIONS = 40

/** Applies migrations statement by statement and records each. Stops at the first failure. */
export class TracedRunner {
  readonly #run: Run
  readonly #tracer: Tracer
  #transaction = 0

  constructor(run: Run, tracer: Tracer) {
    this.#run = run
    this.#tracer = tracer
  }

  async apply(migrations: readonly Migration[]): Promise<Traced> {
    if (this.#run.transaction === 'all-pending') return await this.#applyUnit(migrations)
    const statements: TracedStatement[] = []
    for (const [index, migration] of migrations.entries()) {
      const traced = await this.#applyUnit([migration])
      statements.push(...traced.statements)
      if (traced.failure !== null) return { statements, applied: index, failure: traced.failure }
    }
    return { statements, applied: migrations.length, failure: null }
  }

  async #applyUnit(unit: readonly Migration[]): Promise<Traced> {
    this.#tracer.forget()
    const steps = stepsOf(unit, this.#run.transaction)
    if (steps === null) return await this.#applyWhole(unit, [])
    const attempt = new Attempt(this.#run, this.#tracer, { steps, transaction: this.#transaction })
    const failed = await this.#sendUntilIn(attempt)
    this.#transaction = attempt.transaction
    this.#run.session.throwIfAborted()
    this.#run.session.takeWarnings()
    const statements = attempt.records
    if (failed === null) return await this.#unlessTakenBack(unit, statements)
    if (!attempt.isHalfIn && !isInfrastructure(failed.failure.error)) return await this.#applyWhole(unit, statements)
    const failure = await this.#explained(failed, attempt.isHalfIn)
    return { statements, applied: 0, failure }
  }

  /** Again and again while something that production has can be provided. */
  async #sendUntilIn(attempt: Attempt): Promise<StepFailure | null> {
    const skipped = new Set<number>()
    const tried = new Set<string>()
    for (;;) {
      const failed = await attempt.send(skipped)
      if (failed === null) return null
      const { at, step, failure } = failed
      const obstacle = `${at} ${failure.error.message} ${failure.error.detail ?? ''}`
      const isLast = tried.has(obstacle) || tried.size >= MOST_PROVISIONS || isInfrastructure(failure.error)
      tried.add(obstacle)
      if (!isLast && failure.isLedgerRow === true) {
        // The faithful run, at the same time, may have been the first to find it out.
        if (leaveLedgerOut(this.#run, step.migration, failure) || isLedgerLeftOut(this.#run)) continue
      }
      const provision = isLast
        ? null
        : await provide(this.#run.place, this.#run.roles, {
            error: failure.error,
            statement: step.do === 'send' ? step.sent.parsed : null,
            phase: this.#run.phase,
            role: this.#run.role,
          }).catch(() => null) // What cannot be provided stays a failure, and is told as one.
      if (provision === null) return failed
      this.#run.provided.push(provision.provided)
      if (provision.isDone) skipped.add(at)
    }
  }

  async #unlessTakenBack(unit: readonly Migration[], statements: readonly TracedStatement[]): Promise<Traced> {
    for (const [index, migration] of unit.entries()) {
      const failure = takenBack(migration.up)
      if (failure === null) continue
      const told = await explain(this.#run, migration.version, migration.up, failure, null)
      return { statements, applied: index, failure: told }
    }
    return { statements, applied: unit.length, failure: null }
  }

  /**
   * What does not apply statement by statement is sent as the tool sends it. If it applies then, what the instruments say
   * is told of the whole, without a place in it; locks are only known as far as something reported them on the way.
   */
  async #applyWhole(unit: readonly Migration[], seen: readonly TracedStatement[]): Promise<Traced> {
    const [first] = unit
    this.#tracer.forget()
    const { applied, failure } = await applyAll(this.#run, unit, () => undefined)
    if (failure !== null || first === undefined) return { statements: seen, applied, failure }
    const text = unit.map((one) => one.up.text).join('\n')
    const endLine = first.up.text.split(/\r\n|\r|\n/).length
    const place = { text, index: 0, line: 1, column: 1, endLine }
    this.#transaction += 1
    const record = this.#tracer.open(first.up.file, first.version, place, this.#transaction)
    await this.#tracer.afterWhole(record, text)
    return { statements: [record], applied, failure: null }
  }

  async #explained({ step, failure }: StepFailure, isHalfIn: boolean): Promise<Failure> {
    // A row that the ledger refuses leaves no half of the file.
    const leavesHalf = failure.leavesHalf || (isHalfIn && failure.isLedgerRow !== true)
    const whole: SendFailure = { ...failure, leavesHalf }
    const { version, up } = step.migration
    return await explain(this.#run, version, up, whole, locatedIn(step, whole))
  }
}

const locatedIn = (step: Step, { statement, error }: SendFailure): Located | null =>
  step.do !== 'send' || statement === null ? null : { statement, parsed: step.sent.parsed, error }
