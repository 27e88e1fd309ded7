import type { Action, CheckSettings } from './check.ts'
import { type Finding, familyOf, note, refuse, warn } from './finding.ts'
import { objectOf } from './merge.ts'

/** One finding that somebody has answered for. */
export interface Acceptance {
  readonly code: string
  /** Only findings in this file; any file if it is left out. */
  readonly file?: string | undefined
  /** Only findings with this subject; any subject if it is left out. */
  readonly subject?: string | undefined
  readonly reason: string
  readonly author: string
  /** The last day on which it counts, `YYYY-MM-DD`, UTC. */
  readonly expires: string
}

export interface Policy {
  /** Ids of the checks that must have run and passed (or have an observed reason not to apply). */
  readonly required: Readonly<Record<Action, readonly string[]>>
  readonly accept: readonly Acceptance[]
  readonly settings: CheckSettings
  /** What becomes of a release that changes the files by which it is judged. */
  readonly changedInputs: 'warn' | 'refuse'
  /** How long a certificate counts after its verdict. */
  readonly certificate: { readonly validHours: number }
  /** What it takes to act on a certificate. */
  readonly admission: AdmissionPolicy
  /** Who may answer for the findings of a review. */
  readonly review: ReviewPolicy
}

export interface AdmissionPolicy {
  /** Kinds of preconditions without which nothing is admitted: `ledger`, `shape`. */
  readonly requires: readonly string[]
  /** Whether a candidate with uncommitted changes may be admitted. */
  readonly dirty: 'refuse' | 'allow'
  /** Whether `--emergency` is there at all. */
  readonly emergency: 'forbid' | 'allow'
}

export interface ReviewPolicy {
  /** Whether a blocking finding has to be answered by another key than the one that signed the certificate. */
  readonly isIndependent: boolean
  /** Ids of the keys that may answer; any key where the list is empty. */
  readonly reviewers: readonly string[]
}

const ALL_CHECKS = [
  'migrations-ledger',
  'migrations-contract',
  'migrations-rehearsal',
  'migrations-effects',
  'migrations-queries',
  'migrations-obligations',
  'migrations-drift',
  'migrations-repeat',
  'migrations-down',
]

/** The policy of a project that has not written one. */
export const DEFAULT_POLICY: Policy = {
  required: { 'pull-request': ALL_CHECKS, deploy: ALL_CHECKS },
  accept: [],
  settings: {
    profile: 'online',
    inlineAcceptance: ['lock', 'compat', 'repeat'],
    requireDowns: false,
    largeTable: { rows: 10_000, bytes: 10_000_000 },
    answersMaxAgeHours: 24,
    staleQueriesPercent: 20,
  },
  changedInputs: 'warn',
  certificate: { validHours: 24 },
  admission: { requires: ['ledger'], dirty: 'refuse', emergency: 'allow' },
  review: { isIndependent: false, reviewers: [] },
}

/** Families that an inline comment may never accept, whatever the policy says. A test holds the schema to it. */
export const NEVER_INLINE: readonly string[] = [
  'data-loss',
  'security',
  'ownership',
  'policy',
  'unproven',
  'parse',
  'obligation',
]

/** A finding that the policy accepted, and by which entry. */
export interface Accepted {
  readonly finding: Finding
  readonly acceptance: Acceptance
}

export interface AfterPolicy {
  /** The findings with accepted ones turned into notes. */
  readonly findings: readonly Finding[]
  readonly accepted: readonly Accepted[]
}

/** Whether an acceptance still counts at that time (ISO 8601): up to the end of its last day, UTC. */
export const isCurrent = (acceptance: Acceptance, evaluatedAt: string): boolean =>
  evaluatedAt.slice(0, 10) <= acceptance.expires

const matches = (acceptance: Acceptance, finding: Finding): boolean =>
  acceptance.code === finding.code &&
  (acceptance.file === undefined || acceptance.file === finding.where?.file) &&
  (acceptance.subject === undefined || objectOf(acceptance.subject) === objectOf(finding.subject))

/**
 * Applies the accepted findings. Only a refusal can be accepted, never something unproven: accepting that nobody
 * looked would be a path from "could not look" to "pass". Findings about the policy itself cannot be accepted either.
 */
export function applyAcceptances(findings: readonly Finding[], policy: Policy, evaluatedAt: string): AfterPolicy {
  const accepted: Accepted[] = []
  const after = findings.map((finding) => {
    if (finding.outcome === 'unproven' || finding.severity === 'note' || familyOf(finding.code) === 'policy') {
      return finding
    }
    const acceptance = policy.accept.find((one) => isCurrent(one, evaluatedAt) && matches(one, finding))
    if (acceptance === undefined) return finding
    accepted.push({ finding, acceptance })
    return note({
      ...finding,
      message: `${finding.message} (accepted until ${acceptance.expires} by ${acceptance.author}: ${acceptance.reason})`,
    })
  })
  return { findings: after, accepted }
}

/**
 * What the acceptances themselves have to answer for: an expired one refuses, since somebody relied on it; an unused
 * one warns, since it would silently accept the next such finding. `wasAsked` limits "unused" to what really ran;
 * `standing` is what the run refuses or warns of, to tell what an unused one was probably meant for.
 */
export function judgeAcceptances(
  policy: Policy,
  used: ReadonlySet<Acceptance>,
  evaluatedAt: string,
  wasAsked: (code: string) => boolean,
  standing: readonly Finding[],
): Finding[] {
  return policy.accept.flatMap((acceptance) => {
    const subject = `acceptance of ${acceptance.code} by ${acceptance.author}`
    if (!isCurrent(acceptance, evaluatedAt)) {
      return [
        refuse({
          code: 'policy/expired-acceptance',
          message: `the acceptance of ${acceptance.code} by ${acceptance.author} ended on ${acceptance.expires}`,
          subject,
          hint: 'Mend the finding, or renew the acceptance with a new date and a reason; remove it if nothing needs it.',
        }),
      ]
    }
    if (used.has(acceptance) || !wasAsked(acceptance.code)) return []
    return [
      warn({
        code: 'policy/unused-acceptance',
        message: `the acceptance of ${acceptance.code} by ${acceptance.author} accepts nothing in this run`,
        subject,
        hint: nearMiss(acceptance, standing) ?? UNUSED,
      }),
    ]
  })
}

const UNUSED = 'Remove it: it would accept the next such finding without anybody having looked.'

/** What somebody probably meant: a finding of that code that stands against the release, in another file or about another subject. */
function nearMiss({ code, file, subject }: Acceptance, standing: readonly Finding[]): string | null {
  const near = standing.find((one) => one.code === code)
  if (near === undefined) return null
  const isOtherFile = file !== undefined && file !== near.where?.file
  if (isOtherFile)
    return `This run has ${code} in another file, ${JSON.stringify(near.where?.file ?? '')}: look at "file".`
  return subject === undefined || near.subject === null
    ? null
    : `This run has ${code} about another subject, ${JSON.stringify(near.subject)}: look at "subject".`
}
