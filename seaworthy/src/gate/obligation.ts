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
