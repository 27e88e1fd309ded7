import { type Command, InvalidArgumentError } from 'commander'
import type { ExitCode } from '../../gate/error.ts'
import { EXIT_CODES } from './help.ts'
import { parseMarkdown, parsePlace } from './options.ts'
import type { ColdFlags } from '../verify/cold-flags.ts'

const VERIFY_EXAMPLES = `Examples
  seaworthy verify evidence --key deploy.key.pub --policy policy.json
  seaworthy verify evidence --key deploy.key.pub --policy embedded      … and read the policy in the output
  seaworthy verify evidence --key deploy.key.pub --policy policy.json --at 2026-11-21T10:00:00Z
  seaworthy verify evidence --key deploy.key.pub --policy policy.json --cold --ledger-url postgresql://… --report markdown=REVIEW.md
`

/** Adds `seaworthy verify`; `done` is told its exit code. */
export function addVerify(
  program: Command,
  { version, signal }: { readonly version: string; readonly signal: AbortSignal },
  done: (exitCode: ExitCode) => void,
): void {
  program
    .command('verify')
    .summary('judge an evidence bundle again, offline, and say whether its verdict holds')
    .description(
      'Needs nothing but the bundle, the public key of whoever signed it, and the policy that you expect. Asks no network, no database and no git, unless you say --cold: then your own clone, a scratch server, and production if you say where it is.',
    )
    .argument('<bundle>', 'the folder that seaworthy check --evidence wrote', parsePlace)
    .requiredOption('--key <file>', 'the public key that it must have been signed with', parsePlace)
    .requiredOption(
      '--policy <file>',
      'the policy that it must have been judged by; embedded: its own, which is printed',
      parsePlace,
    )
    .option('--at <time>', 'as of this time (ISO 8601) instead of now, for whoever looks back', parseTime)
    .option('--cold', 'then look at everything again: the commit, the files, the whole gate there, production')
    .option('--checkout <dir>', 'your own clone of the project; by default the working folder')
    .option('--ledger-url <url>', "production's ledger (read-only; or SEAWORTHY_LEDGER_URL)")
    .option('--shape-url <url>', "production's shape (read-only; or SEAWORTHY_CAPTURE_URL)")
    .option('--ledger-table <table>', 'the ledger of a runner of your own: schema.table')
    .option('--shape <file>', 'files that the run was given, from where you have them: each must be the very same')
    .option('--ledger <file>')
    .option('--workload <file>')
    .option('--seed-sql <file>')
    .option('--answers <file>')
    .option('--server <url>', 'rehearse on this server instead of a scratch one (or SEAWORTHY_SERVER_URL)')
    .option('--no-cache', 'use no cached baseline')
    .option('--report <markdown=file>', 'write the review as Markdown', parseMarkdown)
    .option('--review <file>', 'where the review goes (default seaworthy-review.json)')
    .option(
      '--state <file>',
      'the ledger of our own, if there is one (or SEAWORTHY_STATE): its open emergencies are told, and a cold look is entered',
    )
    .option('--json', 'print one JSON document')
    .addHelpText('before', VERIFY_EXAMPLES)
    .addHelpText(
      'after',
      `${EXIT_CODES}\n  Of verify: 1 also for what is tampered with, expired, or of another policy\n`,
    )
    .action(async (dir: string, flags: ColdFlags) => {
      if (flags.cold === true) {
        const { runVerifyCold } = await import('../verify/verify-cold.ts')
        done(await runVerifyCold(dir, flags, { version, signal, cwd: process.cwd(), env: process.env }))
        return
      }
      const { refuseColdFlags } = await import('../verify/cold-flags.ts')
      refuseColdFlags(flags)
      const { runVerify } = await import('../verify/output.ts')
      done(await runVerify(dir, flags, { version, env: process.env }))
    })
}

function parseTime(value: string): Date {
  const time = new Date(value)
  // A day without a zone would mean another moment on every machine.
  const [, day] = /^(\d{4}-\d\d-\d\d)T.*(?:Z|[+-]\d\d:\d\d)$/.exec(value) ?? []
  if (day !== undefined && !Number.isNaN(time.getTime()) && isDay(day)) return time
  throw new InvalidArgumentError('a moment with its zone, such as 2026-11-21T10:00:00Z')
}

/** Dates that no month has are taken for days of the next one: 30 February for 2 March. */
function isDay(day: string): boolean {
  const time = new Date(`${day}T00:00:00Z`)
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(day)
}
