import type { Kind } from '../../gate/observation.ts'
import type { ServerError, ServerIdentity } from '../../migrations/engine.ts'
import type { PlanningRole, QueryOutcome } from '../../migrations/queries.ts'

export { plainError } from '../../migrations/engine.ts'
export type { QueryColumn as Column, QueryOutcome } from '../../migrations/queries.ts'
export type { ServerError } from '../../migrations/engine.ts'

/** A query of the running version, as it was given. */
export interface GivenQuery {
  /** Cut to 2,000 characters. One from a shape has no constants. */
  readonly text: string
  readonly from: 'workload' | 'shape'
  /** The line of the workload file on which it begins; null for one from a shape. */
  readonly line: number | null
  /** Null where nobody said who sends it. */
  readonly role: string | null
  readonly searchPath: string | null
  /** How often production sent it; null where that is not known. */
  readonly calls: number | null
}

export interface QuerySource {
  readonly kind: GivenQuery['from']
  readonly file: string
  readonly queries: number
  /** What was seen there and is not among the queries. */
  readonly leftOut: readonly { readonly why: string; readonly count: number }[]
  /** Why the source does not hold all queries that production serves; null if it does as far as it knows. */
  readonly isPartial: string | null
  /** Whether queries are there, and who captured them might not read them. */
  readonly isForbidden: boolean
}

/** What a program sees of a query that works. */
export type Answer = Omit<Extract<QueryOutcome, { works: true }>, 'meaning'>

/** A query that is answered otherwise after the pending migrations than before. */
export interface QueryChange {
  readonly query: GivenQuery
  /** The up files of what changed it: one migration, or all that is pending where they commit together. */
  readonly files: readonly string[]
  readonly before: Answer
  readonly after: Answer | Extract<QueryOutcome, { works: false }>
  /**
   * What its names meant that they no longer mean, and what they mean now, in words: each empty where there is no such
   * thing. Null if all of it means the same.
   */
  readonly meaning: { readonly before: string; readonly after: string; readonly column: string | null } | null
}

export interface Queries {
  readonly server: ServerIdentity
  readonly sources: readonly QuerySource[]
  /** Why there is no query to plan; null if there are some. */
  readonly unavailable: string | null
  /** Who plans for whom. `why` is null where a role plans for itself. */
  readonly roles: readonly Pick<PlanningRole, 'name' | 'as' | 'why'>[]
  /** How many queries were given. Each is counted exactly once below, unless nothing is pending. */
  readonly total: number
  /** Beyond the limit, the least called ones: nobody looked at them. */
  readonly overLimit: number
  /** Answered before and after in the same way. */
  readonly same: number
  /** Not even planned before the pending migrations. */
  readonly stale: readonly { readonly query: GivenQuery; readonly error: ServerError }[]
  /** A time limit, or a server that went away: nothing is known of them. */
  readonly unknown: readonly { readonly query: GivenQuery; readonly error: ServerError }[]
  readonly changes: readonly QueryChange[]
}

/** The running version's queries, planned before and after the pending migrations. */
export const queries: Kind<Queries> = {
  name: 'queries',
  version: 1,
  parse: async (data) => (await import('./schema.ts')).queriesSchema.parse(data),
}
