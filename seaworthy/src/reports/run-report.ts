import type { ExitCode } from '../gate/error.ts'
import type { Explanation, Finding, Where } from '../gate/finding.ts'
import type { Candidate } from '../gate/certificate/candidate.ts'
import type { Action } from '../gate/check.ts'
import type { Carried } from '../gate/merge.ts'
import type { AskedObligation } from '../gate/obligation.ts'
import type { Acceptance } from '../gate/policy.ts'
import type { CheckVerdict, Verdict } from '../gate/verdict.ts'

/** The source around a finding's place, for a person's eyes. */
export interface Excerpt {
  /** The line of the file on which `text` begins, from 1. */
  readonly line: number
  /** One line of the file, as it stands there. */
  readonly text: string
}

/** A finding as reports carry it: what the judge said, and the line of SQL that it is about where that is known. */
export interface ReportFinding extends Finding {
  readonly excerpt?: Excerpt | null
}

/** One check on one subject. */
export interface ReportCheck {
  readonly check: string
  readonly version: number
  /** The migration folder, relative to the repository root. */
  readonly subject: string
  readonly verdict: CheckVerdict
  /** Why the check does not apply; null for every other verdict. */
  readonly reason: string | null
  readonly durationMs: number
  /** After the policy: an accepted finding stands here as a note, and as it was under `accepted`. */
  readonly findings: readonly ReportFinding[]
  /** Findings of this check that stand in the list of another one, since both are about the same harm. */
  readonly carried?: readonly Carried[]
  /** Each claim that the observations prove, in plain words. */
  readonly proved: readonly string[]
  /** Digests (`sha256:…`) of the observations that were judged. */
  readonly evidence: readonly string[]
}

/** What was found in one migration folder. */
export interface ReportSubject {
  readonly folder: string
  readonly format: string
  readonly detectedBy: string
  /** How many migrations the folder holds. */
  readonly migrations: number
  readonly pending: { readonly count: number; readonly explanation: string }
  /** The server of the rehearsal, such as `PostgreSQL 18.4 (embedded)`; null if there was none. */
  readonly server: string | null
  /** What was taken as given, one line each. */
  readonly assumptions: readonly string[]
  /** Whether the baseline came from the cache; null if nothing was rehearsed. */
  readonly baselineCached: boolean | null
}

/** A finding that the policy accepts, as it was before, and who answers for it. */
export interface ReportAcceptance {
  readonly check: string
  readonly subject: string
  readonly finding: ReportFinding
  readonly acceptance: Acceptance
}

/** A finding that a comment in its file accepts, as it was before; among the findings it is a note. */
export interface ReportAllowed {
  readonly check: string
  readonly subject: string
  readonly finding: ReportFinding
  readonly reason: string
  /** Where the comment stands. */
  readonly comment: Where
}

/** A finding that another check proved to be no harm, as it was before; among the findings it is a note. */
export interface ReportOverruled {
  readonly check: string
  readonly subject: string
  readonly finding: ReportFinding
  /** The check that proved it. */
  readonly by: string
  readonly why: string
}

/** The evidence bundle of a run, and the certificate in it. */
export interface ReportEvidence {
  readonly dir: string
  /** Null: the bundle is unsigned, and no action takes it. */
  readonly certificate: {
    readonly file: string
    /** Of the key that signed it. */
    readonly keyId: string
    /** ISO 8601, UTC: nobody may act on it afterwards. */
    readonly expiresAt: string
    /** Numbers of the emergencies in our ledger that it closes; left out where it closes none. */
    readonly closes?: readonly number[]
  } | null
}

/** What every report has of emergencies. */
export interface ReportedEmergencies {
  /** Those that are open, of any candidate; left out where there is no ledger of our own. */
  readonly emergencies?: readonly ReportEmergency[]
  /** Why nobody knows whether emergencies are open; left out where that is known. */
  readonly emergenciesUnread?: string
}

/** An emergency override (`admit --emergency`) that nothing has closed. */
export interface ReportEmergency {
  /** Of the row in our ledger. */
  readonly seq: number
  /** ISO 8601, UTC. */
  readonly at: string
  /** Who it was, as the machine said; null where it did not. */
  readonly by: string | null
  readonly action: string
  /** A commit, or the digest of the migrations; null where nobody said: then it is closed by hand only. */
  readonly candidate: string | null
  readonly reason: string
  /** Set where the candidate is a commit that the repository of this run does not have. */
  readonly isElsewhere?: true
}

/** The text behind a finding code that occurs in the report. */
export type ReportExplanation = Pick<Explanation, 'code' | 'title' | 'why' | 'instead'>

/**
 * What one run of `seaworthy check` has to say: the document of `--json`, from which every other report is written.
 * Stable and additive: members are added, never renamed or removed, while `schemaVersion` is 1.
 * docs/reference/reports.md tells what each member is.
 */
export interface RunReport extends ReportedEmergencies {
  readonly schemaVersion: 1
  readonly tool: 'seaworthy'
  /** The version of Seaworthy. */
  readonly version: string
  readonly command: 'check'
  readonly verdict: Verdict
  readonly exitCode: ExitCode
  /** What the verdict is good for. */
  readonly action: Action
  /** ISO 8601, UTC: the run's only clock. */
  readonly evaluatedAt: string
  readonly durationMs: number
  readonly candidate: Candidate
  readonly subjects: readonly ReportSubject[]
  /** Migration folders that were found and are not checked, and why. */
  readonly leftOut?: readonly { readonly folder: string; readonly why: string }[]
  readonly checks: readonly ReportCheck[]
  /** Findings about the policy, and about checks that it requires and nobody ran. */
  readonly policyFindings: readonly ReportFinding[]
  readonly accepted: readonly ReportAcceptance[]
  readonly allowed?: readonly ReportAllowed[]
  readonly overruled?: readonly ReportOverruled[]
  readonly explanations: readonly ReportExplanation[]
  readonly evidenceDir: string | null
  /** The bundle that was written; null or left out where none was. */
  readonly evidence?: ReportEvidence | null
  /** With `--only`: the verdict holds for the checks that ran, and nothing partial can be certified. */
  readonly partial: boolean
  /** Questions that only production can answer, and what it answered. */
  readonly obligations: readonly AskedObligation[]
}
