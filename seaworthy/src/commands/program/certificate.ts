import type { Command } from 'commander'
import { EXIT } from '../../gate/error.ts'

const EXAMPLES = `Examples
  seaworthy certificate show evidence
  seaworthy certificate show certificate.json --json
`

/** `seaworthy certificate`. */
export function addCertificate(program: Command, version: string): void {
  const certificate = program
    .command('certificate')
    .summary('show what a certificate says, without verifying it')
    .helpCommand(false)
  certificate
    .command('show')
    .summary('show what a certificate says, without verifying it')
    .argument('<place>', 'certificate.json, or the folder of its bundle')
    .option('--json', 'print one JSON document')
    .addHelpText('before', EXAMPLES)
    .action(async (place: string, { json = false }: { json?: boolean }) => {
      const { readCertificate } = await import('../certificate/show.ts')
      const shown = await readCertificate(place)
      if (json) {
        const { documentText } = await import('../ledger/document.ts')
        const about = { version, command: 'certificate show', exitCode: EXIT.pass }
        process.stdout.write(documentText(about, { isVerified: false, ...shown }))
        return
      }
      const { certificateWords } = await import('../certificate/words.ts')
      const { withoutCiCommands } = await import('../../reports/plain-text.ts')
      process.stdout.write(withoutCiCommands(certificateWords(shown, new Date())))
    })
}
