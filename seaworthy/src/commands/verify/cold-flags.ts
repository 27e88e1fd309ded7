import { SeaworthyError } from '../../gate/error.ts'
import type { VerifyFlags } from './output.ts'

/** The flags of `verify --cold`: where to look again, and where the review goes. */
export interface ColdFlags extends VerifyFlags {
  readonly cold?: boolean
  readonly checkout?: string
  readonly ledgerUrl?: string
  readonly shapeUrl?: string
  readonly ledgerTable?: string
  readonly shape?: string
  readonly workload?: string
  readonly seedSql?: string
  readonly answers?: string
  readonly ledger?: string
  readonly server?: string
  readonly cache?: boolean
  /** The file of the Markdown. */
  readonly report?: string
  readonly review?: string
}

/** Refuses flags that only mean something with --cold: whoever gave them believes that something was looked at. */
export function refuseColdFlags(flags: ColdFlags): void {
  const names = [
    'checkout',
    'ledgerUrl',
    'shapeUrl',
    'ledgerTable',
    'shape',
    'workload',
    'seedSql',
    'answers',
    'ledger',
    'server',
    'report',
    'review',
  ] as const
  const given = names.find((name) => flags[name] !== undefined)
  if (given === undefined) return
  const flag = given.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  throw new SeaworthyError('usage', `--${flag} was given without --cold, and an offline look asks nobody`, {
    hint: 'Add --cold, or leave it out.',
  })
}
