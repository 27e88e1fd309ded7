import type { Action, JudgeContext } from '../check.ts'
import { familyOf } from '../finding.ts'
import type { Observation, Observations } from '../observation.ts'

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
  /**
   * The migrations that are pending are taken out of the copy first, so that the harm is all that is pending: where the
   * release changes what is harmed itself, it would hide the harm.
   */
  readonly isReleaseTakenOut?: boolean
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
  /**
   * Codes of findings that refuse it for the right reason; a refusal for another reason proves nothing. The first one says
   * which family of harm it is.
   */
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
  /** The family of harm that a world stands for, such as `data-loss`; null for a mutant. */
  readonly family: string | null
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

/** A gate of which nobody knows whether it keeps rows from being lost was not drilled. */
export const MUST_BE_TRIED = 'data-loss'

/** A family of harm of which no world at all could be made from one folder. */
export type Untried = Pick<DrillRow, 'subject'> & { readonly family: string }

/**
 * What of the drilled families was not tried, in the order of the rows: a folder is not covered by its neighbour. Mutants have
 * no family: where they are all there is, those tell which that were refused for it.
 */
export function untriedFamilies(rows: readonly DrillRow[]): readonly Untried[] {
  if (rows.every(({ tier }) => tier === 'judge')) return untriedByMutants(rows)
  const untried = new Map<string, Untried>()
  for (const { family, subject } of rows) if (family !== null) untried.set(`${family} ${subject}`, { family, subject })
  for (const { family, subject, outcome } of rows) if (outcome !== 'not-here') untried.delete(`${family} ${subject}`)
  return [...untried.values()]
}

function untriedByMutants(rows: readonly DrillRow[]): readonly Untried[] {
  const isTried = ({ by }: DrillRow): boolean => by.some((code) => familyOf(code) === MUST_BE_TRIED)
  const subjects = [...new Set(rows.map(({ subject }) => subject))]
  return subjects
    .filter((subject) => !rows.some((row) => row.subject === subject && isTried(row)))
    .map((subject) => ({ family: MUST_BE_TRIED, subject }))
}

/** Whether the one family was not tried without which a drill proves little. */
export const isMainUntried = (rows: readonly DrillRow[]): boolean =>
  untriedFamilies(rows).some(({ family }) => family === MUST_BE_TRIED)
