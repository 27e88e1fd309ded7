import type { World } from '../../migrations/engine.ts'
import { formatNamed } from '../../migrations/formats.ts'
import type { LedgerRow, LedgerTable, Migration, MigrationTree } from '../../migrations/model.ts'
import type { LedgerReading, Repeating } from '../../migrations/repeating.ts'
import { applied } from '../pending/live.ts'
import { type State, changedObjects, stateOf, tablesWithOtherRows } from './difference.ts'
import type { SecondStart } from './kind.ts'
import { madeAgain } from './made-again.ts'

/** What the tool is started on. */
export interface Started {
  readonly tree: MigrationTree
  readonly pending: readonly Migration[]
  readonly ledger: Pick<LedgerTable, 'style'> | null
}

/**
 * Starts the tool again in a world where everything is applied: it asks its ledger, and applies what is not there. Then
 * what may make tables out of sight is run once more by itself, whatever the ledger holds.
 */
export async function secondStart(world: World, repeating: Repeating, started: Started): Promise<SecondStart> {
  const before = await stateOf(world, repeating)
  const start = await startOf(world, repeating, started, before)
  return { ...start, madeAgain: await madeAgain(repeating, started.pending, before.catalogue) }
}

async function startOf(
  world: World,
  repeating: Repeating,
  started: Started,
  before: State,
): Promise<Omit<SecondStart, 'madeAgain'>> {
  const reading = await repeating.ledger()
  const none = { again: [], failure: null, error: null, changed: [] }
  if (reading?.status === 'unreadable') return { ...none, ledger: 'unreadable', error: reading.error }
  const again = againOf(reading, started)
  const ledger = reading === null ? 'unknown' : reading.status === 'missing' ? 'missing' : 'known'
  // Nothing is sent, so nothing can change.
  if (again.length === 0) return { ...none, ledger }
  const { failure } = await world.apply(again)
  const after = await stateOf(world, repeating)
  const rows = tablesWithOtherRows(before, after).map((object) => `rows of ${object}`)
  return {
    ledger,
    again: again.map((migration) => migration.up.file),
    failure,
    error: null,
    changed: [...changedObjects(before, after), ...rows],
  }
}

/** What is not in the ledger. Without a ledger only what is pending is held against the release. */
function againOf(reading: LedgerReading | null, { tree, pending, ledger }: Started): readonly Migration[] {
  if (reading === null || ledger === null) return pending
  if (reading.status !== 'read') return tree.migrations
  if (tree.format === 'drizzle') return newerThan(reading.rows, tree)
  const { compareVersions } = formatNamed(tree.format)
  const live = applied(tree, compareVersions, { style: ledger.style, rows: reading.rows })
  return tree.migrations.filter((migration) => !live.has(migration.up.file))
}

/** Drizzle only looks at the newest row. */
function newerThan(rows: readonly LedgerRow[], { migrations }: MigrationTree): Migration[] {
  const newest = rows.map((row) => BigInt(row.key)).reduce((a, b) => (a > b ? a : b), -1n)
  return migrations.filter((migration) => BigInt(migration.ledgerKey) > newest)
}
