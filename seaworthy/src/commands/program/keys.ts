import type { Command } from 'commander'
import type { KeyContext } from '../../signing/private-key.ts'
import type { KeysFlags } from '../keys.ts'

const EXAMPLES = `Examples
  seaworthy keys create --out deploy.key               deploy.key and deploy.key.pub
  SEAWORTHY_KEY_PASSPHRASE=… seaworthy keys create --out deploy.key --encrypt
  seaworthy keys show deploy.key.pub                   the id that certificates name
`

/** `seaworthy keys`. */
export function addKeys(program: Command, context: Omit<KeyContext, 'env'> & { readonly version: string }): void {
  const keys = program.command('keys').summary('make keys for certificates, and tell them apart').helpCommand(false)
  keys.addHelpText('before', EXAMPLES)
  keys
    .command('create')
    .summary('write a new private key and its public one beside it')
    .requiredOption('--out <file>', 'the private key; the public one is FILE.pub. Nothing is ever written over')
    .option('--encrypt', 'under a passphrase: SEAWORTHY_KEY_PASSPHRASE, or --passphrase-file')
    .option('--passphrase-file <file>', 'a file that only you can read, with the passphrase in it')
    .action(async (flags: KeysFlags & { out: string; encrypt?: boolean }) => {
      const { keysCreate } = await import('../keys.ts')
      process.stdout.write(await keysCreate(flags, { ...context, env: process.env }))
    })
  keys
    .command('show')
    .summary('print the id of a key')
    .argument('<file>', 'a public or a private key')
    .option('--passphrase-file <file>', 'for an encrypted private key')
    .option('--json', 'print one JSON document')
    .action(async (file: string, flags: KeysFlags & { json?: boolean }) => {
      const { keysShow } = await import('../keys.ts')
      process.stdout.write(await keysShow(file, flags, { ...context, env: process.env }))
    })
}
