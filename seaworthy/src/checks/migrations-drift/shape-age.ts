import type { Observations } from '../../gate/observation.ts'
import { migrationTree } from '../../observers/migration-tree/kind.ts'
import { pending } from '../../observers/pending/kind.ts'
import type { Shape } from '../../observers/shape/kind.ts'

/** A shape that was captured before production had all that is taken as live. */
export interface OlderShape {
  readonly capturedAt: string
  /** The versions that are live and that the ledger in the shape does not have, in the order of the folder. */
  readonly versions: readonly string[]
  /** Whether production's own ledger says that they are live; else git, or what was asked for, does. */
  readonly isByLedger: boolean
}

/**
 * Whether the shape is older than what is taken as live, by the ledger that was captured with it. Null where it is not, and
 * where the shape holds no ledger by which to tell.
 */
export function olderShape(observations: Observations, { ledger, capturedAt }: Shape): OlderShape | null {
  if (ledger === null || ledger.rows === null) return null
  const tree = observations.need(migrationTree)
  const { files, basis } = observations.need(pending)
  const isPending = new Set(files)
  const applied = new Set(ledger.rows.map(({ key }) => key))
  // One row has the newest version, and all up to it are applied. One that the folder does not know tells nothing.
  const newest = tree.migrations.findLastIndex(({ ledgerKey }) => applied.has(ledgerKey))
  if (ledger.style === 'high-water' && ledger.rows.length > 0 && newest === -1) return null
  const versions = tree.migrations
    .filter(({ ledgerKey }, index) => (ledger.style === 'high-water' ? index > newest : !applied.has(ledgerKey)))
    .filter(({ up }) => !isPending.has(up.file))
    .map(({ version }) => version)
  return versions.length === 0 ? null : { capturedAt, versions, isByLedger: basis === 'ledger' }
}
