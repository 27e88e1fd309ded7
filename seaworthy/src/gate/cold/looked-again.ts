import type { Candidate } from '../certificate/candidate.ts'
import type { Action, CheckSettings } from '../check.ts'
import { type Claim, type Looked, couldNotLook, seenBy } from './claim.ts'
import type { Json } from '../chain/chain.ts'
import type { Evaluation, Question, Subject } from '../evaluate.ts'
import type { RunRequest } from '../evidence.ts'
import type { Observations } from '../observation.ts'

/** Something that was looked at by somebody else than the builder: what came of it and who was asked, or why nothing did. */
export type Tried<T> = { readonly done: T; readonly witness: string } | { readonly failed: string }

/** What a bundle says of a run, opened and parsed: its evaluation is what it says, and replayed the same. */
export interface ToldRun {
  /** `bundle sha256:…`, by the digest of its manifest. */
  readonly witness: string
  readonly candidate: Candidate
  readonly request: RunRequest
  readonly question: Question
  readonly evaluation: Evaluation
  /** Names of the kinds of observation that a rehearsal makes. */
  readonly rehearsed: ReadonlySet<string>
}

/** The named commit, as the verifier's own clone has it. */
export interface CommitSeen {
  readonly commit: string
  readonly tree: string
  /** ISO 8601, with its zone. */
  readonly committedAt: string
  /** What does not have the content that its id stands for, from the commit to its files, in words. */
  readonly exchanged: readonly string[]
  /** Whether a branch or a tag has it in its history. */
  readonly isOnBranch: boolean
  /** What lies in the folders of the candidate at that commit; a folder that is not there is not in it. */
  readonly migrations: ReadonlyMap<string, { readonly format: string; readonly digest: string }>
  /** The format that each of those folders is found to have by whoever is told none; one where none is found is not in it. */
  readonly formats: ReadonlyMap<string, string>
  /** Migration folders that are found at that commit besides those of the candidate. */
  readonly otherFolders: readonly string[]
  /** Configurations above the candidate's folders that are new or edited since the commit that was compared with. */
  readonly configurations: readonly string[]
  /** Commits that were compared with, by their id. */
  readonly bases: ReadonlyMap<string, BaseSeen>
}

export interface BaseSeen {
  readonly isKnown: boolean
  /** Whether the default branch has it in its history; null where the clone has no default branch. */
  readonly isInDefaultBranch: boolean | null
}

/** The gate, run again by the verifier: at the named commit, with the recorded policy and time. */
export interface RunSeen {
  readonly subjects: readonly Subject[]
  readonly evaluation: Evaluation
}

/** All that a verifier looked at. Plain data: what becomes of the claims is decided from it alone. */
export interface LookedAgain {
  readonly commit: Tried<CommitSeen>
  /** The SHA-256 of each input of the run, by its place in `RunRequest.inputs`. */
  readonly inputs: readonly Tried<string>[]
  /** What the verifier brought and the run had not: which input, and the file or the flag. */
  readonly besides: readonly { readonly as: string; readonly what: string }[]
  readonly run: Tried<RunSeen>
  /** Observations made from files that the verifier brought or the commit has, by migration folder; not from the bundle. */
  readonly brought: ReadonlyMap<string, Observations>
  /** What was seen of production itself, by migration folder: its ledger and shape, where the verifier can reach it. */
  readonly production: ReadonlyMap<string, Observations>
}

/** A claim, and how it is read off what was looked at again. Pure. */
export interface ClaimToCheck {
  readonly claim: Claim
  readonly look: (again: LookedAgain) => Looked
}

/** What a check knows besides the observations when it says what others can look at again. */
export interface ClaimContext {
  /** The migration folder. */
  readonly subject: string
  /** ISO 8601, UTC. */
  readonly evaluatedAt: string
  readonly witness: string
  /** What the verdict is to be good for. */
  readonly action: Action
  /** By which it was judged. */
  readonly settings: CheckSettings
}

/** Reads something off what was tried, or says why it was not done. */
export function lookAt<T>(tried: Tried<T>, read: (done: T) => Json | { readonly unseen: string }): Looked {
  if ('failed' in tried) return couldNotLook(tried.failed)
  const seen = read(tried.done)
  return isUnseen(seen) ? couldNotLook(seen.unseen) : seenBy(tried.witness, seen)
}

const isUnseen = (seen: Json | { readonly unseen: string }): seen is { readonly unseen: string } =>
  typeof seen === 'object' && seen !== null && 'unseen' in seen && typeof seen.unseen === 'string'
