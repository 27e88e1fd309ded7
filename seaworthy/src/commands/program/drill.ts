import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Action } from '../../gate/check.ts'
import type { ExitCode } from '../../gate/error.ts'
import type { CheckFlags } from '../check/request.ts'
import { EXIT_CODES } from './help.ts'
import { collect, FORMAT_LIST, parseFormat, parseMajor } from './options.ts'

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
  program
    .command('drill')
    .summary('attack the gate with bad worlds made from your own project, and see what it would let through')
    .description(
      'Copies the project, puts one harm after the other into the copy, and runs the whole gate against each with your own configuration. Takes the flags of check.',
    )
    .argument('[dir...]', 'migration folders, or folders to look in; by default the working folder')
    .addOption(
      new Option('--tier <tier>', 'judge: damaged observations; world: whole bad worlds').choices(['judge', 'world']),
    )
    .option('--world <name>', 'this bad world only (repeatable)', collect)
    .option('--list', 'list the bad worlds, and run none')
    .option('--evidence <dir>', 'damage the observations of the bundle that an earlier check --evidence wrote')
    .option('--report <markdown=file>', 'write a report (repeatable): markdown', collectMarkdown)
    .option('--format <format>', `the tool, if it is not recognised (${FORMAT_LIST})`, parseFormat)
    .option('--baseline <version>', 'everything up to and including this version is live')
    .option('--since <ref>', 'what this commit has is live')
    .option('--all', 'take nothing as live')
    .option('--ledger <file>', "a snapshot of production's ledger")
    .option('--ledger-url <url>', "read production's ledger (read-only; or SEAWORTHY_LEDGER_URL)")
    .option('--branches', 'refuse a version that another branch has taken')
    .addOption(new Option('--profile <profile>', 'what pending migrations may do').choices(['online', 'additive']))
    .addOption(new Option('--roles <mode>', 'whether the deploy role owns what is there').choices(['single', 'split']))
    .option('--pg <major>', 'major version of PostgreSQL to rehearse on (default 18)', parseMajor)
    .option('--server <url>', 'rehearse on this server instead of a scratch one (or SEAWORTHY_SERVER_URL)')
    .option('--shape <file>', "production's shape, from seaworthy capture")
    .option('--workload <file>', 'queries of the running version (SQL) that must go on working')
    .option('--seed-sql <file>', 'rows for the tables (SQL), in place of synthetic ones')
    .option('--answers <file>', "production's answers, from seaworthy prove")
    .addOption(new Option('--down <extent>', 'which downs are tried').choices(['pending', 'all']))
    .option('--only <check>', 'drill a gate of this check only (repeatable)', collect)
    .addOption(
      new Option('--action <action>', 'what the verdict is to be good for').choices([
        'pull-request',
        'deploy',
      ] satisfies Action[]),
    )
    .option('--config <file>', 'the configuration, instead of the seaworthy.config.ts that is found')
    .option('--config-from <ref>', 'read the configuration as it stands at this revision')
    .option('--no-cache', 'use no cached baseline and no cached findings')
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
