import type { Action, JudgeContext } from './check.ts'
import type { Observation, Observations } from './observation.ts'

/** Why a bad world cannot be made from this run: what it would damage is not there. */
export interface NotHere {
  readonly notHere: string
}

export const notHere = (why: string): NotHere => ({ notHere: why })

/** Whether a mutant or a world says that it cannot be made here. */
export const isNotHere = (made: object): made is NotHere => 'notHere' in made

/** What is done to a copy of the user's own tree and inputs. Every member is optional; at least one has to be there. */
export interface WorldChange {
  /** A migration that is added as the newest pending one, in the folder's own format. */
  readonly migration?: { readonly name: string; readonly up: string; readonly down?: string }
  /** Files relative to the repository root: their new text, or null for one that is removed. */
  readonly files?: readonly { readonly file: string; readonly text: string | null }[]
  /**
   * What is given in place of what the user's configuration names: production's ledger, shape or answers, as the
   * observation that such a file makes. The migration folder stays the copy's.
   */
  readonly inputs?: readonly Observation[]
  /** The release brings a configuration of its own: these settings over the user's. */
  readonly configuration?: Readonly<Record<string, unknown>>
  /** A query of the running version, beside those that the user gives. */
  readonly query?: string
  /** What the verdict is asked for, where it is not what the user asks for. */
  readonly action?: Action
  /** The scratch server cannot be started. */
  readonly isServerRefusing?: boolean
  /** The run leaves this check out. It stands alone: the observations are those of the project as it is. */
  readonly leftOut?: string
}

/** A bad world: the user's own project with one harm in it. The whole gate is run against it, and has to refuse. */
export interface World {
  /** Stable and unique over all checks: `drop-table-in-a-block`. */
  readonly name: string
  /** One line for the matrix: `a migration drops a table inside a DO block`. */
  readonly title: string
  /** The gate that said yes here, or what production would suffer. */
  readonly why: string
  /** Codes of findings that refuse it for the right reason; a refusal for another reason proves nothing. */
  readonly refusedBy: readonly string[]
  /** Pure: reads what the last run observed of one folder and what was asked of it, and says what to change. */
  readonly build: (observations: Observations, context: JudgeContext) => WorldChange | NotHere
}

/** What came of one bad world or one mutant on one subject: a row of the matrix. */
export interface DrillRow {
  /** `judge`: a mutant of the last run's observations. `world`: a world that was built and judged by the whole gate. */
  readonly tier: 'judge' | 'world'
  readonly check: string
  /** The mutant's or the world's name. */
  readonly world: string
  readonly title: string
  /** The migration folder it was tried on. */
  readonly subject: string
  /**
   * - `refused`: the gate said no, and by something that it does not say of the project as it is.
   * - `survived`: the gate would have let it through; `why` says what opens the way.
   * - `not-here`: it cannot be made from this project; `why` says what is not there.
   * - `unproven`: it could not be tried, or was refused for another reason than the harm itself; `why` says which.
   */
  readonly outcome: 'refused' | 'survived' | 'not-here' | 'unproven'
  /** Codes of the findings that refuse it. */
  readonly by: readonly string[]
  readonly why: string | null
}
