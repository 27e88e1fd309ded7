import type { Command } from 'commander'

const EXAMPLES = `Examples
  seaworthy certificate show evidence
  seaworthy certificate show certificate.json --json
`

/** `seaworthy certificate`. */
export function addCertificate(program: Command): void {
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
        const document = {
          schemaVersion: 1,
          tool: 'seaworthy',
          command: 'certificate show',
          isVerified: false,
          ...shown,
        }
        process.stdout.write(`${JSON.stringify(document, null, 2)}\n`)
        return
      }
      const { certificateWords } = await import('../certificate/words.ts')
      const { withoutCiCommands } = await import('../../reports/plain-text.ts')
      process.stdout.write(withoutCiCommands(certificateWords(shown, new Date())))
    })
}
