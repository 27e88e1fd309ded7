import type { Failure, Provided, ServerIdentity, WithoutEffect } from '../../migrations/engine.ts'

export type { Failure, Provided, WithoutEffect } from '../../migrations/engine.ts'

/** What became of one migration in the verdict run. */
export interface Step {
  readonly file: string
  readonly version: string
  /** SHA-256 of the text that was rehearsed: another text was not. */
  readonly sha256: string
  readonly phase: 'baseline' | 'pending'
  /** `rolled-back`: it ran, and a later failure in the same transaction took it back. */
  readonly outcome: 'applied' | 'failed' | 'rolled-back' | 'not-reached'
}

export interface Rehearsal {
  readonly server: ServerIdentity
  readonly roles: {
    readonly mode: 'single' | 'split'
    readonly isConfigured: boolean
    readonly migratingRole: string
    readonly owningRole: string
    /** Relations after the baseline that do not belong to the migrating role. */
    readonly foreignOwned: number
    /** With production's shape: who migrates and how that is known, in one sentence. */
    readonly ofShape?: string | undefined
  }
  readonly isBaselineCached: boolean
  /** The ledger table of a runner of one's own; null where the tool's own table was used, or none. */
  readonly ownLedger: string | null
  /** One entry a migration of the tree, in its order. */
  readonly steps: readonly Step[]
  readonly failure: (Failure & { readonly phase: 'baseline' | 'pending'; readonly cause: Cause | null }) | null
  readonly provided: readonly Provided[]
  /** Left out where roles are not split: who owns what is then only assumed. */
  readonly withoutEffect?: readonly WithoutEffect[] | undefined
  readonly limits: readonly string[]
}

/** The earlier migration that made a later one fail, as far as its text shows it. */
export interface Cause {
  readonly file: string
  readonly version: string
  readonly line: number
  /** `dropped column docket_no of cases`. */
  readonly what: string
}
