import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { EXIT, type ExitCode } from '../../gate/error.ts'
import { withoutUrlCredentials } from '../../gate/redaction.ts'
import type { FormatName } from '../../migrations/model.ts'
import { takeSigningSecrets } from '../../signing/secrets.ts'
import { REPORT_KINDS, type ReportKind, isReportKind, reportTitle } from '../../reports/index.ts'
import type { CaptureFlags } from '../capture.ts'
import type { CheckFlags } from '../check/request.ts'
import { addAdmit } from './admit.ts'
import { addDrill } from './drill.ts'
import { addCertificate } from './certificate.ts'
import { addKeys } from './keys.ts'
import { addPolicy } from './policy.ts'
import { collect, FORMAT_LIST, parseFormat, parseSeconds } from './options.ts'
import { addConfigOptions, addGateOptions, addLiveOptions, addServerOptions } from './run-options.ts'
import { addLedger } from './ledger.ts'
import { addReview } from './review.ts'
import { addVerify } from './verify.ts'
import type { ProveFlags } from '../prove/prove.ts'
import type { ConfigChoice } from '../surroundings.ts'
import {
  CAPTURE_EXAMPLES,
  CHECK_EXAMPLES,
  EXIT_CODES,
  MAIN_EXAMPLES,
  PROVE_EXAMPLES,
  RESERVE_EXAMPLES,
} from './help.ts'

export interface ProgramContext {
  readonly signal: AbortSignal
  readonly version: string
}

/** What commander makes of the flags of `check`. */
interface RawCheckFlags extends Omit<CheckFlags, 'reports' | 'only'> {
  readonly report?: { kind: ReportKind; file: string }[]
  readonly only?: string[]
  readonly json?: boolean
  readonly config?: string
  readonly configFrom?: string
  readonly color: boolean
}

/** The flags of `reserve`. */
export interface ReserveFlags {
  readonly dir?: string
  readonly format?: FormatName
  readonly ledger?: string
  readonly ledgerUrl?: string
  readonly config?: string
}

/** Parses the arguments, runs the command, and returns the exit code. Throws SeaworthyError for what is no judgement. */
export async function run(argv: readonly string[], context: ProgramContext): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.pass
  const signing = { ...context, secrets: takeSigningSecrets(process.env) }
  const program = new Command('seaworthy')
    .description('A fail-closed release gate for services that own data.')
    .version(context.version)
    .option('--no-color', 'no colours (NO_COLOR is obeyed as well)')
    .addHelpText('after', EXIT_CODES)
    .configureHelp({ sortSubcommands: false })
    // What it says of a wrong flag repeats its value.
    .configureOutput({ writeErr: (text) => process.stderr.write(withoutUrlCredentials(text)) })
    .exitOverride()
  program.addHelpText('before', MAIN_EXAMPLES)
  addCheck(program, async (dirs, flags) => {
    const { runCheck } = await import('../check/output.ts')
    exitCode = await runCheck(dirs, flagsOf(flags), configOf(flags), {
      ...signing,
      isJson: flags.json ?? false,
      color: program.opts<{ color: boolean }>().color && flags.color,
    })
  })
  addReserve(program, async (name, flags) => {
    const { runReserve } = await import('../reserve/output.ts')
    await runReserve(name, flags, context.signal)
  })
  addCapture(program, async (url, flags) => {
    const { runCapture } = await import('../capture.ts')
    await runCapture(url, flags, context.signal)
  })
  addProve(program, async (dirs, { against, out, evidence, timeout, ...flags }) => {
    const { runProve } = await import('../prove/output.ts')
    const options = { ...context, isJson: flags.json ?? false }
    const own = { against, out, evidence, timeout }
    exitCode = await runProve(
      dirs,
      own,
      flagsOf({ ...flags, color: false }),
      configOf({ ...flags, color: false }),
      options,
    )
  })
  addAdmit(program, context, (code) => (exitCode = code))
  addKeys(program, signing)
  addCertificate(program, context.version)
  addPolicy(program)
  addLedger(program, { ...context, end: (code) => (exitCode = code) })
  addVerify(program, context, (code) => {
    exitCode = code
  })
  addReview(program, signing, (code) => {
    exitCode = code
  })
  addDrill(program, context, (code) => {
    exitCode = code
  })
  addExplain(program)
  try {
    await program.parseAsync([...argv], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    // Commander has already printed its message or the help that was asked for.
    return error.exitCode === 0 ? EXIT.pass : EXIT.usage
  }
  return exitCode
}

function addExplain(program: Command): void {
  program
    .command('explain')
    .summary('print the page of a finding')
    .argument('<code>', 'such as data-loss/drop-table')
    .action(async (code: string) => {
      const { explain } = await import('../explain.ts')
      process.stdout.write(explain(code))
    })
}

const configOf = (flags: RawCheckFlags): ConfigChoice => ({ file: flags.config, fromRef: flags.configFrom })

function flagsOf({
  report,
  cache,
  json: _json,
  config: _config,
  configFrom: _from,
  color: _color,
  ...flags
}: RawCheckFlags): CheckFlags {
  // Commander says true where nobody said anything; then the configuration decides.
  return { ...flags, reports: report, cache: cache === false ? false : undefined }
}

function addCheck(program: Command, action: (dirs: string[], flags: RawCheckFlags) => Promise<void>): void {
  const command = program
    .command('check', { isDefault: false })
    .summary('prove that the pending migrations are safe, or say what would break')
    .description(
      'Finds the migrations, applies them to a real scratch PostgreSQL as production would, and judges them.',
    )
    .argument('[dir...]', 'migration folders, or folders to look in; by default the working folder')
  addConfigOptions(addGateOptions(addServerOptions(addLiveOptions(command))))
  command
    .option('--only <check>', 'run this check only (repeatable); the answer is partial', collect)
    .option('--evidence <dir>', 'write the evidence bundle to this folder')
    .option('--sign [key]', 'sign the bundle (without a value: SEAWORTHY_SIGN_KEY, or signing in the configuration)')
    .option('--passphrase-file <file>', 'for an encrypted key (or SEAWORTHY_KEY_PASSPHRASE)')
    .option('--image <name@digest>', 'an image that goes with the release: NAME@sha256:… (repeatable)', collect)
    .option('--build-info <file>', 'the build information that goes with the release (JSON)')
    .option('--state <file>', 'the ledger in which a certificate is entered (or SEAWORTHY_STATE)')
    .option(
      '--report <kind=file>',
      `write a report (repeatable): ${REPORT_KINDS.map((kind) => `${kind} (${reportTitle(kind)})`).join(', ')}`,
      collectReport,
    )
    .option('--json', 'print one JSON document')
    .option('--no-color', 'no colours')
    .addHelpText('before', CHECK_EXAMPLES)
    .addHelpText('after', EXIT_CODES)
    .action(action)
}

function addReserve(program: Command, action: (name: string | undefined, flags: ReserveFlags) => Promise<void>): void {
  program
    .command('reserve')
    .summary('create the next free migration in the naming of its tool')
    .description(
      'Looks at the folder, the ledger if one is given, and all branches that git knows, and writes the files.',
    )
    .argument('[name]', 'what the migration is about')
    .option('--dir <dir>', 'the migration folder, where there are several')
    .option('--format <format>', `the tool, if it is not recognised (${FORMAT_LIST})`, parseFormat)
    .option('--ledger <file>', "a snapshot of production's ledger")
    .option('--ledger-url <url>', "read production's ledger (read-only; or SEAWORTHY_LEDGER_URL)")
    .option('--config <file>', 'the configuration, instead of the one that is found')
    .addHelpText('before', RESERVE_EXAMPLES)
    .action(action)
}

function addCapture(program: Command, action: (url: string | undefined, flags: CaptureFlags) => Promise<void>): void {
  program
    .command('capture')
    .summary("write production's shape to a file, for check --shape")
    .description(
      'Reads the catalogue, roles, sizes, the ledger and the normalised queries, in one read-only transaction. No row, no credential.',
    )
    .argument('[url]', 'the database, best without a password in it (or SEAWORTHY_CAPTURE_URL)')
    .option('-o, --output <file>', 'where to write; stdout by default')
    .option('--format <format>', 'the migration tool, whose ledger is to be read', parseFormat)
    .option('--ledger-table <table>', 'the ledger of a runner of your own: schema.table')
    .addHelpText('before', CAPTURE_EXAMPLES)
    .action(action)
}

/** The flags of `prove`: its own, and those of `check` that say what is pending and how it is rehearsed. */
interface RawProveFlags extends Omit<RawCheckFlags, 'report' | 'only' | 'color'>, ProveFlags {
  readonly evidence?: string
}

function addProve(program: Command, action: (dirs: string[], flags: RawProveFlags) => Promise<void>): void {
  const command = program
    .command('prove')
    .summary('ask production what only its rows can say, for check --answers')
    .description(
      'Finds what the release asks of rows (duplicates, NULLs, missing parents, …) and asks production: read-only, one count a question, under a time limit.',
    )
    .argument('[dir...]', 'migration folders, or folders to look in; by default the working folder')
  addConfigOptions(addServerOptions(addLiveOptions(command)))
  command
    .option('--against <url>', 'production, or a replica of it (or SEAWORTHY_PROVE_URL)')
    .option('--out <file>', 'where the answers go (default seaworthy-answers.json)')
    .option('--evidence <dir>', 'take the questions from the bundle that an earlier check --evidence wrote')
    .option('--timeout <seconds>', 'how long one question may take (default 30)', parseSeconds)
    .option(
      '--shape <file>',
      "production's shape, from seaworthy capture: without it nothing says that --against is production",
    )
    .option('--json', 'print one JSON document')
    .addHelpText('before', PROVE_EXAMPLES)
    .addHelpText('after', EXIT_CODES)
    .action(action)
}

function collectReport(
  value: string,
  list: { kind: ReportKind; file: string }[] = [],
): { kind: ReportKind; file: string }[] {
  const [kind = '', ...rest] = value.split('=')
  const file = rest.join('=')
  if (!isReportKind(kind) || file === '')
    throw new InvalidArgumentError(`KIND=FILE, with one of ${REPORT_KINDS.join(', ')}`)
  return [...list, { kind, file }]
}
