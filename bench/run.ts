/** Measures side by side and prints the table: `npm run bench`; with `npm run bench:all -- --write` it goes into bench/README.md as well. */
import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { measureCapture } from './capture.ts'
import { measureEffects } from './effects.ts'
import { measureLedger } from './ledger.ts'
import { measureMemory } from './memory.ts'
import { compareRehearsal } from './rehearsal.ts'
import { compareSecondRun } from './second-run.ts'
import { measureSeeding } from './seed.ts'
import { measureStart } from './start.ts'
import { compareStatic } from './static-check.ts'
import { circumstances, markdownTable, type Row, writeReadme } from './table.ts'
import { measureVerify } from './verify.ts'
import { Workspace } from './workspace.ts'

const COMPARISONS: Readonly<Record<string, (workspace: Workspace) => Promise<Row[]>>> = {
  rehearsal: compareRehearsal,
  'second-run': compareSecondRun,
  static: compareStatic,
  start: measureStart,
  memory: measureMemory,
  capture: measureCapture,
  seed: measureSeeding,
  effects: measureEffects,
  verify: measureVerify,
  ledger: measureLedger,
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    only: { type: 'string', multiple: true },
    write: { type: 'boolean', default: false },
  },
})
const rounds = Number(values.rounds)
const names = values.only ?? Object.keys(COMPARISONS)
const unknown = names.filter((name) => !(name in COMPARISONS))
if (!Number.isInteger(rounds) || rounds < 1 || unknown.length > 0 || (values.write && values.only !== undefined)) {
  process.stderr.write(
    `bench: --rounds takes a number from 1, --only one of ${Object.keys(COMPARISONS).join(', ')}, and --write the whole table\n`,
  )
  process.exitCode = 2
} else {
  const loadBefore = loadavg()[0] ?? 0
  using workspace = await Workspace.make(rounds)
  const rows: Row[] = []
  for (const [name, compare] of Object.entries(COMPARISONS)) {
    if (!names.includes(name)) continue
    process.stderr.write(`bench: ${name}\n`)
    rows.push(...(await compare(workspace)))
  }
  const under = circumstances(rounds, loadBefore)
  process.stdout.write(`${markdownTable(rows)}\n\nMeasured ${under}\n`)
  if (values.write) writeReadme(rows, under)
}
