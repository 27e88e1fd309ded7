/**
 * Mutation testing of what decides: the gate, and the judge of every check. Each file is held to a few tests
 * (`testsOf`), which is stricter than all tests together and fast enough to be run. `npm run mutation` for all, or
 * `npm run mutation -- gate/policy.ts migrations-drift` for files whose path has one of these words.
 * Exits with 1 if any group of files is below `thresholds.break` of stryker.config.json.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { MEASURED, TESTS, TEXTS } from './measured.ts'

/** Files that the same tests import. */
interface Group {
  readonly name: string
  readonly files: readonly string[]
  readonly tests: readonly string[]
}

interface Test {
  readonly test: string
  /** Files of the project. */
  readonly imports: ReadonlySet<string>
}

interface Score {
  readonly name: string
  readonly noticed: number
  readonly unnoticed: number
  readonly disabled: number
}

/** As much of Stryker's report as is read here. */
interface Report {
  readonly files: Readonly<Record<string, { readonly mutants: readonly { readonly status: string }[] }>>
}

const root = path.dirname(import.meta.dirname)
const reports = path.join(root, 'reports', 'mutation')
const stryker = path.join(root, 'node_modules', '@stryker-mutator', 'core', 'bin', 'stryker.js')

const found = (patterns: readonly string[], except: readonly string[] = []): string[] =>
  globSync([...patterns], { cwd: root, exclude: [...except] }).toSorted()

/** The files of the project that a test imports, but for types. */
function importsOf(test: string): Set<string> {
  const text = readFileSync(path.join(root, test), 'utf8')
  const specifiers = [...text.matchAll(/^import (?!type )[^']*? from '(\.[^']+)'/gm)].map(
    ([, specifier = '']) => specifier,
  )
  return new Set(specifiers.map((specifier) => path.join(path.dirname(test), specifier)))
}

const GATE = 'seaworthy/src/gate'

/**
 * A file of the gate is held to the gate's tests that import it; where none does, to those that import another file of its
 * folder. A judge is held to the tests in the folder of its check.
 */
function testsOf(file: string, tests: readonly Test[]): readonly Test[] {
  const folder = path.dirname(file)
  if (!file.startsWith(`${GATE}/`))
    return tests.filter((one) => folder === path.dirname(one.test).replace('/test/', '/src/'))
  const ofGate = tests.filter((one) => one.test.startsWith('seaworthy/test/gate/'))
  const own = ofGate.filter(({ imports }) => imports.has(file))
  if (own.length > 0 || folder === GATE) return own
  return ofGate.filter(({ imports }) => [...imports].some((one) => path.dirname(one) === folder))
}

function groups(): Group[] {
  const tests = found(TESTS).map((test) => ({ test, imports: importsOf(test) }))
  const files = found(MEASURED, TEXTS).map((file) => ({ file, of: testsOf(file, tests).map(({ test }) => test) }))
  return [...Map.groupBy(files, ({ of }) => of.join()).values()].map((same) => ({
    name: (same[0]?.file ?? '').replaceAll(/^seaworthy\/src\/|\.ts$/g, '').replaceAll('/', '-'),
    files: same.map(({ file }) => file),
    tests: same[0]?.of ?? [],
  }))
}

const stateOf = ({ name }: Group): string => path.join(reports, `${name}.json`)

/** Runs Stryker for one group; whether its score reached the threshold. Files that no test imports do not reach it. */
function run(group: Group): boolean {
  if (group.tests.length === 0) return false
  const args = ['run', '--mutate', group.files.join(), '--incrementalFile', stateOf(group)]
  // Stryker's own --testFiles never activates a mutant in code that runs while a module is loaded.
  const env = { ...process.env, SEAWORTHY_PURE_TESTS: group.tests.join() }
  return spawnSync(process.execPath, [stryker, ...args], { cwd: root, env, stdio: 'inherit' }).status === 0
}

/** The scores file by file, as Stryker's last run of a group left them. */
function scoresOf(group: Group): Score[] {
  if (!existsSync(stateOf(group))) return []
  const report: Report = JSON.parse(readFileSync(stateOf(group), 'utf8'))
  return Object.entries(report.files).map(([name, { mutants }]) => {
    const count = (...statuses: string[]): number => mutants.filter((one) => statuses.includes(one.status)).length
    return {
      name,
      noticed: count('Killed', 'Timeout'),
      unnoticed: count('Survived', 'NoCoverage'),
      disabled: count('Ignored'),
    }
  })
}

function line({ name, noticed, unnoticed, disabled }: Score): string {
  const all = noticed + unnoticed
  const percent = all === 0 ? 'none' : ((100 * noticed) / all).toFixed(1)
  const aside = disabled === 0 ? '' : `, ${disabled} disabled`
  return `${percent.padStart(6)}  ${name} (${noticed} of ${all}${aside})\n`
}

const wanted = process.argv.slice(2)
const chosen = groups().filter(
  ({ files }) => wanted.length === 0 || files.some((file) => wanted.some((word) => file.includes(word))),
)
if (chosen.length === 0) {
  process.stderr.write(`no measured file has one of these words in its path: ${wanted.join(' ')}\n`)
  process.exit(2)
}
mkdirSync(reports, { recursive: true })
const failed = chosen.filter((group) => !run(group))
const scores = chosen.flatMap(scoresOf).toSorted((a, b) => (a.name < b.name ? -1 : 1))
const sum = (of: (score: Score) => number): number => scores.reduce((all, score) => all + of(score), 0)
const total = {
  name: 'in all',
  noticed: sum((one) => one.noticed),
  unnoticed: sum((one) => one.unnoticed),
  disabled: sum((one) => one.disabled),
}
process.stdout.write(`\nMutants that a test noticed, in percent:\n${[...scores, total].map(line).join('')}`)
for (const { files, tests } of failed) {
  const why = tests.length === 0 ? 'no test imports it' : 'below the threshold, or not run'
  process.stdout.write(`${why}: ${files.join(', ')}\n`)
}
process.exitCode = failed.length === 0 ? 0 : 1
