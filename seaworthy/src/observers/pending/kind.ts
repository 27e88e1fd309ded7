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
  /** Whether that commit is what is checked out: then git only tells what is not committed. */
  readonly isBaseCandidate?: boolean | undefined
  /** Why git, which is there, could not say whether live files were edited; null or left out where it could, or is not there. */
  readonly baseProblem?: string | null | undefined
}

type GitBasis = 'since' | 'merge-base' | 'ci-range'
const GIT: ReadonlySet<PendingBasis> = new Set<GitBasis>(['since', 'merge-base', 'ci-range'])

/** Whether the base commit decided what is live; with a baseline or a ledger git only says which live files were changed. */
export const isDecidedByGit = (basis: PendingBasis): basis is GitBasis => GIT.has(basis)

/** What became of the question whether live files were edited. */
type Comparison =
  | 'told by git'
  | 'not to be told by git, from the candidate itself'
  | 'not known to git'
  | 'not asked of git'

/** What two looks at one commit have to agree on: all but the words, and how git came to the base commit. Plain JSON. */
export interface PendingFacts {
  readonly basis: Exclude<PendingBasis, GitBasis> | 'git'
  readonly base: string | null
  readonly files: readonly string[]
  readonly changed: readonly string[]
  readonly new: readonly string[] | null
  readonly edits: Comparison
}

/** The facts of what is pending, without its wording. */
export const factsOf = (found: Pending): PendingFacts => ({
  basis: isDecidedByGit(found.basis) ? 'git' : found.basis,
  base: found.baseCommit,
  files: found.files,
  changed: found.changedBaseline.map(
    ({ file, change, version }) => `${file} (${change}, version ${version ?? 'unknown'})`,
  ),
  new: found.newSinceBase ?? null,
  edits: comparisonOf(found),
})

function comparisonOf({ baseCommit, baseProblem = null, isBaseCandidate = false }: Pending): Comparison {
  if (baseProblem !== null) return 'not known to git'
  if (baseCommit === null) return 'not asked of git'
  return isBaseCandidate ? 'not to be told by git, from the candidate itself' : 'told by git'
}

/** Which migrations are pending. */
export const pending: Kind<Pending> = {
  name: 'pending',
  version: 1,
  parse: async (data) => (await import('./schema.ts')).pendingSchema.parse(data),
}
