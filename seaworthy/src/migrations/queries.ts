import type { ServerError } from './engine.ts'
import type { Meaning } from './meaning.ts'

/** A query as it is to be planned. It is never run. */
export interface QueryToPlan {
  /** One statement that reads or writes rows. */
  readonly text: string
  /** How many parameters it has. */
  readonly parameters: number
  /** A role that `QueryPlanner.roles` named under `as`. */
  readonly role: string
  /** Whether that role may not log in by itself. */
  readonly isGroup: boolean
  /** Null for the one that the role gets when it logs in. */
  readonly searchPath: string | null
}

export interface QueryColumn {
  readonly name: string
  /** As the server formats it, with its schema where that is not pg_catalog: `character varying(20)`. */
  readonly type: string
}

/** What the server says about a query: how it would answer, or why it would not. */
export type QueryOutcome =
  | {
      readonly works: true
      readonly columns: readonly QueryColumn[]
      readonly parameters: readonly string[]
      /** What its names mean. */
      readonly meaning: Meaning
    }
  | {
      readonly works: false
      readonly error: ServerError
      /** A limit of ours or a lost server: nothing is said about the query. */
      readonly isInfrastructure: boolean
    }

/** How a role of production is played here. */
export interface PlanningRole {
  /** As production calls it. */
  readonly name: string
  /** The role of this server that plans in its place. */
  readonly as: string
  readonly isGroup: boolean
  /** Null if it is that very role; else why it is another one, in a few words. */
  readonly why: string | null
  /** The search path that it gets when it logs in. */
  readonly searchPath: string
}

/** Asks a world how it would plan queries, as the roles that send them. Changes nothing. */
export interface QueryPlanner {
  /** One entry a name, in that order. Null stands for a role that nobody named: the one that migrates. */
  readonly roles: (names: readonly (string | null)[]) => Promise<readonly PlanningRole[]>
  /** One outcome a query, in that order. */
  readonly plan: (queries: readonly QueryToPlan[]) => Promise<readonly QueryOutcome[]>
}
