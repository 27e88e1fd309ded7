import type { CheckVerdict } from '../gate/verdict.ts'
import { emergencyBullets } from './emergencies.ts'
import { codeBlock, codeSpan, markdownText } from './markdown-text.ts'
import { cut, plainLine, plainLines, withoutCiCommands } from './plain-text.ts'
import { carriers, type Reported, type Sorted, sortFindings } from './reported.ts'
import type { ReportCheck, RunReport } from './run-report.ts'
import {
  codeCounts,
  count,
  duration,
  exitMeaning,
  headline,
  migrationCounts,
  placeOf,
  questionStep,
  verdictWords,
} from './wording.ts'

/** GitHub refuses a comment of more than 65,536 characters; some room is left for what a forge adds. */
const LONGEST = 60_000
const MOST_FINDINGS = 20
const MOST_ROWS = 40
const LONGEST_TEXT = 1_000
const LONGEST_CELL = 300

const MARK: Record<CheckVerdict, string> = { pass: '✅', fail: '❌', unproven: '❓', 'not-applicable': '➖' }

/** By this first line a later run finds the comment that it replaces. */
export const COMMENT_MARK = '<!-- seaworthy:check -->'

/**
 * Markdown for a comment on a pull request: the verdict, a table of the checks, and the findings folded away below.
 * Nothing from SQL or a server becomes HTML, a link or a mention. At most 60,000 characters.
 */
export function renderMarkdown(report: RunReport): string {
  const sorted = sortFindings(report)
  const head = [
    COMMENT_MARK,
    `### ${MARK[report.verdict]} Seaworthy: ${report.verdict}`,
    `${markdownText(headline(report, sorted))}.`,
    // Before everything else: somebody went past the gate, and nobody has mended that yet.
    emergencyBullets(report),
    folders(report),
    checkTable(report),
  ]
  const tail = `<sub>exit ${report.exitCode}: ${exitMeaning(report)} · ${duration(report.durationMs)} · Seaworthy ${markdownText(report.version)}${commit(report)}</sub>`
  const sections = [
    ...findingSections(sorted),
    questionSection(report),
    section(
      'taken as given',
      report.subjects.flatMap((one) => one.assumptions).map((line) => `- ${markdownText(short(line))}`),
    ),
  ]
  const parts = fitted(head, sections, tail).filter((part) => part !== '')
  return withoutCiCommands(`${parts.join('\n\n')}\n`)
}

/** What only production can say, and how it is asked. */
function questionSection({ obligations }: RunReport): string {
  const lines = obligations.slice(0, MOST_ROWS).map(({ state, question, where, answer }) => {
    const place = where === null ? '' : ` (${codeSpan(placeOf(where))})`
    const date = answer === null || state === 'open' ? '' : `, as of ${markdownText(answer.answeredAt)}`
    return `- ${state}${date}: ${markdownText(short(question))}${place}`
  })
  const more = obligations.length - lines.length
  const open = obligations.filter((one) => one.state !== 'answered').length
  const title = `${count(obligations.length, 'question')} for production, ${open} open`
  return section(title, [
    ...lines,
    ...(more > 0 ? [`- and ${more} more`] : []),
    ...(lines.length > 0 ? questionStep(obligations).map((step) => `- ${markdownText(step)}`) : []),
  ])
}

/** As many sections as there is room for; never half a one, so that no fold or fence is left open. */
function fitted(head: readonly string[], sections: readonly string[], tail: string): string[] {
  const kept: string[] = []
  let length = head.join('\n\n').length + tail.length
  for (const section of sections) {
    length += section.length + 2
    if (length > LONGEST - 200) {
      kept.push('More was found than a comment holds: see the run, or the report of another kind.')
      break
    }
    kept.push(section)
  }
  return [...head, ...kept, tail]
}

const commit = (report: RunReport): string => {
  const { commit, isDirty } = report.candidate
  if (commit === null) return ''
  return ` · ${codeSpan(commit.slice(0, 12))}${isDirty === true ? ' with uncommitted changes' : ''}`
}

function folders({ subjects, leftOut = [] }: RunReport): string {
  const lines = subjects.slice(0, MOST_ROWS).map((subject) => {
    const server = subject.server === null ? 'not rehearsed' : `rehearsed on ${markdownText(short(subject.server))}`
    const what = `${migrationCounts(subject)}: ${markdownText(short(subject.pending.explanation))}; ${server}`
    return `- ${codeSpan(subject.folder)} (${markdownText(subject.format)}): ${what}`
  })
  const more = subjects.length - lines.length
  const others = leftOut.map(({ folder, why }) => `- ${codeSpan(folder)} left out: ${markdownText(short(why))}`)
  return [...lines, ...(more > 0 ? [`- and ${count(more, 'more folder')}`] : []), ...others.slice(0, MOST_ROWS)].join(
    '\n',
  )
}

function checkTable(report: RunReport): string {
  const { checks } = report
  if (checks.length === 0) return ''
  const hasFolders = new Set(checks.map((one) => one.subject)).size > 1
  const rows = checks.slice(0, MOST_ROWS).map((check) => {
    const cells = [`${MARK[check.verdict]} ${verdictWords(check.verdict)}`, codeSpan(check.check)]
    return row([
      ...cells,
      ...(hasFolders ? [codeSpan(check.subject)] : []),
      outcome(check, report),
      duration(check.durationMs),
    ])
  })
  const titles = ['verdict', 'check', ...(hasFolders ? ['folder'] : []), 'what was found', 'time']
  const more = checks.length - rows.length
  return [
    row(titles),
    row(titles.map(() => '---')),
    ...rows,
    ...(more > 0 ? [row([`and ${count(more, 'more')}`, ...titles.slice(1).map(() => '')])] : []),
  ].join('\n')
}

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

function outcome(check: ReportCheck, report: RunReport): string {
  if (check.verdict === 'not-applicable') return markdownText(cut(plainLine(check.reason ?? ''), LONGEST_CELL))
  if (check.verdict === 'pass') return markdownText(cut(check.proved.map(plainLine).join('; '), LONGEST_CELL))
  const codes = check.findings.filter((one) => one.severity === 'error').map((one) => plainLine(one.code))
  const told = carriers(check, report)
  const elsewhere = told.length === 0 ? [] : [`told once, under ${told.map(plainLine).join(', ')}`]
  const parts = [...(codes.length === 0 ? [] : [codeCounts(codes)]), ...elsewhere]
  return parts.length === 0 ? 'it proved nothing' : markdownText(cut(parts.join('; '), LONGEST_CELL))
}

const findingSections = (sorted: Sorted): string[] => [
  folded(sorted.errors, (number) => count(number, 'error'), true),
  folded(sorted.unproven, (number) => `${count(number, 'thing')} unproven`, true),
  folded(sorted.warnings, (number) => count(number, 'warning'), false),
  folded(sorted.accepted, (number) => `${number} accepted by policy`, false),
  folded(sorted.allowed, (number) => `${number} accepted in the files`, false),
  folded(sorted.notes, (number) => count(number, 'note'), false),
]

function folded(findings: readonly Reported[], title: (number: number) => string, isOpen: boolean): string {
  const rest = findings.slice(MOST_FINDINGS)
  const blocks = findings.slice(0, MOST_FINDINGS).map(block)
  if (rest.length > 0) {
    const codes = cut(codeCounts(rest.map((one) => plainLine(one.finding.code))), LONGEST_TEXT)
    blocks.push(`and ${rest.length} more: ${markdownText(codes)}`)
  }
  return section(title(findings.length), blocks, isOpen)
}

function section(title: string, blocks: readonly string[], isOpen = false): string {
  if (blocks.length === 0) return ''
  const separator = blocks.every((block) => block.startsWith('- ')) ? '\n' : '\n\n'
  return `<details${isOpen ? ' open' : ''}><summary>${title}</summary>\n\n${blocks.join(separator)}\n\n</details>`
}

function block({ finding, folder, acceptance }: Reported): string {
  const place = finding.where === null ? (folder ?? 'the run as a whole') : placeOf(finding.where)
  const isOpenError = acceptance === null && finding.severity === 'error'
  const excerpt =
    isOpenError && finding.excerpt ? codeBlock(cut(plainLine(finding.excerpt.text), LONGEST_CELL), 'sql') : ''
  const proof = finding.proof && acceptance === null ? `Observed: ${markdownText(short(finding.proof))}` : ''
  const hint = finding.hint === null || acceptance !== null ? '' : hintText(finding.hint)
  const by =
    acceptance === null
      ? ''
      : `Accepted until ${markdownText(acceptance.expires)} by ${markdownText(acceptance.author)}: ${markdownText(short(acceptance.reason))}`
  const lines = [
    `**${codeSpan(finding.code)}** ${markdownText(short(finding.message))}<br>${codeSpan(place)}`,
    excerpt,
    proof,
    hint,
    by,
  ]
  return lines.filter((line) => line !== '').join('\n\n')
}

/** A hint of several lines has SQL or steps in it, whose lines must not run together. */
function hintText(hint: string): string {
  const text = cut(plainLines(hint).trim(), LONGEST_TEXT)
  return text.includes('\n') ? `Instead:\n\n${codeBlock(text, '')}` : `Instead: ${markdownText(text)}`
}

const short = (text: string): string => cut(plainLine(text), LONGEST_TEXT)
