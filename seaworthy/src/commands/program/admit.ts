import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Action } from '../../gate/check.ts'
import type { ExitCode } from '../../gate/error.ts'
import type { AdmitRequest } from '../admit/admit.ts'
import { withEmergency } from '../admit/emergency.ts'
import { EXIT_CODES } from './help.ts'
import { collect, parsePlace, parseSeconds } from './options.ts'

const EXAMPLES = `Examples
  seaworthy admit evidence --key deploy.key.pub --action deploy --policy policy.json \\
    --ledger-url "postgresql://db/app?user=reader" && ./deploy.sh
  seaworthy admit evidence/certificate.json --key deploy.key.pub --action deploy --policy policy.json \\
    --answers seaworthy-answers.json --image registry.example/app@sha256:…
  seaworthy admit --action deploy --policy policy.json --emergency "login is down since 02:10, decided by Ada"
`

/** The flags of `admit`, as commander gives them. */
interface RawAdmitFlags extends Omit<AdmitRequest, 'certificate' | 'dir' | 'images' | 'timeoutMs'> {
  readonly image?: string[]
  /** Seconds. */
  readonly timeout?: number
  readonly dir?: string
  readonly json?: boolean
  readonly color: boolean
}

interface AdmitProcess {
  readonly signal: AbortSignal
  readonly version: string
}

/** Adds `seaworthy admit`; `done` is told its exit code. */
export function addAdmit(program: Command, context: AdmitProcess, done: (exitCode: ExitCode) => void): void {
  const command = program
    .command('admit')
    .summary('may this go live now? Takes a certificate, looks at the world again, and records the answer')
    .description(
      'Whose certificate it is, what for and until when, whether this is the candidate, and whether production is still the one that was judged.',
    )
    .argument('[certificate]', 'certificate.json, or the evidence bundle that it lies in', parsePlace)
    .argument('[dir]', 'the checkout of what is about to run; by default the working folder')
    .option('--key <file>', 'the public key that must have signed it', parsePlace)
    .addOption(
      new Option('--action <action>', 'what is about to happen')
        .choices(['pull-request', 'deploy'] satisfies Action[])
        .makeOptionMandatory(),
    )
    .requiredOption(
      '--policy <file>',
      'the policy that counts: policy.json, or a configuration that you trust',
      parsePolicy,
    )
    .option('--ledger-url <url>', "look at production's ledger again (read-only; or SEAWORTHY_LEDGER_URL)")
    .option('--shape-url <url>', "look at production's shape again (read-only; or SEAWORTHY_CAPTURE_URL)")
    .option('--ledger-table <table>', 'the ledger of a runner of your own: schema.table')
    .option('--answers <file>', "production's answers, from seaworthy prove")
    .option('--image <name@digest>', 'an image that is about to run (repeatable)', collect)
    .option('--build-info <file>', 'the build information of what is about to run (JSON)')
    .option('--timeout <seconds>', 'how long all looks together may take (default 60)', parseSeconds)
    .option('--state <file>', 'the ledger that the answer is recorded in (or SEAWORTHY_STATE)')
  withEmergency(command)
    .option('--dir <dir>', 'the checkout, where no certificate is named')
    .option('--json', 'print one JSON document')
    .option('--no-color', 'no colours')
    .addHelpText('before', EXAMPLES)
    .addHelpText('after', EXIT_CODES)
    .action(async (certificate: string | undefined, dir: string | undefined, flags: RawAdmitFlags) => {
      const { image, timeout, dir: named, json, color, ...rest } = flags
      const { runAdmit } = await import('../admit/output.ts')
      const request = {
        ...rest,
        certificate,
        dir: dir ?? named,
        images: image,
        timeoutMs: timeout === undefined ? undefined : timeout * 1_000,
      }
      const isColored = program.opts<{ color: boolean }>().color && color
      done(await runAdmit(request, { ...context, isJson: json ?? false, color: isColored }))
    })
}

/** Nobody admits by a policy that came with what is to be admitted. */
function parsePolicy(value: string): string {
  if (value !== 'embedded') return parsePlace(value)
  throw new InvalidArgumentError('embedded is for verify alone: name the policy that counts here.')
}
