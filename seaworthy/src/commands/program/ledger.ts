import { type Command, InvalidArgumentError, Option } from 'commander'
import { ENTRY_KINDS, type EntryKind, isEntryKind } from '../../gate/chain/chain.ts'
import type { ExitCode } from '../../gate/error.ts'
import { EXIT_CODES, LEDGER_EXAMPLES, LEDGER_FLAGS } from './help.ts'
import { parseSince, parseUntil } from '../ledger/time.ts'
import type { ListFlags } from '../ledger/ledger.ts'
import type { CloseFlags } from '../ledger/close.ts'
import type { PlaceFlags } from '../ledger/place.ts'
import type { VerifyFlags } from '../ledger/verify.ts'

interface LedgerContext {
  readonly signal: AbortSignal
  readonly version: string
  /** Takes what a command returned. */
  readonly end: (exitCode: ExitCode) => void
}

/** Adds `ledger` with its subcommands; without one it lists. */
export function addLedger(program: Command, context: LedgerContext): void {
  const ledger = program
    .command('ledger')
    .summary('read, verify, back up the record of what was judged and admitted')
    .description('An append-only record in which each row is bound to the one before by its digest.')
    .addHelpText('before', LEDGER_EXAMPLES)
    .addHelpText('after', LEDGER_FLAGS + EXIT_CODES)
  addList(ledger, context, () => program.opts<{ color: boolean }>().color)
  addInit(ledger, context)
  addVerify(ledger, context)
  addCopies(ledger, context)
  addClose(ledger, context)
}

function addInit(ledger: Command, { signal, end }: LedgerContext): void {
  subcommand(ledger, 'init')
    .summary('begin a ledger; from then on commands enter what they did')
    .action(async (flags: PlaceFlags) => {
      const { runLedgerInit } = await import('../ledger/init.ts')
      end(await runLedgerInit(flags, signal))
    })
}

/** A subcommand with the flags that say where the ledger lies. */
const subcommand = (ledger: Command, name: string): Command =>
  ledger
    .command(name, name === 'list' ? { isDefault: true } : {})
    .option('--state <file>', 'the ledger (or SEAWORTHY_STATE, or state in the configuration)')
    .option('--config <file>', 'the configuration, instead of the seaworthy.config.ts that is found')

function addList(ledger: Command, { version, signal, end }: LedgerContext, isColorWanted: () => boolean): void {
  subcommand(ledger, 'list')
    .summary('the newest entries (what ledger alone does)')
    .addOption(new Option('--kind <kind>', `only these (repeatable): ${ENTRY_KINDS.join(', ')}`).argParser(collectKind))
    .option('--since <time>', 'from this day or moment on (UTC)', parseSince)
    .option('--until <time>', 'up to this day or moment', parseUntil)
    .option('--candidate <digest>', 'of this candidate: a commit or a digest, or its beginning')
    .option('--limit <number>', 'so many at most (default 50)', parseLimit)
    .option('--json', 'print one JSON document')
    .action(async (flags: ListFlags) => {
      const { runLedger } = await import('../ledger/ledger.ts')
      const isPlain = (process.env['NO_COLOR'] ?? '') !== '' || !process.stdout.isTTY
      end(await runLedger(flags, { version, signal, color: isColorWanted() && !isPlain }))
    })
}

function addVerify(ledger: Command, { version, signal, end }: LedgerContext): void {
  subcommand(ledger, 'verify')
    .summary('read the whole chain and name every row that was changed, removed, moved or cut off')
    .option('--export <file>', 'verify an exported file instead')
    .option(
      '--certificate <place>',
      'the chain must contain the row that this (or that of this bundle) countersigns (repeatable)',
      collect,
    )
    .option('--key <file>', 'the public key that the certificates must have been signed with')
    .option('--json', 'print one JSON document')
    .action(async (flags: VerifyFlags) => {
      const { runLedgerVerify } = await import('../ledger/verify.ts')
      end(await runLedgerVerify(flags, { version, signal }))
    })
}

function addCopies(ledger: Command, { version, signal, end }: LedgerContext): void {
  subcommand(ledger, 'export')
    .summary('write whole entries as JSON lines, oldest first')
    .argument('[file]', 'a new file; stdout by default')
    .action(async (file: string | undefined, flags: PlaceFlags) => {
      const { runLedgerExport } = await import('../ledger/copy.ts')
      end(await runLedgerExport(file, flags, signal))
    })
  subcommand(ledger, 'backup')
    .summary('copy the ledger while others write to it, and verify the copy')
    .argument('<file>', 'a new file')
    .option('--json', 'print one JSON document')
    .action(async (file: string, flags: PlaceFlags & { json?: boolean }) => {
      const { runLedgerBackup } = await import('../ledger/copy.ts')
      end(await runLedgerBackup(file, flags, { version, signal }))
    })
  subcommand(ledger, 'restore')
    .summary('verify a backup and put it in the place of the ledger, which is kept beside it')
    .argument('<file>', 'what ledger backup wrote')
    .option('--replace', 'also if the ledger that is there has entries that the backup lacks, or is damaged')
    .option('--json', 'print one JSON document')
    .action(async (file: string, flags: PlaceFlags & { replace?: boolean; json?: boolean }) => {
      const { runLedgerRestore } = await import('../ledger/restore.ts')
      end(await runLedgerRestore(file, flags, { version, signal }))
    })
}

function addClose(ledger: Command, { version, signal, end }: LedgerContext): void {
  subcommand(ledger, 'close')
    .summary('close an emergency by hand, and say why')
    .argument('<number>', 'its number in the ledger', parseSeq)
    .requiredOption('--reason <reason>', 'what became of it, in ten characters at least')
    .option('--json', 'print one JSON document')
    .action(async (seq: number, flags: CloseFlags) => {
      const { runLedgerClose } = await import('../ledger/close.ts')
      end(await runLedgerClose(seq, flags, { version, signal }))
    })
}

function parseSeq(value: string): number {
  const seq = /^#?[0-9]+$/.test(value) ? Number(value.replace('#', '')) : 0
  if (Number.isSafeInteger(seq) && seq >= 1) return seq
  throw new InvalidArgumentError('a number, such as 3')
}

const collect = (value: string, list: string[] = []): string[] => [...list, value]

function collectKind(value: string, list: EntryKind[] = []): EntryKind[] {
  if (isEntryKind(value)) return [...list, value]
  throw new InvalidArgumentError(`one of ${ENTRY_KINDS.join(', ')}`)
}

const MOST_LISTED = 100_000

function parseLimit(value: string): number {
  const limit = Number(value)
  if (Number.isInteger(limit) && limit >= 1 && limit <= MOST_LISTED) return limit
  throw new InvalidArgumentError(`a number from 1 to ${MOST_LISTED}`)
}
