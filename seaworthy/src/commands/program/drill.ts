import { type Command, InvalidArgumentError, Option } from 'commander'
import type { ExitCode } from '../../gate/error.ts'
import type { CheckFlags } from '../check/request.ts'
import { EXIT_CODES } from './help.ts'
import { collect } from './options.ts'
import { addConfigOptions, addGateOptions, addLiveOptions, addServerOptions } from './run-options.ts'

const DRILL_EXAMPLES = `Examples
  seaworthy drill                                every bad world that this project can be made into
  seaworthy drill --list                         what they are
  seaworthy drill --world drop-table-in-a-block  one of them
  seaworthy drill --tier judge                   damaged observations only: no copy, no second run
  seaworthy drill --config-from origin/main --report markdown=drill.md
                                                 weekly in CI, as the pipeline runs check
`

/** The flags of `drill`: its own, and those of `check` that say what is asked of the gate. */
interface RawDrillFlags extends Omit<CheckFlags, 'reports' | 'evidence'> {
  readonly tier?: 'judge' | 'world'
  readonly world?: string[]
  readonly list?: boolean
  readonly evidence?: string
  readonly report?: string[]
  readonly json?: boolean
  readonly config?: string
  readonly configFrom?: string
  readonly color: boolean
}

/** What the process gives to every command. */
interface DrillProcess {
  readonly signal: AbortSignal
  readonly version: string
}

/** Adds `seaworthy drill`; `done` is told its exit code. */
export function addDrill(program: Command, context: DrillProcess, done: (exitCode: ExitCode) => void): void {
  const command = program
    .command('drill')
    .summary('attack the gate with bad worlds made from your own project, and see what it would let through')
    .description(
      'Copies the project, puts one harm after the other into the copy, and runs the whole gate against each with your own configuration. Takes the flags of check.',
    )
    .argument('[dir...]', 'migration folders, or folders to look in; by default the working folder')
  command
    .addOption(
      new Option('--tier <tier>', 'judge: damaged observations; world: whole bad worlds').choices(['judge', 'world']),
    )
    .option('--world <name>', 'this bad world only (repeatable)', collect)
    .option('--list', 'list the bad worlds, and run none')
    .option('--evidence <dir>', 'damage the observations of the bundle that an earlier check --evidence wrote')
    .option('--report <markdown=file>', 'write a report (repeatable): markdown', collectMarkdown)
    .option('--only <check>', 'drill a gate of this check only (repeatable)', collect)
  addConfigOptions(addGateOptions(addServerOptions(addLiveOptions(command))))
  command
    .option('--json', 'print one JSON document')
    .option('--no-color', 'no colours')
    .addHelpText('before', DRILL_EXAMPLES)
    .addHelpText(
      'after',
      `${EXIT_CODES}\n  Of a drill: 1 something is let through, 3 refused for another reason than the harm\n`,
    )
    .action(async (dirs: string[], flags: RawDrillFlags) => done(await run(program, dirs, flags, context)))
}

async function run(
  program: Command,
  dirs: readonly string[],
  { tier, world = [], list, evidence, report = [], json, config, configFrom, color, cache, ...flags }: RawDrillFlags,
  context: DrillProcess,
): Promise<ExitCode> {
  const { listWorlds, runDrill } = await import('../drill/output.ts')
  const isJson = json ?? false
  if (list === true) return await listWorlds(world, isJson)
  return await runDrill(
    dirs,
    // Commander says true where nobody said anything; then the configuration decides.
    { ...flags, cache: cache === false ? false : undefined },
    { file: config, fromRef: configFrom },
    { tier: tier ?? null, worlds: world, evidence: evidence ?? null },
    { ...context, isJson, color: program.opts<{ color: boolean }>().color && color, markdown: report },
  )
}

function collectMarkdown(value: string, list: string[] = []): string[] {
  const [kind, ...rest] = value.split('=')
  if (kind !== 'markdown' || rest.join('=') === '') throw new InvalidArgumentError('markdown=FILE')
  return [...list, rest.join('=')]
}
