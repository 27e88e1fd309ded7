import { type Command, InvalidArgumentError } from 'commander'
import type { ExitCode } from '../../gate/error.ts'
import type { KeyContext } from '../../signing/private-key.ts'
import { EXIT_CODES } from './help.ts'
import { parseMarkdown } from './options.ts'
import type { ReviewAnswerFlags, ReviewShowFlags } from '../review/output.ts'

const EXAMPLES = `Examples
  seaworthy review show                                            what stands against the bundle, and who answered
  seaworthy review answer F2 --by "Ada" --evidence "deploy 417 brought row 131, see its log"
  seaworthy review answer F2 --by "Ada" --evidence deploy-417.log --sign ada.key
  seaworthy review show --bundle evidence --key deploy.key.pub --policy policy.json --report markdown=REVIEW.md
`

const EXIT_NOTE = `${EXIT_CODES}
  Of review: 0 complete, of a release that passes as of now; 3 a blocking finding waits for an answer, or the verdict
  is unproven; 1 something that is not so waits, or the release fails, has expired or was judged by another policy
`

/** `seaworthy review`: what `verify --cold` found, and what people have to say to it. */
export function addReview(
  program: Command,
  { version, signal, secrets }: Omit<KeyContext, 'env'> & { readonly version: string },
  done: (exitCode: ExitCode) => void,
): void {
  const review = program
    .command('review')
    .summary('read a review of verify --cold, and answer its findings')
    .helpCommand(false)
    .addHelpText('before', EXAMPLES)
  review
    .command('show')
    .summary('print the findings and how they stand')
    .argument('[file]', 'the review (default seaworthy-review.json)')
    .option('--bundle <dir>', 'hold it against this evidence bundle; needs the next two')
    .option('--key <file>', 'the public key that the bundle must have been signed with')
    .option('--policy <file>', 'the policy that says who may answer; embedded: that of the bundle')
    .option('--report <markdown=file>', 'write it as Markdown', parseMarkdown)
    .option('--state <file>', 'the ledger of our own whose open emergencies are told (or SEAWORTHY_STATE)')
    .option('--json', 'print one JSON document')
    .addHelpText('after', EXIT_NOTE)
    .action(async (file: string | undefined, flags: ReviewShowFlags) => {
      const { runReviewShow } = await import('../review/output.ts')
      done(await runReviewShow(file, flags, { cwd: process.cwd(), env: process.env, version }))
    })
  review
    .command('answer')
    .summary('add an answer to a finding; what was said before stays')
    .argument('<finding>', 'such as F2', parseFinding)
    .requiredOption('--by <name>', 'who answers')
    .requiredOption('--evidence <text or file>', 'what shows that it was dealt with; of a file the digest is kept')
    .option('--review <file>', 'the review (default seaworthy-review.json)')
    .option('--sign <key>', 'sign it with this private key')
    .option('--passphrase-file <file>', 'for an encrypted private key')
    .option('--state <file>', 'the ledger of our own that it is entered in, if there is one (or SEAWORTHY_STATE)')
    .addHelpText('after', EXIT_NOTE)
    .action(async (finding: string, flags: ReviewAnswerFlags) => {
      const { runReviewAnswer } = await import('../review/output.ts')
      const context = { cwd: process.cwd(), env: process.env, signal, secrets }
      done(await runReviewAnswer(finding, flags, context))
    })
}

function parseFinding(value: string): string {
  if (/^F[1-9]\d{0,5}$/.test(value)) return value
  throw new InvalidArgumentError('a finding of the review, such as F2')
}
