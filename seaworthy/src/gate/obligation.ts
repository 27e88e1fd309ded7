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
  /** From how many rows on the migration would fail or lose something; 1 for a unique index, NOT NULL, a check, … */
  readonly failsFrom: number
  /** What would happen then, in one sentence. */
  readonly consequence: string
  /** The finding code that a bad answer refuses with. */
  readonly code: string
}

/** The name of a question: the same subject and query always have the same one, and no other query has it. */
export const obligationId = (subject: string, sql: string): string => sha256(`${subject}\n${sql}`).slice(0, 32)

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

/** The clocks of two machines may differ by so much. */
const SKEW_MS = 60_000

/** What an answer makes of a question at that time. An answer to another question, or none, leaves it open. */
export function asked(
  obligation: Obligation,
  answer: Answer | undefined,
  at: { readonly evaluatedAt: string; readonly maxAgeHours: number },
): AskedObligation {
  if (answer === undefined || answer.id !== obligation.id) return { ...obligation, state: 'open', answer: null }
  if (answer.rows === null) return { ...obligation, state: 'open', answer }
  const ageMs = Date.parse(at.evaluatedAt) - Date.parse(answer.answeredAt)
  const isCurrent = ageMs >= -SKEW_MS && ageMs <= at.maxAgeHours * 3_600_000
  const state = isCurrent ? (answer.rows >= obligation.failsFrom ? 'violated' : 'answered') : 'stale'
  return { ...obligation, state, answer }
}
