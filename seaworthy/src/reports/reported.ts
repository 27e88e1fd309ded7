import { cannotProve, familyOf } from '../gate/finding.ts'
import type { Acceptance } from '../gate/policy.ts'
import type { ReportCheck, ReportFinding, RunReport } from './run-report.ts'

/** The name under which findings about the policy stand among the checks. */
export const POLICY = 'policy'

/** A finding with the check and the folder that it came from. */
export interface Reported {
  readonly check: string
  /** The migration folder; null where the finding is about the run as a whole. */
  readonly folder: string | null
  readonly finding: ReportFinding
  /** Set when the policy accepts it: `finding` is then as it was before. */
  readonly acceptance: Acceptance | null
}

/**
 * Every finding of a run once, in the order of the checks. An accepted finding stands here as it was, with its
 * acceptance, and not a second time as the note that the policy made of it.
 *
 * A verdict that is not a pass never leaves a report without an error: where no finding carries it (a check that
 * proved nothing, a run in which nothing ran), one is added, so that a consumer that only counts findings refuses too.
 */
export function reportedFindings(report: RunReport): Reported[] {
  const reported = [
    ...report.checks.flatMap((check) => ofCheck(check, report)),
    ...report.policyFindings.map((finding) => ({ check: POLICY, folder: null, finding, acceptance: null })),
  ]
  if (report.verdict === 'pass' || reported.some(isOpenError)) return reported
  const why = report.exitCode === 4 ? 'there was nothing to check' : 'no check says why'
  const silent = nothingProved(`the verdict is ${report.verdict}: ${why}`, 'the run')
  return [...reported, { check: POLICY, folder: null, finding: silent, acceptance: null }]
}

/** Whether it stands against the release: an error that nobody has answered for. */
export const isOpenError = (one: Reported): boolean => one.acceptance === null && one.finding.severity === 'error'

function ofCheck(check: ReportCheck, report: RunReport): Reported[] {
  const own = report.accepted.filter((one) => one.check === check.check && one.subject === check.subject)
  const unmatched = new Set(own)
  const reported = check.findings.map((finding): Reported => {
    const match = [...unmatched].find((one) => isNoteOf(finding, one.finding))
    if (match === undefined) return { check: check.check, folder: check.subject, finding, acceptance: null }
    unmatched.delete(match)
    const excerpt = match.finding.excerpt ?? finding.excerpt ?? null
    return {
      check: check.check,
      folder: check.subject,
      finding: { ...match.finding, excerpt },
      acceptance: match.acceptance,
    }
  })
  const isBad = check.verdict === 'fail' || check.verdict === 'unproven'
  if (!isBad || reported.some(isOpenError) || carriers(check, report).length > 0) return reported
  const silent = nothingProved(`${check.check} is ${check.verdict} on ${check.subject}: it proved nothing`, check.check)
  return [...reported, { check: check.check, folder: check.subject, finding: silent, acceptance: null }]
}

/** Whether what another list holds stands against the check. A down that was not tried is one, warning or not. */
export const isAgainst = ({ code, outcome }: NonNullable<ReportCheck['carried']>[number]): boolean =>
  outcome !== 'none' || familyOf(code) === 'unproven'

/** The checks whose lists hold what stands against this one: each says so with an error of that code. */
export function carriers(check: ReportCheck, report: RunReport): string[] {
  const open = (check.carried ?? []).filter(isAgainst)
  const holders = report.checks.filter((other) => other.subject === check.subject && other !== check)
  const isHeld = ({ by, code, under = code }: (typeof open)[number]): boolean =>
    holders.some(
      (one) => one.check === by && one.findings.some((other) => other.code === under && other.severity === 'error'),
    )
  return [...new Set(open.filter(isHeld).map(({ by }) => by))]
}

/** `applyAcceptances` turns a finding into a note whose message begins with the finding's. */
const isNoteOf = (finding: ReportFinding, original: ReportFinding): boolean =>
  finding.severity === 'note' &&
  finding.code === original.code &&
  finding.subject === original.subject &&
  finding.where?.file === original.where?.file &&
  finding.where?.line === original.where?.line &&
  finding.message.startsWith(original.message)

const nothingProved = (message: string, subject: string): ReportFinding =>
  cannotProve({
    code: 'unproven/nothing-proved',
    message,
    subject,
    hint: 'See what was observed with --evidence DIR. A check that has nothing to say has not passed.',
  })

/** The findings in the order in which a person reads them: by file, then by place; those without a place first. */
export const byPlace = (findings: readonly Reported[]): Reported[] =>
  findings.toSorted((a, b) => {
    const [left, right] = [a.finding.where, b.finding.where]
    if (left === null || right === null) return (left === null ? 0 : 1) - (right === null ? 0 : 1)
    if (left.file !== right.file) return left.file < right.file ? -1 : 1
    return left.line - right.line || left.column - right.column
  })

/** The findings of a run by what they mean for a reader. */
export interface Sorted {
  readonly errors: readonly Reported[]
  readonly unproven: readonly Reported[]
  readonly warnings: readonly Reported[]
  readonly notes: readonly Reported[]
  readonly accepted: readonly Reported[]
  /** Notes that are none but for a comment in the file. */
  readonly allowed: readonly Reported[]
}

/** Sorts every finding of a run into what refuses, what could not be proved, warnings, notes and what is accepted. */
export function sortFindings(report: RunReport): Sorted {
  const all = byPlace(reportedFindings(report))
  const open = all.filter((one) => one.acceptance === null)
  const notes = open.filter((one) => one.finding.severity === 'note')
  const isAllowed = ({ finding }: Reported): boolean =>
    (report.allowed ?? []).some((one) => isNoteOf(finding, one.finding))
  return {
    errors: open.filter((one) => one.finding.severity === 'error' && one.finding.outcome !== 'unproven'),
    unproven: open.filter((one) => one.finding.severity === 'error' && one.finding.outcome === 'unproven'),
    warnings: open.filter((one) => one.finding.severity === 'warning'),
    notes: notes.filter((one) => !isAllowed(one)),
    accepted: all.filter((one) => one.acceptance !== null),
    allowed: notes.filter(isAllowed),
  }
}
