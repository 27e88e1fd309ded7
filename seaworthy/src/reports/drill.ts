import { styleText } from 'node:util'
import { type DrillRow, isMainUntried, MUST_BE_TRIED, untriedFamilies } from '../gate/drill/drill.ts'
import { EXIT, type ExitCode } from '../gate/error.ts'
import type { Verdict } from '../gate/verdict.ts'
import { emergencyBullets, emergencyParagraphs } from './emergencies.ts'
import { codeSpan, markdownText } from './markdown-text.ts'
import { plainLine, withoutCiCommands } from './plain-text.ts'
import type { ReportedEmergencies } from './run-report.ts'
import { hanging, type Paint, type Style } from './terminal-layout.ts'
import { count, duration } from './wording.ts'

/** What the gate says of the project as it is. */
export interface DrillControl {
  readonly verdict: Verdict
  /** Codes of what stands against the project as it is. */
  readonly refusals: readonly string[]
  /** What an unchanged copy is judged by and the project is not; null where the gate says the same of both. */
  readonly unlike: string | null
}

/** The document of a drill. */
export interface DrillReport extends ReportedEmergencies {
  readonly schemaVersion: 1
  readonly tool: 'seaworthy'
  readonly version: string
  readonly command: 'drill'
  readonly exitCode: ExitCode
  readonly control: DrillControl
  readonly rows: readonly DrillRow[]
  readonly durationMs: number
}

/**
 * 1 if anything survives; else 3 if anything is unproven; 4 if nothing could be drilled; 3 if no world could be made in
 * which data is lost; else 0.
 */
export function drillExit({ unlike }: DrillControl, rows: readonly DrillRow[]): ExitCode {
  const has = (outcome: DrillRow['outcome']): boolean => rows.some((row) => row.outcome === outcome)
  if (has('survived')) return EXIT.fail
  if (unlike !== null || has('unproven')) return EXIT.unproven
  if (!has('refused')) return EXIT.nothing
  return isMainUntried(rows) ? EXIT.unproven : EXIT.pass
}

/** Said loudly: a drill in which a whole family of harm was not tried says nothing of that family. */
function untriedLine(rows: readonly DrillRow[]): string | null {
  const untried = untriedFamilies(rows)
  if (untried.length === 0) return null
  const areSeveral = new Set(rows.map(({ subject }) => subject)).size > 1
  const names = untried.map(({ family, subject }) => (areSeveral ? `${family} (${subject})` : family))
  const end = isMainUntried(rows) ? `. Without ${MUST_BE_TRIED} a drill proves little: "not here" says why` : ''
  return plainLine(`NOT TRIED: no harm of ${names.join(', ')} can be made here${end}`)
}

type Outcome = DrillRow['outcome']

const WORDS: Record<Outcome, string> = {
  refused: 'refused',
  survived: 'LET THROUGH',
  unproven: 'unproven',
  'not-here': 'not here',
}

const STYLES: Record<Outcome, Style> = {
  refused: ['green'],
  survived: ['bold', 'red'],
  unproven: ['bold', 'magenta'],
  'not-here': ['dim'],
}

const OUTCOMES: readonly Outcome[] = ['survived', 'unproven', 'refused', 'not-here']
const WIDEST = 120
const NARROWEST = 60
/** More damaged observations are not told one by one. */
const MOST_MUTANTS = 20
const WORD_WIDTH = 'LET THROUGH'.length + 2

/** A drill for a person at a terminal: what was let through first, then the whole matrix. */
export function renderDrill(report: DrillReport, options: { readonly color: boolean; readonly width: number }): string {
  const width = Math.min(WIDEST, Math.max(NARROWEST, Math.floor(options.width)))
  const paint: Paint = options.color
    ? (style, text) => (text === '' ? '' : styleText([...style], text, { validateStream: false }))
    : (_style, text) => text
  const sections = [
    controlLines(report, width, paint),
    worldLines(report, width, paint),
    mutantLines(report, width, paint),
    emergencyParagraphs(report, width, paint),
    [closing(report, paint)],
  ]
  const text = sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')
  return `${withoutCiCommands(text)}\n`
}

function controlLines({ control }: DrillReport, width: number, paint: Paint): string[] {
  const { verdict, refusals, unlike } = control
  const against = refusals.length === 0 ? '' : `: ${refusals.join(', ')}`
  const text =
    unlike === null
      ? `${verdict}, as the project stands${against}${refusals.length === 0 ? '' : '. A world is told by what it adds'}`
      : `${unlike}. What a copy is judged by says nothing about the project, so nothing was drilled`
  return hanging({ head: 'control  ', text: plainLine(text), indent: 9, width, paint }, [['bold'], []])
}

/** The rows of one tier, what was let through first. */
const sorted = (rows: readonly DrillRow[], tier: DrillRow['tier']): DrillRow[] =>
  rows.filter((row) => row.tier === tier).toSorted((a, b) => OUTCOMES.indexOf(a.outcome) - OUTCOMES.indexOf(b.outcome))

function worldLines({ rows }: DrillReport, width: number, paint: Paint): string[] {
  const worlds = folded(sorted(rows, 'world'))
  if (worlds.length === 0) return []
  const areSeveral = new Set(worlds.map(({ subject }) => subject)).size > 1
  return [
    paint(['bold'], 'bad worlds: the whole gate against your project with one harm in it'),
    ...worlds.flatMap((row) => rowLines(row, areSeveral ? ` (${row.subject})` : '', width, paint)),
  ]
}

const isAlike = ({ world, outcome }: DrillRow): boolean => outcome === 'refused' && world.startsWith('without-')

/** One row for all the checks that may not be left out: what is the same of each is said once. */
function folded(rows: readonly DrillRow[]): readonly DrillRow[] {
  const alike = rows.filter(isAlike)
  const [first] = alike
  if (first === undefined || alike.length === 1) return rows
  const names = [...new Set(alike.map(({ check }) => check.replace(/^migrations-/, '')))].join(', ')
  const one = { ...first, world: 'without-…', title: `a check is left out of the run: each of ${names}` }
  return rows.flatMap((row) => (row === first ? [one] : isAlike(row) ? [] : [row]))
}

function rowLines(row: DrillRow, where: string, width: number, paint: Paint): string[] {
  const { outcome, world, title, by, why } = row
  const head = `  ${WORDS[outcome].padEnd(WORD_WIDTH)}`
  const layout = { head, text: plainLine(`${world}${where}: ${title}`), indent: head.length, width, paint }
  const [first = '', ...more] = hanging(layout, [STYLES[outcome], outcome === 'not-here' ? ['dim'] : []])
  const reason = plainLine(why ?? `by ${by.join(', ')}`)
  const indent = ' '.repeat(head.length)
  return [
    first,
    ...more,
    ...hanging({ head: `${indent}→ `, text: reason, indent: head.length + 2, width, paint }, [['dim'], ['dim']]),
  ]
}

/** Hundreds of mutants: counted by check, and told one by one only where the gate did not refuse. */
function mutantLines({ rows }: DrillReport, width: number, paint: Paint): string[] {
  const mutants = sorted(rows, 'judge')
  if (mutants.length === 0) return []
  const checks = [...new Set(rows.filter(({ tier }) => tier === 'judge').map(({ check }) => check))]
  const open = mutants.filter(({ outcome }) => outcome === 'survived' || outcome === 'unproven')
  const widest = Math.max(...checks.map((check) => check.length))
  return [
    paint(['bold'], 'damaged observations: every judge against what your last run saw'),
    ...checks.map((check) => {
      const own = mutants.filter((row) => row.check === check)
      return `  ${check.padEnd(widest)}  ${tallyOf(own)}`
    }),
    ...open
      .slice(0, MOST_MUTANTS)
      .flatMap((row) => rowLines({ ...row, world: row.check }, ` (${row.subject})`, width, paint)),
    ...(open.length > MOST_MUTANTS
      ? [paint(['dim'], `  … and ${open.length - MOST_MUTANTS} more: --json has all`)]
      : []),
  ]
}

/** `38 of 40 refused, 1 let through, 5 not here`: what cannot be made here is no part of the whole. */
function tallyOf(rows: readonly DrillRow[]): string {
  const of = (outcome: Outcome): number => rows.filter((row) => row.outcome === outcome).length
  const parts = [
    `${of('refused')} of ${rows.length - of('not-here')} refused`,
    ...(of('survived') > 0 ? [`${of('survived')} let through`] : []),
    ...(of('unproven') > 0 ? [`${of('unproven')} unproven`] : []),
    ...(of('not-here') > 0 ? [`${of('not-here')} not here`] : []),
  ]
  return parts.join(', ')
}

type Meaning = readonly [word: string, text: string]

const MEANING: Partial<Record<ExitCode, Meaning>> = {
  [EXIT.pass]: ['REFUSED', 'every bad world that can be made here is refused'],
  [EXIT.fail]: ['LET THROUGH', 'the gate would let a bad world through'],
  [EXIT.unproven]: ['UNPROVEN', 'nothing was let through, and not everything was refused for its own harm'],
  [EXIT.nothing]: ['NOTHING', 'no bad world can be made from this project'],
}

function meaningOf({ exitCode, control, rows }: DrillReport): Meaning {
  if (control.unlike !== null) return ['UNPROVEN', 'nothing was drilled, since a copy is not judged like the project']
  const isUntried = exitCode === EXIT.unproven && rows.every(({ outcome }) => outcome !== 'unproven')
  if (isUntried) return ['UNPROVEN', `nothing was let through, and no harm of ${MUST_BE_TRIED} could be tried`]
  return MEANING[exitCode] ?? ['', '']
}

function closing(report: DrillReport, paint: Paint): string {
  const [word, text] = meaningOf(report)
  const style: Style = report.exitCode === EXIT.pass ? ['bold', 'green'] : ['bold', 'red']
  const tallied = (['world', 'judge'] as const).flatMap((tier) => {
    const rows = report.rows.filter((row) => row.tier === tier)
    return rows.length === 0 ? [] : [`${tier === 'world' ? 'worlds' : 'observations'}: ${tallyOf(rows)}`]
  })
  const untried = untriedLine(report.rows)
  const loud = untried === null ? [] : [paint(['bold', 'magenta'], untried)]
  return [
    ...tallied,
    ...loud,
    `${paint(style, word)}  exit ${report.exitCode}: ${text} (${duration(report.durationMs)})`,
  ].join('\n')
}

const tableRow = (row: DrillRow): string =>
  `| ${WORDS[row.outcome]} | ${codeSpan(row.tier === 'world' ? row.world : row.check)} | ${markdownText(row.title)} | ${markdownText(row.why ?? row.by.join(', '))} |`

/** The same for a pull request or a wiki page. */
export function renderDrillMarkdown(report: DrillReport): string {
  const { control, rows } = report
  const worlds = sorted(rows, 'world')
  const judged = sorted(rows, 'judge')
  const open = judged.filter(({ outcome }) => outcome === 'survived' || outcome === 'unproven')
  const table = [...worlds, ...open].map(tableRow)
  const [word, text] = meaningOf(report)
  const untried = untriedLine(rows)
  const bullets = emergencyBullets(report)
  return [
    `## Drill: ${word.toLowerCase()}`,
    '',
    markdownText(`${text}. Control: ${control.unlike ?? control.verdict}.`),
    ...(untried === null ? [] : ['', `**${markdownText(untried)}**`]),
    ...(bullets === '' ? [] : ['', bullets]),
    ...(table.length === 0
      ? []
      : ['', '| outcome | bad world | what it does | by, or why |', '| --- | --- | --- | --- |', ...table]),
    ...(judged.length === 0 ? [] : ['', `${count(judged.length, 'damaged observation')}: ${tallyOf(judged)}.`]),
    '',
  ].join('\n')
}
