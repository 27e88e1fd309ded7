import type { Running } from '../certificate/candidate.ts'
import type { Precondition } from '../certificate/precondition.ts'
import type { Statement } from '../certificate/statement.ts'
import type { Action } from '../check.ts'
import type { Finding } from '../finding.ts'
import type { Answer } from '../obligation.ts'
import type { Policy } from '../policy.ts'

/** What somebody wants to act on: a certificate that the given key signed, or why there is none. */
export type Presented =
  | { readonly statement: Statement; readonly keyId: string }
  | {
      readonly problem: 'not-signed' | 'other-key' | 'bad-signature' | 'not-readable'
      readonly message: string
    }

/** A part of the world, looked at again: as it is now, or why it could not be seen. */
export type Seen =
  | {
      readonly kind: string
      readonly subject: string
      readonly precondition: Precondition
      /** What is another one in a part, in words, by the part's name; as far as the evidence is at hand. */
      readonly changes?: ReadonlyMap<string, string>
    }
  | { readonly kind: string; readonly subject: string; readonly reason: string; readonly hint: string | null }

/** A database that was looked at now. */
export interface LookedAt {
  /** What it was looked at for, as the flag is called: `--ledger-url`. */
  readonly as: string
  /** `host:5432/database`. */
  readonly place: string
  /** Null where it does not say who it is. */
  readonly identity: string | null
  /** A replica says what was true a while ago. */
  readonly isReplica: boolean
}

/** Production's answers, as `seaworthy prove` wrote them. */
export interface GivenAnswers {
  readonly identity: string
  readonly answers: readonly Answer[]
}

/** Everything that an admission is decided by. */
export interface AdmissionInput {
  readonly presented: Presented
  readonly action: Action
  /** ISO 8601, UTC. */
  readonly now: string
  /** The policy of whoever admits; never one that came with the certificate. */
  readonly policy: Policy
  /** The policy in the evidence, where that is at hand. It says what differs, and decides nothing. */
  readonly judgedPolicy?: unknown
  readonly running: Running
  readonly seen: readonly Seen[]
  readonly databases: readonly LookedAt[]
  readonly answers: GivenAnswers | null
  readonly emergency: { readonly reason: string } | null
}

/** What one part of the judgement has to say. */
export interface Part {
  readonly findings: readonly Finding[]
  readonly proved: readonly string[]
}

/** A part that has nothing to say. */
export const silent: Part = { findings: [], proved: [] }
