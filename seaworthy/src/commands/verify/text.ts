import type { Candidate } from '../../gate/certificate/candidate.ts'
import type { Step } from '../../gate/verify/verification.ts'
import { emergencyLines } from '../../reports/emergencies.ts'
import { plainLine, plainLines, withoutCiCommands } from '../../reports/plain-text.ts'
import { laidOut, shortDigests, widthOf } from '../../reports/review-layout.ts'
import type { Claims, VerifyDocument } from './output.ts'

const SIGNS: Record<Step['outcome'], string> = { holds: '✓', refused: '✗', unproven: '?' }

/**
 * A verification for a person: its steps, what the bundle says, and one last line with the verdict and the exit code. Nothing of
 * a bundle can steer a terminal or a CI server's log. `columns`: of the terminal, if it is one.
 */
export function verifyText(document: VerifyDocument, columns: number | undefined): string {
  const { verdict, exitCode } = document
  const last = laidOut(`${verdict.toUpperCase()}  `, `exit ${exitCode}: ${offlineWords(document)}`, widthOf(columns))
  return `${stepsText(document, columns)}\n${withoutCiCommands(last.join('\n'))}\n`
}

/** The same without the last line, for a look that goes on. */
export function stepsText(document: VerifyDocument, columns: number | undefined): string {
  const { steps, claims, policy } = document
  const width = widthOf(columns)
  const emergencies = emergencyLines(document)
  const lines = [
    ...steps.filter(isReached).flatMap((step) => stepLines(step, width)),
    ...notReached(steps, width),
    ...(claims === null ? [] : ['', ...claimLines(claims, width)]),
    ...(emergencies.length === 0 ? [] : ['', ...emergencies.flatMap((line) => laidOut('', line, width))]),
    ...(policy === undefined
      ? []
      : ['', 'the policy that it was judged by:', plainLines(JSON.stringify(policy, null, 2))]),
  ]
  return `${withoutCiCommands(lines.join('\n'))}\n`
}

const isReached = ({ code }: Step): boolean => code !== 'verify/not-reached'

/** What nobody came to, in one line. */
function notReached(steps: readonly Step[], width: number): string[] {
  const left = steps.filter((step) => !isReached(step))
  const names = left.map(({ step }) => step).join(', ')
  return left.slice(0, 1).flatMap(({ message, code }) => laidOut('  ? ', `${names}: ${message} [${code}]`, width))
}

const stepLines = ({ step, outcome, message, code, hint }: Step, width: number): string[] => [
  ...row(`${SIGNS[outcome]} ${step}`, `${message}${code === null ? '' : ` [${code}]`}`, width),
  ...(hint === null ? [] : laidOut(`${' '.repeat(17)}→ `, hint, width)),
]

function claimLines(claims: Claims, width: number): string[] {
  const { candidate, isSigned } = claims
  const rows: (readonly [string, string])[] = [
    ['candidate', candidateText(candidate)],
    ['action', claims.action],
    ['verdict', claims.verdict],
    ['made', `${claims.evaluatedAt}, by Seaworthy ${claims.toolVersion}`],
    ...(claims.expiresAt === null ? [] : [['expires', claims.expiresAt] as const]),
    ...(claims.openObligations === 0 ? [] : [['open', `${claims.openObligations} questions to production`] as const]),
  ]
  return [
    isSigned ? 'it says:' : 'it says, and nobody vouches for it:',
    ...rows.flatMap(([word, text]) => row(word, text, width)),
  ]
}

function candidateText({ commit, isDirty, images, migrations }: Candidate): string {
  return [
    commit === null ? 'no commit' : `commit ${commit}${isDirty === true ? ', with uncommitted changes' : ''}`,
    ...images.map((one) => `image ${one.name}@${one.digest}`),
    ...migrations.map((one) => `migrations ${one.folder} (${one.digest})`),
  ].join('; ')
}

/** What the offline look came to, in one sentence. */
export function offlineWords({ isGenuine, steps, replayedVerdict, exitCode }: VerifyDocument): string {
  if (exitCode === 0) return 'genuine, and every judge says pass again'
  const has = (code: Step['code']): boolean => steps.some((one) => one.code === code)
  if (has('bundle/unreadable')) return 'nobody could look: see what is marked with ?'
  if (isGenuine && has('verify/expired'))
    return 'genuine, and expired: it says what was true then, and nobody may act on it now'
  if (isGenuine && has('verify/other-policy')) return 'genuine, and judged by another policy than yours'
  if (isGenuine && steps.every((one) => one.outcome === 'holds'))
    return `genuine, and its verdict is ${replayedVerdict}`
  if (steps.some((one) => one.outcome === 'refused'))
    return 'not to be believed or not to be acted on: see what is marked with ✗'
  if (has('verify/unsigned'))
    return `unsigned: the judges say ${replayedVerdict ?? 'nothing'}, and nothing says who made it`
  return 'what is marked with ? could not be proved here'
}

const row = (word: string, text: string, width: number): string[] =>
  laidOut(`  ${word.padEnd(13)}  `, shortDigests(plainLine(text)), width)
