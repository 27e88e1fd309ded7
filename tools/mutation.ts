/**
 * Mutation testing of what decides: the gate, and the judge of every check. Each part is held to its own tests alone, which
 * is stricter than all tests together and fast enough to be run: `npm run mutation`, or `npm run mutation -- gate` for one
 * part. Exits with 1 if the score of any part is below `thresholds.break` of stryker.config.json.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { NOT_YET } from './measured.ts'

interface Part {
  readonly name: string
  readonly mutate: string
  readonly tests: string
}

interface Score {
  readonly name: string
  readonly detected: number
  readonly undetected: number
  readonly ignored: number
}

/** As much of Stryker's report as is read here. */
interface Report {
  readonly files: Readonly<Record<string, { readonly mutants: readonly { readonly status: string }[] }>>
}

const root = path.dirname(import.meta.dirname)
const reports = path.join(root, 'reports', 'mutation')
const stryker = path.join(root, 'node_modules', '@stryker-mutator', 'core', 'bin', 'stryker.js')

const checks = readdirSync(path.join(root, 'seaworthy/src/checks'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .toSorted()

const parts: readonly Part[] = [
  {
    name: 'gate',
    mutate: ['seaworthy/src/gate/**/*.ts', ...NOT_YET.map((glob) => `!${glob}`)].join(','),
    tests: 'seaworthy/test/gate/**/*.test.ts',
  },
  ...checks.map((name) => ({
    name,
    mutate: `seaworthy/src/checks/${name}/judge.ts`,
    tests: `seaworthy/test/checks/${name}/**/*.test.ts`,
  })),
]

/** Runs Stryker for one part; whether its score reached the threshold. */
function run({ name, mutate, tests }: Part): boolean {
  const state = path.join(reports, `${name}.incremental.json`)
  const args = ['run', '--mutate', mutate, '--incrementalFile', state]
  // Stryker's own --testFiles never activates a mutant in code that runs while a module is loaded.
  const env = { ...process.env, SEAWORTHY_PURE_TESTS: tests }
  const { status } = spawnSync(process.execPath, [stryker, ...args], { cwd: root, env, stdio: 'inherit' })
  return status === 0
}

/** The scores file by file, as Stryker's last run of a part left them. */
function scoresOf({ name }: Part): Score[] {
  const state = path.join(reports, `${name}.incremental.json`)
  if (!existsSync(state)) return []
  const report: Report = JSON.parse(readFileSync(state, 'utf8'))
  return Object.entries(report.files).map(([file, { mutants }]) => {
    const count = (...statuses: string[]): number => mutants.filter((one) => statuses.includes(one.status)).length
    return {
      name: file,
      detected: count('Killed', 'Timeout'),
      undetected: count('Survived', 'NoCoverage'),
      ignored: count('Ignored'),
    }
  })
}

const sum = (scores: readonly Score[], of: (score: Score) => number): number =>
  scores.reduce((total, score) => total + of(score), 0)

function line({ name, detected, undetected, ignored }: Score): string {
  const score = detected + undetected === 0 ? '—' : ((100 * detected) / (detected + undetected)).toFixed(1)
  return `${score.padStart(6)}  ${String(detected).padStart(5)} of ${String(detected + undetected).padEnd(5)} ${ignored > 0 ? `(${ignored} disabled) ` : ''}${name}\n`
}

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !parts.some((part) => part.name === name))
if (unknown.length > 0) {
  process.stderr.write(`no such part: ${unknown.join(', ')}. There are: ${parts.map((part) => part.name).join(', ')}\n`)
  process.exit(2)
}
const chosen = wanted.length === 0 ? parts : parts.filter((part) => wanted.includes(part.name))
mkdirSync(reports, { recursive: true })
for (const { name } of chosen) rmSync(path.join(reports, `${name}.json`), { force: true })
const failed = chosen.filter((part) => !run(part))
const scores = chosen.flatMap(scoresOf)
process.stdout.write('\nMutation score in percent, and mutants that a test noticed:\n')
for (const score of scores) process.stdout.write(line(score))
const total = {
  name: 'in all',
  detected: sum(scores, (one) => one.detected),
  undetected: sum(scores, (one) => one.undetected),
  ignored: sum(scores, (one) => one.ignored),
}
process.stdout.write(line(total))
if (failed.length > 0) {
  process.stdout.write(`Below the threshold, or not run: ${failed.map((part) => part.name).join(', ')}\n`)
  process.exitCode = 1
}
