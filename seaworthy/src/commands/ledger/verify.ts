import type { Head } from '../../gate/chain/chain.ts'
import { type ChainReport, MOST_BREAKS } from '../../gate/chain/reader.ts'
import { EXIT, type ExitCode, SeaworthyError } from '../../gate/error.ts'
import { plainLine, withoutCiCommands } from '../../reports/plain-text.ts'
import { count } from '../../reports/wording.ts'
import { documentText } from './document.ts'
import { ledgerPlace, noLedger, type PlaceFlags } from './place.ts'

/** The flags of `ledger verify`. */
export interface VerifyFlags extends PlaceFlags {
  /** An exported file to be verified in place of the ledger. */
  readonly export?: string
  readonly certificate?: string[]
  /** The public key that the certificates must have been signed with. */
  readonly key?: string
  readonly json?: boolean
}

/** What a certificate says of the ledger. */
export interface Countersigned {
  readonly certificate: string
  readonly head: Head | null
}

/** Verifies the chain, for a person or a machine. Returns the exit code. */
export async function runLedgerVerify(
  flags: VerifyFlags,
  { version, signal }: { readonly version: string; readonly signal: AbortSignal },
): Promise<ExitCode> {
  const certificates = await countersigned(flags)
  const heads = certificates.flatMap(({ head }) => head ?? [])
  const { file, report } = await verified(flags, heads, signal)
  const exitCode = exitOf(report)
  process.stdout.write(
    flags.json === true
      ? documentText(
          { version, command: 'ledger verify', exitCode },
          { verdict: verdictOf(report), file, ...report, certificates },
        )
      : verifyText(report, file, certificates),
  )
  return exitCode
}

async function verified(
  flags: VerifyFlags,
  heads: readonly Head[],
  signal: AbortSignal,
): Promise<{ file: string; report: ChainReport }> {
  if (flags.export !== undefined) {
    const { verifyExport } = await import('../../state/export.ts')
    return { file: flags.export, report: await verifyExport(flags.export, heads, signal) }
  }
  const place = await ledgerPlace(flags, { cwd: process.cwd(), env: process.env })
  const { verifyState } = await import('../../state/store.ts')
  const report = await verifyState(place.file, heads, signal)
  if (report === null) throw noLedger(place, 'state')
  return { file: place.file, report }
}

/** A head counts only by the signature over it, so the key has to come from whoever verifies. */
async function countersigned({ certificate: files = [], key }: VerifyFlags): Promise<Countersigned[]> {
  if (files.length === 0) return []
  if (key === undefined) {
    throw new SeaworthyError('usage', '--certificate needs --key: what is not signed countersigns nothing', {
      hint: 'Give the public key that belongs to the certificates: --key seaworthy.pub',
    })
  }
  const [{ readPublicKey }, { countersignedHead }] = await Promise.all([
    import('../../signing/key-file.ts'),
    import('./heads.ts'),
  ])
  const publicKey = await readPublicKey(key)
  const found: Countersigned[] = []
  for (const certificate of files) found.push({ certificate, head: await countersignedHead(certificate, publicKey) })
  if (found.some(({ head }) => head !== null)) return found
  throw new SeaworthyError('state', 'none of the certificates countersigns a row of a ledger', {
    hint: 'Give one that was made while there was a ledger, or leave --certificate out.',
  })
}

/** A ledger without rows, of which nothing was countersigned, proves nothing. */
function exitOf({ isWhole, rows }: ChainReport): ExitCode {
  if (!isWhole) return EXIT.fail
  return rows === 0 ? EXIT.nothing : EXIT.pass
}

/** As the exit code: an empty ledger proves nothing. */
const verdictOf = (report: ChainReport): 'pass' | 'fail' | 'unproven' => {
  const exitCode = exitOf(report)
  return exitCode === EXIT.fail ? 'fail' : exitCode === EXIT.pass ? 'pass' : 'unproven'
}

/** What was found, for a person. */
export function verifyText(report: ChainReport, file: string, certificates: readonly Countersigned[]): string {
  const { breaks, breakCount, rows, head } = report
  const lines = [
    `${count(rows, 'row')} in ${plainLine(file)}${head === null ? '' : `; the last one is ${head.seq}, ${head.digest}`}`,
    ...certificates.map((one) => `  ${certificateLine(one)}`),
    ...breaks.map(({ kind, message }) => `  ${kind.padEnd(WIDEST_KIND)}  ${message}`),
    ...(breakCount > breaks.length ? [`  and ${breakCount - breaks.length} more; ${MOST_BREAKS} are shown`] : []),
    conclusion(report, certificates),
  ]
  return `${withoutCiCommands(lines.join('\n'))}\n`
}

const WIDEST_KIND = 'not-countersigned'.length

const certificateLine = ({ certificate, head }: Countersigned): string =>
  `${plainLine(certificate)} countersigns ${head === null ? 'no row' : `row ${head.seq}`}`

function conclusion(report: ChainReport, certificates: readonly Countersigned[]): string {
  const exitCode = exitOf(report)
  if (exitCode === EXIT.fail)
    return `FAIL  exit ${exitCode}: the chain is broken, in ${count(report.breakCount, 'place')}`
  if (exitCode === EXIT.nothing) return `NOTHING  exit ${exitCode}: the ledger is empty`
  const alone = 'the chain holds; that its end is not cut off, only a certificate can say (--certificate)'
  return `PASS  exit ${exitCode}: ${certificates.length === 0 ? alone : 'the chain holds, with all that was countersigned'}`
}
