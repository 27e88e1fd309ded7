import type { ExitCode } from '../gate/error.ts'
import type { CheckVerdict } from '../gate/verdict.ts'
import type { Sorted } from './reported.ts'
import type { ReportSubject, RunReport } from './run-report.ts'

/** Source: DESIGN.md, "The contract of the command line". */
const EXIT_MEANING: Record<ExitCode, string> = {
  0: 'every required check ran and passed',
  1: 'at least one check failed',
  2: 'usage or configuration error',
  3: 'nothing failed, but something required could not be proved',
  4: 'nothing to check',
  70: 'a bug in Seaworthy',
  130: 'cancelled',
}

const PROVE = 'seaworthy prove --against URL'
/** How production's answers are given back. */
export const GIVE_ANSWERS = 'seaworthy check --action deploy --answers'

/** What to do about the questions, if anything: rows in the way are mended before anybody is asked again. */
export function questionStep(obligations: RunReport['obligations']): string[] {
  if (obligations.some(({ state }) => state === 'violated')) {
    return [`mend the rows that are in the way, then ask again: ${PROVE}`]
  }
  return obligations.every(({ state }) => state === 'answered') ? [] : [`ask: ${PROVE}`]
}

/** What the run's exit code means. A partial run never claims that everything required ran. */
export const exitMeaning = (report: RunReport): string =>
  report.partial && report.exitCode === 0 ? 'every check that --only asked for passed' : EXIT_MEANING[report.exitCode]

/** A check's verdict, as a person reads it. */
export const verdictWords = (verdict: CheckVerdict): string => verdict.replace('-', ' ')

/** `1 error`, `2 errors`. */
export const count = (number: number, singular: string, plural = `${singular}s`): string =>
  `${number} ${number === 1 ? singular : plural}`

/** A duration for a person: `40 ms`, `2.3 s`, `4 min 10 s`. */
export function duration(durationMs: number): string {
  const ms = Math.max(0, Math.round(durationMs))
  if (ms < 1000) return `${ms} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

/** The counts that matter, such as `2 errors, 1 thing unproven, 3 warnings`; empty if there is nothing. */
export function tally(sorted: Sorted): string {
  const parts = [
    sorted.errors.length > 0 ? count(sorted.errors.length, 'error') : '',
    sorted.unproven.length > 0 ? `${count(sorted.unproven.length, 'thing')} unproven` : '',
    sorted.warnings.length > 0 ? count(sorted.warnings.length, 'warning') : '',
    sorted.accepted.length > 0 ? `${sorted.accepted.length} accepted by policy` : '',
    sorted.allowed.length > 0 ? `${sorted.allowed.length} accepted in the files` : '',
  ]
  return parts.filter((part) => part !== '').join(', ')
}

/** The one sentence that a person reads first, after the word PASS, FAIL or UNPROVEN. */
export function headline(report: RunReport, sorted: Sorted): string {
  const found = tally(sorted)
  const tail = found === '' ? '' : ` (${found})`
  const scope = report.partial ? ', as far as --only asked' : ''
  if (report.verdict === 'fail') return `This release is refused${scope}${tail}`
  if (report.exitCode === 4) return 'There is nothing to check'
  if (report.verdict === 'unproven') return `This release is not proved safe${scope}${tail}`
  const isIdle = report.subjects.length > 0 && report.subjects.every((one) => one.pending.count === 0)
  if (isIdle) return `Nothing is pending, so nothing new was judged${scope}${tail}`
  return `${report.partial ? 'What was asked for passed' : 'Every required check passed'}${scope}${tail}`
}

/** `132 migrations, 3 pending`. */
export const migrationCounts = (subject: ReportSubject): string =>
  `${count(subject.migrations, 'migration')}, ${subject.pending.count === 0 ? 'none' : subject.pending.count} pending`

/** `file:line:column` of a finding. */
export const placeOf = (where: { readonly file: string; readonly line: number; readonly column: number }): string =>
  `${where.file}:${where.line}:${where.column}`

/** Codes with how often each occurs, the most frequent first: `12 x lock/no-timeout, data-loss/drop-table`. */
export function codeCounts(codes: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const code of codes) counts.set(code, (counts.get(code) ?? 0) + 1)
  return [...counts]
    .toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .map(([code, times]) => (times === 1 ? code : `${times} x ${code}`))
    .join(', ')
}
