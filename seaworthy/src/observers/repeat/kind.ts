import type { Kind } from '../../gate/observation.ts'
import type { Failure, ServerError, ServerIdentity } from '../../migrations/engine.ts'
import type { MigrationTree, Script } from '../../migrations/model.ts'
import type { HalfWay, Sending } from '../../sql/half-way.ts'

export type { Failure, ServerError } from '../../migrations/engine.ts'
export { plainError } from '../../migrations/engine.ts'

/** A statement that makes a table or an index, and does not look whether it is there. */
export interface MadeAgain {
  readonly file: string
  readonly version: string
  readonly line: number
  readonly column: number
  readonly endLine: number
  /** Cut to 400 characters. */
  readonly text: string
  /** `table public.coupons`. */
  readonly object: string
}

/** The tool started a second time, right after it had applied everything. */
export interface SecondStart {
  /**
   * What it found: its ledger (`known`), none that we know of (`unknown`), none at all any more (`missing`), or one that
   * it cannot read.
   */
  readonly ledger: 'known' | 'unknown' | 'missing' | 'unreadable'
  /** Up files that it applied once more, in order. */
  readonly again: readonly string[]
  readonly failure: Failure | null
  /** Why the ledger could not be read. */
  readonly error: ServerError | null
  /** Objects that are others after it: `table public.users`, `rows of table public.users`. */
  readonly changed: readonly string[]
  /** Blocks, procedures and functions that failed when they were run once more, since what they make was there. */
  readonly madeAgain: readonly MadeAgain[]
}

/** A place at which a part of a migration is in for good, and the rest is not. */
export interface StopPoint {
  readonly file: string
  readonly version: string
  /** The statement after which it stopped, from 1; with `invalid-index` the one in which it did. */
  readonly index: number
  readonly line: number
  readonly column: number
  readonly endLine: number
  /** Cut to 400 characters. */
  readonly text: string
  readonly kind: HalfWay['kind']
}

/** What came of starting the migration again from there. */
export interface StopTrial extends StopPoint {
  /**
   * - `same`: it applied, and left what a run without a stop leaves.
   * - `failed`: it does not apply again.
   * - `differs`: it applied, and left something else.
   * - `untried`: nobody knows; `why` says the reason.
   */
  readonly outcome: 'same' | 'failed' | 'differs' | 'untried'
  readonly failure: Failure | null
  readonly changed: readonly string[]
  /** Indexes that are invalid after it, and are not in a run without a stop. */
  readonly invalid: readonly string[]
  readonly why: string | null
}

export interface Repeat {
  readonly server: ServerIdentity
  readonly profile: 'online' | 'additive'
  /** Null with the profile `online`, where the tool is not promised to be started twice. */
  readonly secondStart: SecondStart | null
  /** One entry a stop point of a pending migration. */
  readonly stops: readonly StopTrial[]
}

/** How a tool hands a script to the server, as far as it matters for where it can stop. */
export const sendingOf = (script: Script, transaction: MigrationTree['transaction']): Sending => ({
  messages: script.pieces ?? [{ text: script.text, line: 1 }],
  isStatementByStatement: script.send === 'statements',
  isInTransaction: script.send === 'transaction' || script.send === 'pieces' || transaction === 'all-pending',
})

/** The pending migrations started again: after all of it, and from every place at which they can stop half-way. */
export const repeat: Kind<Repeat> = {
  name: 'repeat',
  version: 1,
  parse: async (data) => (await import('./schema.ts')).repeatSchema.parse(data),
}
