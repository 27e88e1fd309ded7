import type { Kind } from '../../gate/observation.ts'

/** How it was decided what is pending. */
export type PendingBasis = 'baseline' | 'ledger' | 'since' | 'merge-base' | 'ci-range' | 'outside-git' | 'all'

/** A file of the baseline that the candidate changed or removed. */
export interface ChangedBaselineFile {
  readonly file: string
  /** `renamed`: the same content in the same slot under another name, which stays in the baseline. */
  readonly change: 'edited' | 'line-endings' | 'removed' | 'renamed'
  /** The version it belonged to at the base revision. */
  readonly version: string | null
}

/** Which migrations are new in this candidate, and which are taken as live in production. */
export interface Pending {
  readonly basis: PendingBasis
  /** A person's words for it: "new since main (merge base 1a2b3c4)". */
  readonly explanation: string
  /** The full commit that was compared against; null where git was not asked. */
  readonly baseCommit: string | null
  /** `Script.file` of the up file of each pending migration, in the order of the tree. */
  readonly files: readonly string[]
  readonly changedBaseline: readonly ChangedBaselineFile[]
  /** Up files that the base commit does not have; null or left out where there was no base commit to compare with. */
  readonly newSinceBase?: readonly string[] | null | undefined
  /** Why git, which is there, could not say whether live files were edited; null or left out where it could, or is not there. */
  readonly baseProblem?: string | null | undefined
}

/** Which migrations are pending. */
export const pending: Kind<Pending> = {
  name: 'pending',
  version: 1,
  parse: async (data) => (await import('./schema.ts')).pendingSchema.parse(data),
}
