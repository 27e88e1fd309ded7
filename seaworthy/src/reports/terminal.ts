import { styleText } from 'node:util'
import type { CheckVerdict } from '../gate/verdict.ts'
import { closesWords, emergencyParagraphs } from './emergencies.ts'
import { plainLine, withoutCiCommands } from './plain-text.ts'
import { carriers, isAgainst, type Sorted, sortFindings } from './reported.ts'
import type { ReportCheck, ReportSubject, RunReport } from './run-report.ts'
import { briefFindings, fullFindings, noteLines } from './terminal-findings.ts'
import { isQuestion, questionLines } from './terminal-questions.ts'
import { hanging, type Paint, type Style } from './terminal-layout.ts'
import { exitMeaning, count, duration, headline, migrationCounts, tally, verdictWords } from './wording.ts'

export interface TerminalOptions {
  readonly color: boolean
  /** Columns. Below 40 the text is laid out for 40. */
  readonly width: number
}

/** More folders than this are summed up, the ones with trouble first. */
const MOST_FOLDERS = 6
/** More claims or assumptions than this are summed up. */
const MOST_LINES = 6
const NARROWEST = 40
/** What a check has to say stands beside its name if so many columns are left for it, else below. */
const LEAST_ROOM = 32
/** Longer lines are hard to read, however wide the terminal is. */
const WIDEST = 120

const VERDICT_STYLE: Record<CheckVerdict, Style> = {
  pass: ['bold', 'green'],
  fail: ['bold', 'red'],
  unproven: ['bold', 'magenta'],
  'not-applicable': ['dim'],
}

/**
 * A run for a person at a terminal: the verdict first, then what was found, then why. Bounded, however much was
 * found (the full list is in --json). What came from SQL or a server cannot steer the terminal, nor a CI server's log.
 */
export function renderTerminal(report: RunReport, options: TerminalOptions): string {
  const width = Math.min(WIDEST, Math.max(NARROWEST, Math.floor(options.width)))
  const paint: Paint = options.color
    ? (style, text) => (text === '' ? '' : styleText([...style], text, { validateStream: false }))
    : (_style, text) => text
  const sorted = sortFindings(report)
  const sections = [
    verdictLine(report, sorted, width, paint),
    emergencyParagraphs(report, width, paint),
    folderLines(report, width, paint),
    ...fullFindings(sorted.errors, 'error', width, paint),
    ...fullFindings(sorted.unproven, 'unproven', width, paint),
    ...briefFindings(sorted.warnings, width, paint),
    noteLines({ ...sorted, notes: sorted.notes.filter((one) => !isQuestion(one, report)) }, width, paint),
    questionLines(report, width, paint),
    checkLines(report, width, paint),
    assumptionLines(report, width, paint),
    closingLines(report, sorted, width, paint),
  ]
  const text = sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')
  return `${withoutCiCommands(text)}\n`
}

function verdictLine(report: RunReport, sorted: Sorted, width: number, paint: Paint): string[] {
  const word = report.verdict.toUpperCase()
  return hanging({ head: `${word}  `, text: headline(report, sorted), indent: word.length + 2, width, paint }, [
    VERDICT_STYLE[report.verdict],
    ['bold'],
  ])
}

const RANK: Record<CheckVerdict, number> = { fail: 0, unproven: 1, pass: 2, 'not-applicable': 3 }

/** Folders with the worst verdict first, as far as there is room; otherwise in their own order. */
function shownFolders(report: RunReport): { shown: readonly ReportSubject[]; more: number } {
  if (report.subjects.length <= MOST_FOLDERS) return { shown: report.subjects, more: 0 }
  const rank = (folder: string): number =>
    Math.min(3, ...report.checks.filter((one) => one.subject === folder).map((one) => RANK[one.verdict]))
  const shown = report.subjects.toSorted((a, b) => rank(a.folder) - rank(b.folder)).slice(0, MOST_FOLDERS)
  return { shown, more: report.subjects.length - shown.length }
}

function folderLines(report: RunReport, width: number, paint: Paint): string[] {
  const { shown, more } = shownFolders(report)
  const lines = shown.flatMap((subject) => {
    const cached = subject.baselineCached === true ? ', baseline from the cache' : ''
    const details = [
      `${migrationCounts(subject)}: ${plainLine(subject.pending.explanation)}`,
      subject.server === null ? 'not rehearsed on any server' : `rehearsed on ${plainLine(subject.server)}${cached}`,
    ]
    const how = `${plainLine(subject.format)}, found by ${plainLine(subject.detectedBy)}`
    return [
      ...hanging({ head: `  ${plainLine(subject.folder)}  `, text: how, indent: 4, width, paint }, [['bold'], ['dim']]),
      ...details.flatMap((text) => hanging({ head: '    ', text, indent: 6, width, paint }, [[], []])),
    ]
  })
  const leftOut = (report.leftOut ?? []).flatMap(({ folder, why }) =>
    hanging({ head: `  ${plainLine(folder)}  `, text: `left out: ${plainLine(why)}`, indent: 4, width, paint }, [
      ['dim'],
      ['dim'],
    ]),
  )
  return [...lines, ...(more === 0 ? [] : [`  and ${count(more, 'more folder')}`]), ...leftOut]
}

function checkLines(report: RunReport, width: number, paint: Paint): string[] {
  const { shown, more } = shownFolders(report)
  const known = shown.map((one) => one.folder)
  const folders = known.length > 0 ? known : [...new Set(report.checks.map((one) => one.subject))]
  const columns = {
    margin: folders.length > 1 ? '    ' : '  ',
    word: Math.max(0, ...report.checks.map((one) => verdictWords(one.verdict).length)),
    id: Math.max(0, ...report.checks.map((one) => plainLine(one.check).length)),
  }
  const lines = folders.flatMap((folder) => [
    ...(folders.length > 1 ? [`  ${plainLine(folder)}`] : []),
    ...report.checks
      .filter((check) => check.subject === folder)
      .flatMap((check) => checkLine(check, report, columns, width, paint)),
  ])
  if (lines.length === 0) return []
  return [paint(['bold'], 'checks'), ...lines, ...(more === 0 ? [] : [`  and those of ${count(more, 'more folder')}`])]
}

function checkLine(
  check: ReportCheck,
  report: RunReport,
  columns: { readonly margin: string; readonly word: number; readonly id: number },
  width: number,
  paint: Paint,
): string[] {
  const { margin } = columns
  const accent = verdictWords(check.verdict)
  const style = VERDICT_STYLE[check.verdict]
  const id = plainLine(check.check)
  const front = `${margin}${accent.padEnd(columns.word)}  ${id.padEnd(columns.id)}  `
  const text = outcome(check, report)
  if (width - front.length >= LEAST_ROOM) {
    return hanging({ head: front, text, indent: front.length, width, paint, accent }, [style, []])
  }
  const top = `${margin}${accent}  ${id}`.replace(accent, () => paint(style, accent))
  return [top, ...hanging({ head: `${margin}    `, text, indent: margin.length + 4, width, paint }, [[], []])]
}

/** What a check has to say in one line: what it proved, or what stands in the way. */
function outcome(check: ReportCheck, report: RunReport): string {
  if (check.verdict === 'not-applicable') return plainLine(check.reason ?? 'no reason was recorded')
  const told = carriers(check, report)
  const carried = (check.carried ?? []).filter(isAgainst).length
  const refusing = check.findings.filter((one) => one.outcome === 'fail').length
  const open = check.findings.filter((one) => one.outcome === 'unproven').length
  const parts = [
    refusing > 0 ? count(refusing, 'error') : '',
    open > 0 ? `${count(open, 'thing')} unproven` : '',
    told.length > 0 ? `${count(carried, 'finding')} told once, under ${told.map(plainLine).join(', ')}` : '',
    check.verdict !== 'pass' && refusing + open + told.length === 0 ? 'it proved nothing' : '',
    ...(check.verdict === 'pass' ? check.proved.slice(0, MOST_LINES).map(plainLine) : []),
    check.verdict === 'pass' && check.proved.length > MOST_LINES
      ? `${check.proved.length - MOST_LINES} more claims`
      : '',
  ]
  const warnings = check.findings.filter((one) => one.severity === 'warning').length
  if (warnings > 0) parts.push(count(warnings, 'warning'))
  const time = check.durationMs >= 100 ? ` (${duration(check.durationMs)})` : ''
  return `${parts.filter((part) => part !== '').join('; ')}${time}`
}

/** Each assumption once, with the folders that it holds for unless it holds for all of them. */
function assumptionLines(report: RunReport, width: number, paint: Paint): string[] {
  const foldersOf = new Map<string, string[]>()
  for (const { folder, assumptions } of report.subjects) {
    for (const line of assumptions) foldersOf.set(line, [...(foldersOf.get(line) ?? []), folder])
  }
  const all = [...foldersOf].map(([line, folders]) => {
    if (folders.length === report.subjects.length) return plainLine(line)
    return `${folders.length === 1 ? plainLine(folders.join('')) : `${folders.length} folders`}: ${plainLine(line)}`
  })
  if (all.length === 0) return []
  const lines = all
    .slice(0, MOST_LINES)
    .flatMap((text) => hanging({ head: '  - ', text, indent: 4, width, paint }, [[], []]))
  const more = all.length - MOST_LINES
  return [paint(['bold'], 'taken as given'), ...lines, ...(more > 0 ? [`  and ${more} more (--json has all)`] : [])]
}

/** Where the evidence is, and whether anybody can act on it. */
function evidenceWords({ evidenceDir, evidence, partial }: RunReport): string {
  const where = `evidence in ${plainLine(evidenceDir ?? '')}`
  const certificate = evidence?.certificate ?? null
  if (certificate === null) {
    const how = partial ? '' : ' Sign it with --sign KEY; seaworthy keys create makes one.'
    return `${where}: unsigned bundle, which no action takes.${how}`
  }
  const { keyId, expiresAt, closes } = certificate
  const words = [`the certificate counts until ${plainLine(expiresAt)}`, closesWords(closes)].filter(
    (one) => one !== null,
  )
  return `${where}, signed by key ${plainLine(keyId).slice(0, 16)}…; ${words.join('; ')}`
}

function closingLines(report: RunReport, sorted: Sorted, width: number, paint: Paint): string[] {
  const lines: string[] = []
  const say = (text: string): void => {
    lines.push(...hanging({ head: '', text, indent: 2, width, paint }, [[], []]))
  }
  if (report.partial)
    say('partial: --only was given, so other required checks did not run, and nothing can be certified.')
  if (report.candidate.commit !== null) {
    const dirty = report.candidate.isDirty === true ? ', with uncommitted changes' : ''
    say(`candidate ${plainLine(report.candidate.commit).slice(0, 12)}${dirty}`)
  }
  if (report.evidenceDir !== null) say(evidenceWords(report))
  const found = report.verdict === 'pass' ? '' : tally(sorted)
  const end = `exit ${report.exitCode}: ${exitMeaning(report)} (${duration(report.durationMs)})`
  lines.push(
    ...hanging(
      {
        head: `${report.verdict.toUpperCase()}  `,
        text: found === '' ? end : `${found}; ${end}`,
        indent: 2,
        width,
        paint,
      },
      [VERDICT_STYLE[report.verdict], []],
    ),
  )
  return lines
}
