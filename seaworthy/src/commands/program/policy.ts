import { type Command, Option } from 'commander'
import type { ConfigChoice } from '../surroundings.ts'

const EXAMPLES = `Examples
  seaworthy policy > policy.json                        for verify --policy and admit --policy
  seaworthy policy --config-from origin/main            as it stands on the base branch
`

interface PolicyFlags {
  readonly config?: string
  readonly configFrom?: string
  readonly profile?: 'online' | 'additive'
}

/** `seaworthy policy`. */
export function addPolicy(program: Command): void {
  program
    .command('policy')
    .summary('print the policy that counts here, whole, as JSON')
    .argument('[dir]', 'the folder whose configuration counts; by default the working folder')
    .option('--config <file>', 'the configuration, instead of the seaworthy.config.ts that is found')
    .option('--config-from <ref>', 'read the configuration as it stands at this revision')
    .addOption(new Option('--profile <profile>', 'as of check --profile').choices(['online', 'additive']))
    .addHelpText('before', EXAMPLES)
    .action(async (dir: string | undefined, { config, configFrom, profile }: PolicyFlags) => {
      const { effectivePolicy } = await import('../policy.ts')
      const { jsonText } = await import('../../reports/json.ts')
      const choice: ConfigChoice = { file: config, fromRef: configFrom }
      const policy = await effectivePolicy(dir, choice, profile, { cwd: process.cwd(), env: process.env })
      process.stdout.write(jsonText(policy))
    })
}
