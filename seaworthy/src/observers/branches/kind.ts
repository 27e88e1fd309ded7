import type { Kind } from '../../gate/observation.ts'

/** A version that a migration file on another branch has taken. */
export interface TakenVersion {
  /** Branch as git names it: `main`, `origin/feature-x`. */
  readonly branch: string
  readonly version: string
  readonly name: string
  readonly file: string
}

export interface Branches {
  /** Every branch that was looked at. */
  readonly branches: readonly string[]
  /** Versions there that are not in this tree under the same file name. */
  readonly taken: readonly TakenVersion[]
  /** How many branches, the oldest, were not looked at because there are too many. */
  readonly leftOut: number
}

/** The migration versions on all branches that git knows. */
export const branches: Kind<Branches> = {
  name: 'branches',
  version: 1,
  parse: async (data) => (await import('./schema.ts')).branchesSchema.parse(data),
}
