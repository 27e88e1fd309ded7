import { SeaworthyError } from '../../gate/error.ts'
import { type DefaultBranch, type Head, type Repository, unknownRef } from '../../git/repository.ts'
import { type CiRange, ciRange } from './ci.ts'
import type { PendingBasis } from './kind.ts'

/** The commit whose migrations are taken as live. */
export interface Base {
  readonly basis: PendingBasis
  readonly commit: string
  /** The newest commit that the base and the candidate share; null if there is none. What only the base has is newer than we are. */
  readonly ancestor: string | null
  /** Such as "main (merge base 1a2b3c4)". */
  readonly words: string
}

interface Place {
  readonly repository: Repository
  readonly head: Head
  readonly env: NodeJS.ProcessEnv
}

/**
 * Finds what to compare with: `--since REF`, the range of a known CI, or the merge base with the default branch.
 * Throws SeaworthyError('git') with the fix where there is none: not knowing is never "nothing pending".
 */
export async function findBase(place: Place, since: string | undefined): Promise<Base> {
  if (since !== undefined) return sinceRef(place, since)
  const range = ciRange(place.env)
  if (range === null) return defaultBase(place, null)
  return range.kind === 'push' ? pushed(place, range) : pullRequest(place, range)
}

async function sinceRef({ repository, head }: Place, ref: string): Promise<Base> {
  const commit = await repository.resolve(ref)
  if (commit === null) throw unknownRef(ref)
  const ancestor = await repository.mergeBase(commit, head.commit)
  return { basis: 'since', commit, ancestor, words: short(commit) === ref ? ref : `${ref} (${short(commit)})` }
}

async function pullRequest(place: Place, range: CiRange & { kind: 'pull-request' }): Promise<Base> {
  for (const target of range.targets) {
    const commit = await place.repository.resolve(target)
    if (commit === null) continue
    const base = await sharedWith(place, { name: nameOf(target), commit })
    return { ...base, basis: 'ci-range', words: `${base.words}, the target of this pull request on ${range.system}` }
  }
  throw new SeaworthyError('git', `the target branch of this pull request is not in the checkout (${range.system})`, {
    hint: FETCH_HINT,
  })
}

async function pushed(place: Place, range: CiRange & { kind: 'push' }): Promise<Base> {
  const { repository, head } = place
  const before = range.before === null ? null : await repository.resolve(range.before)
  const isDefault = range.branch !== null && range.branch === (await defaultName(repository, range))
  const isBranch = range.branch !== null && !isDefault
  // What an earlier push of the same branch brought is not live yet, so a branch is compared with the default one.
  if (before === null || isBranch) {
    const base = await defaultBase(place, range.defaultBranch).catch((error: unknown) => {
      if (before !== null && error instanceof SeaworthyError && error.code === 'git') return null
      throw error
    })
    if (base !== null && (base.commit !== head.commit || before !== null)) return { ...base, basis: 'ci-range' }
  }
  if (before === null) throw noRange(range)
  const ancestor = await repository.mergeBase(before, head.commit)
  const words = `${short(before)}, where the branch stood before this push (${range.system})`
  return { basis: 'ci-range', commit: before, ancestor, words }
}

function noRange(range: CiRange & { kind: 'push' }): SeaworthyError {
  const what =
    range.before === null
      ? 'this push has no commit before it (a new branch or a tag)'
      : `the commit before this push, ${short(range.before)}, is not in the checkout`
  return new SeaworthyError('git', `${what}, so what is new in it is unknown (${range.system})`, {
    hint: `${FETCH_HINT} After a forced push, and for the first push of a branch, name what is live: --since REF, --baseline VERSION or --ledger FILE.`,
  })
}

async function defaultName(repository: Repository, range: { defaultBranch: string | null }): Promise<string | null> {
  return range.defaultBranch ?? (await repository.defaultBranch())?.name.replace(/^[^/]+\//, '') ?? null
}

async function defaultBase(place: Place, told: string | null): Promise<Base> {
  const { repository, head } = place
  const branch = await defaultBranch(repository, told)
  if (branch === null) {
    throw new SeaworthyError('git', 'the default branch is unknown: there is no origin/HEAD, main or master here', {
      hint: `Name what is live with --since REF (or judge everything with --all). ${FETCH_HINT}`,
    })
  }
  const base = await sharedWith(place, branch)
  if (base.commit === head.commit && (await repository.isShallow())) throw shallow(branch.name)
  return base
}

async function defaultBranch(repository: Repository, told: string | null): Promise<DefaultBranch | null> {
  const commit = told === null ? null : await repository.resolve(`refs/remotes/origin/${told}`)
  return told === null || commit === null ? repository.defaultBranch() : { name: `origin/${told}`, commit }
}

async function sharedWith({ repository, head }: Place, branch: DefaultBranch): Promise<Base> {
  const commit = await repository.mergeBase(head.commit, branch.commit)
  if (commit !== null) {
    return { basis: 'merge-base', commit, ancestor: commit, words: `${branch.name} (merge base ${short(commit)})` }
  }
  if (await repository.isShallow()) throw shallow(branch.name)
  throw new SeaworthyError('git', `HEAD and ${branch.name} share no commit, so what is new cannot be told`, {
    hint: 'Name what is live with --since REF or --baseline VERSION, or judge everything with --all.',
  })
}

const FETCH_HINT =
  'Fetch the history: git fetch --unshallow origin; in a CI checkout, fetch-depth: 0 (GIT_DEPTH: 0 on GitLab).'

const shallow = (name: string): SeaworthyError =>
  new SeaworthyError('git', `this is a shallow clone: what is new since ${name} cannot be told from it`, {
    hint: FETCH_HINT,
  })

const nameOf = (ref: string): string =>
  /^[0-9a-f]{40,64}$/.test(ref) ? short(ref) : ref.replace(/^refs\/(heads|remotes)\//, '')

/** A commit as a person reads it. */
export const short = (commit: string): string => commit.slice(0, 7)
