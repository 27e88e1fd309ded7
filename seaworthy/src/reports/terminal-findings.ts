import { cut, displayWidth, head, plainLine, plainLines, wrap } from './plain-text.ts'
import type { Reported, Sorted } from './reported.ts'
import type { ReportFinding } from './run-report.ts'
import { hanging, type Paint, type Style } from './terminal-layout.ts'
import { codeCounts, count, placeOf } from './wording.ts'

/** So many findings are shown in full; the others are counted by code. */
const MOST_FULL = 10
/** So many codes of warnings, and so many further places of each. */
const MOST_WARNINGS = 6
const MOST_ALSO = 3
/** So many places of what is left of a block. */
const MOST_PLACES = 6
const MOST_NOTES = 4
/** Whoever wrote the migration wrote these acceptances: each is shown, as long as a person can read them. */
const MOST_ALLOWED = 20
/** A hint or message longer than this is cut; --json has all of it. */
const LONGEST_MESSAGE = 600
const LONGEST_ALSO = 160
const MOST_HINT_LINES = 14

const WORD_STYLE: Record<'error' | 'unproven' | 'warning', Style> = {
  error: ['bold', 'red'],
  unproven: ['bold', 'magenta'],
  warning: ['bold', 'yellow'],
}

/** One block a finding: code and message, place, the line of SQL, what to do instead, the page that explains it. */
export function fullFindings(
  findings: readonly Reported[],
  word: 'error' | 'unproven',
  width: number,
  paint: Paint,
): string[][] {
  const saidBefore = new Set<string>()
  const groups = foldAlike(findings)
  const blocks = groups.slice(0, MOST_FULL).map(({ first: { finding, folder }, others }) => {
    const gutter = ' '.repeat(finding.excerpt ? String(finding.excerpt.line).length + 1 : 2)
    const lines = [
      ...title(word, finding, width, paint, others.length + 1),
      placeLine(finding, folder, gutter, paint),
      ...excerptLines(finding, gutter, width, paint),
      ...proofLines(finding, gutter, width, paint),
    ]
    const also = alsoLines(others, gutter, width, paint)
    const advice = `${finding.code}\n${finding.hint}`
    if (saidBefore.has(advice)) return [...lines, ...also]
    saidBefore.add(advice)
    return [
      ...lines,
      ...hintLines(finding.hint, gutter, width, paint),
      `${gutter}${paint(['dim'], `= more: seaworthy explain ${plainLine(finding.code)}`)}`,
      ...also,
    ]
  })
  const rest = groups.slice(MOST_FULL).flatMap(({ first, others }) => [first, ...others])
  return rest.length === 0
    ? blocks
    : [...blocks, sumUp(rest, word === 'error' ? 'more error' : 'more thing', word, width, paint)]
}

/** One block a code: the first finding with its place and what to do instead, then the places of the others. */
export function briefFindings(findings: readonly Reported[], width: number, paint: Paint): string[][] {
  const groups = [...Map.groupBy(findings, (one) => one.finding.code).values()]
  const blocks = groups.slice(0, MOST_WARNINGS).map(([first, ...others]) => {
    if (first === undefined) return []
    const more = others.length - MOST_ALSO
    return [
      ...title('warning', first.finding, width, paint),
      placeLine(first.finding, first.folder, '  ', paint),
      ...proofLines(first.finding, '  ', width, paint),
      ...hintLines(first.finding.hint, '  ', width, paint),
      ...others.slice(0, MOST_ALSO).flatMap(({ finding, folder }) => {
        const also = `  also ${placeText(finding, folder)}: `
        return hanging({ head: also, text: messageOf(finding), indent: 7, width, paint }, [[], []])
      }),
      ...(more > 0 ? [`  and ${more} more (--json has all)`] : []),
    ]
  })
  const rest = groups.slice(MOST_WARNINGS).flat()
  return rest.length === 0 ? blocks : [...blocks, sumUp(rest, 'more warning', 'warning', width, paint)]
}

/** What the policy accepts and what was only noted, in a line each, and how many more there are. */
export function noteLines(sorted: Sorted, width: number, paint: Paint): string[] {
  const line = (label: string, { finding }: Reported, tail: string): string[] => {
    const place = finding.where === null ? '' : ` (${plainLine(placeOf(finding.where))})`
    const text = `${plainLine(finding.code)}: ${messageOf(finding)}${place}${tail}`
    return hanging({ head: `${label}  `, text, indent: 2, width, paint }, [['bold', 'cyan'], []])
  }
  const more = (list: readonly Reported[], words: string): string[] =>
    list.length <= MOST_NOTES ? [] : sumUp(list.slice(MOST_NOTES), words, 'note', width, paint)
  return [
    ...sorted.accepted.slice(0, MOST_NOTES).flatMap((one) => {
      const by = one.acceptance
      const tail =
        by === null ? '' : `; until ${plainLine(by.expires)} by ${plainLine(by.author)}: ${plainLine(by.reason)}`
      return line('accepted', one, tail)
    }),
    ...more(sorted.accepted, 'more accepted finding'),
    ...sorted.allowed.slice(0, MOST_ALLOWED).flatMap((one) => line('accepted', one, '')),
    ...(sorted.allowed.length > MOST_ALLOWED
      ? sumUp(sorted.allowed.slice(MOST_ALLOWED), 'more accepted finding', 'note', width, paint)
      : []),
    ...sorted.notes.slice(0, MOST_NOTES).flatMap((one) => line('note', one, '')),
    ...more(sorted.notes, 'more note'),
  ]
}

const title = (
  word: 'error' | 'unproven' | 'warning',
  finding: ReportFinding,
  width: number,
  paint: Paint,
  times = 1,
): string[] => {
  const layout = {
    head: `${word}[${plainLine(finding.code)}]${times === 1 ? '' : ` ${times} x`}: `,
    text: messageOf(finding),
    indent: 4,
    width,
    paint,
  }
  return hanging(layout, [WORD_STYLE[word], ['bold']])
}

const messageOf = (finding: ReportFinding): string => cut(plainLine(finding.message), LONGEST_MESSAGE)

/** Findings of one code in one file, about one table, or without a place stand in one block; the first of them in full. */
interface Alike {
  readonly first: Reported
  readonly others: Reported[]
}

function foldAlike(findings: readonly Reported[]): Alike[] {
  const groups: Alike[] = []
  for (const one of findings) {
    const near = groups.find(({ first }) => isAlike(first, one))
    if (near === undefined) groups.push({ first: one, others: [] })
    else near.others.push(one)
  }
  return groups
}

function isAlike(a: Reported, b: Reported): boolean {
  if (a.finding.code !== b.finding.code) return false
  const [left, right] = [a.finding, b.finding]
  if (left.where === null || right.where === null) return left.where === right.where && a.folder === b.folder
  return left.where.file === right.where.file || (left.subject !== null && left.subject === right.subject)
}

/** The further findings of a block: some with their words, the others by their places. */
function alsoLines(others: readonly Reported[], gutter: string, width: number, paint: Paint): string[] {
  const indent = gutter.length + 2
  const shown = others.slice(0, MOST_ALSO).flatMap(({ finding, folder }) => {
    const head = `${gutter}+ ${placeText(finding, folder)}: `
    return hanging({ head, text: cut(messageOf(finding), LONGEST_ALSO), indent, width, paint }, [[], []])
  })
  const rest = others.slice(MOST_ALSO)
  if (rest.length === 0) return shown
  const places = rest.slice(0, MOST_PLACES).map(({ finding, folder }) => placeText(finding, folder))
  const tail = rest.length > MOST_PLACES ? ` and ${rest.length - MOST_PLACES} more (--json has all)` : ''
  const text = `${places.join(', ')}${tail}`
  return [...shown, ...hanging({ head: `${gutter}+ ${rest.length} more: `, text, indent, width, paint }, [[], []])]
}

/** What a server showed. */
function proofLines({ proof }: ReportFinding, gutter: string, width: number, paint: Paint): string[] {
  if (proof === undefined || proof === null) return []
  const text = cut(plainLine(proof), LONGEST_MESSAGE)
  return hanging({ head: `${gutter}= observed: `, text, indent: gutter.length + 2, width, paint, accent: 'observed' }, [
    ['cyan'],
    [],
  ])
}

/** A place is never broken: terminals and editors open it. */
const placeText = (finding: ReportFinding, folder: string | null): string =>
  plainLine(finding.where === null ? (folder ?? finding.subject ?? 'the run as a whole') : placeOf(finding.where))

const placeLine = (finding: ReportFinding, folder: string | null, gutter: string, paint: Paint): string =>
  `${gutter.slice(1)}${paint(['blue'], '-->')} ${placeText(finding, folder)}`

/** The line of SQL with a caret under the column; a window of it if it is long. */
function excerptLines(finding: ReportFinding, gutter: string, width: number, paint: Paint): string[] {
  const { excerpt, where } = finding
  if (!excerpt) return []
  const bar = paint(['blue'], '|')
  const room = width - gutter.length - 4
  const column = where !== null && where.line === excerpt.line ? Math.max(0, where.column - 1) : null
  const before = visible(excerpt.text.slice(0, column ?? 0))
  const after = visible(excerpt.text.slice(column ?? 0)).trimEnd()
  // A statement far to the right is shown from a little before its begin.
  const isFar = displayWidth(before) > room / 2
  const shownBefore = isFar ? `... ${before.slice(-8)}` : before
  const number = paint(['blue'], String(excerpt.line).padStart(gutter.length - 1))
  const lines = [`${gutter}${bar}`, `${number} ${bar} ${cut(shownBefore + after, room)}`]
  if (column !== null) {
    lines.push(`${gutter}${bar} ${' '.repeat(displayWidth(shownBefore))}${paint(['bold', 'red'], '^')}`)
  }
  return lines
}

const visible = (text: string): string => plainLines(text).replaceAll('\n', ' ').replaceAll('\t', '    ')

function hintLines(hint: string | null, gutter: string, width: number, paint: Paint): string[] {
  if (hint === null) return []
  const paragraphs = plainLines(hint)
    .replaceAll('\t', '  ')
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
  const indent = gutter.length + 2
  // SQL with a comment in front of it begins on a line of its own, so that it can be copied.
  const isSql = paragraphs.some((text) => text.startsWith('-- '))
  const top = isSql
    ? hanging({ head: `${gutter}= instead:`, text: '', indent, width, paint, accent: 'instead' }, [['green'], []])
    : []
  const body = paragraphs.slice(0, MOST_HINT_LINES).flatMap((text, index) => {
    if (text.startsWith('-- ')) return commentLines(text, indent, width)
    const first = index === 0 && !isSql ? `${gutter}= instead: ` : ' '.repeat(indent)
    return hanging({ head: first, text: head(text, LONGEST_MESSAGE), indent, width, paint, accent: 'instead' }, [
      ['green'],
      [],
    ])
  })
  const lines = [...top, ...body]
  return lines.length <= MOST_HINT_LINES
    ? lines
    : [...lines.slice(0, MOST_HINT_LINES), `${' '.repeat(indent)}... (--json has all of it)`]
}

/** A comment of SQL stays one, however narrow the terminal is: what is copied must not run. */
const commentLines = (text: string, indent: number, width: number): string[] =>
  wrap(head(text, LONGEST_MESSAGE).slice(3), Math.max(1, width - indent - 3)).map(
    (line) => `${' '.repeat(indent)}-- ${line}`,
  )

function sumUp(rest: readonly Reported[], words: string, word: string, width: number, paint: Paint): string[] {
  const unproven = word === 'unproven' ? ' unproven' : ''
  const codes = cut(codeCounts(rest.map((one) => plainLine(one.finding.code))), LONGEST_MESSAGE)
  const text = `and ${count(rest.length, words)}${unproven}: ${codes} (--json has all)`
  return hanging({ head: '', text, indent: 2, width, paint }, [[], []])
}
