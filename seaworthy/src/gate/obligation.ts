import { sha256 } from './canonical.ts'
import type { Where } from './finding.ts'

/** A question that only production can answer, as a query that only reads. */
export interface Obligation {
  /** Stable over runs: a digest of subject and query. `obligationId` makes it. */
  readonly id: string
  /** As a person would ask it: `no duplicates in users.handle`. */
  readonly question: string
  /** What it is about: `column public.users.handle`. */
  readonly subject: string
  /** Where the migration asks for it. */
  readonly where: Where | null
  /** One SELECT that returns one row with one bigint, the count of rows that stand in the way. Every name is qualified. */
  readonly sql: string
  /** For a person alone, never sent by us: a SELECT that shows some of the rows, or groups of them, that stand in the way. */
  readonly rowsSql: string
  /** From how many rows on the migration would fail or lose something; 1 for a unique index, NOT NULL, a check, … */
  readonly failsFrom: number
  /** What would happen then, in one sentence. */
  readonly consequence: string
  /** The finding code that a bad answer refuses with. */
  readonly code: string
}

/** The name of a question: the same subject and query always have the same one, and no other query has it. */
export const obligationId = (subject: string, sql: string): string => sha256(`${subject}\n${sql}`).slice(0, 32)

/** Enough of a database's identity to tell it from another one: `sha256:0123456789ab…`. */
export const shortIdentity = (identity: string): string => `${identity.slice(0, 'sha256:'.length + 12)}…`

/** What production said to one question. */
export interface Answer {
  /** Of the obligation that was asked. */
  readonly id: string
  /** ISO 8601, UTC: the time that the answer is true for. */
  readonly answeredAt: string
  /** How many rows stand in the way; null where the question could not be answered. */
  readonly rows: number | null
  /** Why there is no answer, in words without a value of any row; null where there is one. */
  readonly problem: string | null
}

/**
 * - `open`: not asked, or asked without an answer.
 * - `answered`: production's rows do not stand in the way.
 * - `violated`: they do.
 * - `stale`: the answer is too old, or dated in the future; it says nothing.
 */
export type ObligationState = 'open' | 'answered' | 'violated' | 'stale'

/** An obligation and what is known of it. */
export interface AskedObligation extends Obligation {
  readonly state: ObligationState
  readonly answer: Answer | null
}

/** What is known of an obligation: every state but `open` comes from an answer with rows. */
export type AnswerState =
  | { readonly state: 'open'; readonly answer: Answer | null }
  | { readonly state: Exclude<ObligationState, 'open'>; readonly answer: Answer & { readonly rows: number } }

/** More are not counted. */
const MOST_COUNTED = 1_000

/** What is counted, one and several, by the sort of the question. */
const COUNTED: Readonly<Record<string, readonly [string, string]>> = {
  'obligation/unique': ['group of equal rows', 'groups of equal rows'],
  'obligation/exclusion': ['pair of rows', 'pairs of rows'],
  'obligation/foreign-key': ['key without its parent', 'keys without their parent'],
}

/** `8 rows`, `at least 1000 groups of equal rows`. */
export function inTheWay({ code }: Pick<Obligation, 'code'>, found: number): string {
  const [one, several] = COUNTED[code] ?? ['row', 'rows']
  return `${found >= MOST_COUNTED ? 'at least ' : ''}${found} ${found === 1 ? one : several}`
}

/** The clocks of two machines may differ by so much. */
const SKEW_MS = 60_000

/** What an answer makes of a question at that time. An answer to another question, or none, leaves it open. */
export function asked<Asked extends Pick<Obligation, 'id' | 'failsFrom'>>(
  obligation: Asked,
  answer: Answer | undefined,
  at: { readonly evaluatedAt: string; readonly maxAgeHours: number },
): Asked & AnswerState {
  if (answer === undefined || answer.id !== obligation.id) return { ...obligation, state: 'open', answer: null }
  const { rows } = answer
  if (rows === null) return { ...obligation, state: 'open', answer }
  const ageMs = Date.parse(at.evaluatedAt) - Date.parse(answer.answeredAt)
  const isCurrent = ageMs >= -SKEW_MS && ageMs <= at.maxAgeHours * 3_600_000
  const state = isCurrent ? (rows >= obligation.failsFrom ? 'violated' : 'answered') : 'stale'
  return { ...obligation, state, answer: { ...answer, rows } }
}
