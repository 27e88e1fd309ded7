import { type Command, InvalidArgumentError } from 'commander'
import type { ExitCode } from '../gate/error.ts'
import { EXIT_CODES } from './help.ts'
import type { VerifyFlags } from './verify-output.ts'

const VERIFY_EXAMPLES = `Examples
  seaworthy verify evidence --key deploy.key.pub --policy policy.json
  seaworthy verify evidence --key deploy.key.pub --policy embedded      … and read the policy in the output
  seaworthy verify evidence --key deploy.key.pub --policy policy.json --at 2026-11-21T10:00:00Z
`

/** Adds `seaworthy verify`; `done` is told its exit code. */
export function addVerify(
  program: Command,
  { version }: { readonly version: string },
  done: (exitCode: ExitCode) => void,
): void {
  program
    .command('verify')
    .summary('judge an evidence bundle again, offline, and say whether its verdict holds')
    .description(
      'Needs nothing but the bundle, the public key of whoever signed it, and the policy that you expect. Asks no network, no database and no git.',
    )
    .argument('<bundle>', 'the folder that seaworthy check --evidence wrote')
    .requiredOption('--key <file>', 'the public key that it must have been signed with')
    .requiredOption(
      '--policy <file>',
      'the policy that it must have been judged by; embedded: its own, which is printed',
    )
    .option('--at <time>', 'as of this time (ISO 8601) instead of now, for whoever looks back', parseTime)
    .option('--json', 'print one JSON document')
    .addHelpText('before', VERIFY_EXAMPLES)
    .addHelpText(
      'after',
      `${EXIT_CODES}\n  Of verify: 1 also for what is tampered with, expired, or of another policy\n`,
    )
    .action(async (dir: string, flags: VerifyFlags) => {
      const { runVerify } = await import('./verify-output.ts')
      done(await runVerify(dir, flags, version))
    })
}

function parseTime(value: string): Date {
  const time = new Date(value)
  // A day without a zone would mean another moment on every machine.
  if (!Number.isNaN(time.getTime()) && /^\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:\d\d)$/.test(value)) return time
  throw new InvalidArgumentError('a moment with its zone, such as 2026-11-21T10:00:00Z')
}
