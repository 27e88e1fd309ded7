import { readFileSync, writeFileSync } from 'node:fs'
import { arch, cpus, loadavg, platform, totalmem } from 'node:os'
import path from 'node:path'
import type { Sample } from './measure.ts'

/** One line of the table. */
export interface Row {
  readonly figure: string
  readonly target: string
  readonly measured: string
  readonly ratio: string
  readonly noise: string
  /** Null where there is no target, or where the other side could not be had. */
  readonly isMet: boolean | null
}

const BEGIN = '<!-- table: written by `node bench/run.ts --write` -->'
const END = '<!-- end of the table -->'
const README = path.join(import.meta.dirname, 'README.md')

/** A comparison of medians: ours against theirs, at most `limit` times; a limit of null only states it. */
export function ratioRow(
  figure: string,
  ours: Sample,
  theirs: { name: string; sample: Sample },
  limit: number | null,
): Row {
  const ratio = ours.median / theirs.sample.median
  return {
    figure,
    target: targetOf(limit, theirs.name),
    measured: `${ms(ours.median)} against ${ms(theirs.sample.median)}`,
    ratio: ratio.toFixed(2),
    noise: `${percent(ours.spread)}, ${percent(theirs.sample.spread)}`,
    isMet: limit === null ? null : ratio <= limit,
  }
}

/** How a comparison's target is written. */
export const targetOf = (limit: number | null, name: string): string =>
  limit === null ? `none; against ${name}` : `≤ ${limit} × ${name}`

/** A figure with a limit of its own; a limit of null only states it. */
export function limitRow(figure: string, sample: Sample, limit: number | null, unit: 'ms' | 'MB' = 'ms'): Row {
  const write = unit === 'ms' ? ms : (value: number): string => `${Math.round(value)} MB`
  return {
    figure,
    target: limit === null ? 'none' : `< ${write(limit)}`,
    measured: write(sample.median),
    ratio: '–',
    noise: percent(sample.spread),
    isMet: limit === null ? null : sample.median < limit,
  }
}

/** Ours against so many times theirs and some more; medians. */
export function allowanceRow(
  figure: string,
  ours: Sample,
  theirs: { name: string; sample: Sample },
  times: number,
  moreMs: number,
): Row {
  return {
    figure,
    target: `≤ ${times} × ${theirs.name} + ${moreMs} ms`,
    measured: `${ms(ours.median)} against ${ms(theirs.sample.median)}`,
    ratio: (ours.median / theirs.sample.median).toFixed(2),
    noise: `${percent(ours.spread)}, ${percent(theirs.sample.spread)}`,
    isMet: ours.median <= times * theirs.sample.median + moreMs,
  }
}

/** What could not be measured, and why. */
export const missingRow = (figure: string, target: string, why: string): Row => ({
  figure,
  target,
  measured: `not measured: ${why}`,
  ratio: '–',
  noise: '–',
  isMet: null,
})

/** The rows as a Markdown table. */
export function markdownTable(rows: readonly Row[]): string {
  const cells = rows.map((row) => [row.figure, row.target, row.measured, row.ratio, row.noise, verdict(row)])
  const lines = [
    ['figure', 'target', 'measured (medians)', 'ratio', 'noise', 'met'],
    ['---', '---', '---', '---', '---', '---'],
    ...cells,
  ]
  return lines.map((line) => `| ${line.join(' | ')} |`).join('\n')
}

/** When and on what it was measured, in one sentence. `loadBefore` is the load average when the run began. */
export function circumstances(rounds: number, loadBefore: number): string {
  const machine = `${cpus().length} cores, ${Math.round(totalmem() / 1024 ** 3)} GB of memory, ${platform()} ${arch()}, Node.js ${process.versions.node}`
  const load = `${loadBefore.toFixed(1)} before and ${(loadavg()[0] ?? 0).toFixed(1)} after`
  return `${new Date().toISOString().slice(0, 10)}, ${machine}, ${rounds} rounds; load average ${load} (of it about 1 is the bench itself).`
}

/** Puts the table into the README, in place of the one that is there. */
export function writeReadme(rows: readonly Row[], under: string): void {
  const text = readFileSync(README, 'utf8')
  const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)]
  if (from === -1 || to < from) throw new Error(`${README} has lost the marks around its table`)
  writeFileSync(
    README,
    `${text.slice(0, from)}${BEGIN}\n\n${markdownTable(rows)}\n\nMeasured ${under}\n\n${text.slice(to)}`,
  )
}

const ms = (value: number): string => `${value < 100 ? value.toFixed(1) : Math.round(value)} ms`

/** From the first to the third quartile, around the median. */
const percent = (spread: number): string => `${Math.round(spread * 100)} %`

const verdict = ({ isMet }: Row): string => (isMet === null ? '–' : isMet ? 'yes' : '**no**')
