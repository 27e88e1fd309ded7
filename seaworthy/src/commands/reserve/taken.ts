import { Observations, type Observation } from '../../gate/observation.ts'
import type { MigrationTree } from '../../migrations/model.ts'
import { branches } from '../../observers/branches/kind.ts'
import { ledger } from '../../observers/ledger/kind.ts'

/** The versions that other branches have taken. */
export function takenOnBranches(seen: Observation, warn: (line: string) => void): string[] {
  const data = new Observations([seen]).need(branches)
  if (data.leftOut > 0) warn(`${data.leftOut} branches, the oldest ones, were not looked at.`)
  return data.taken.map((one) => one.version)
}

/** The versions that production has applied. drizzle's ledger holds times and no versions, so it tells none. */
export function takenInLedger(seen: Observation, tree: Pick<MigrationTree, 'format'>): string[] {
  if (tree.format === 'drizzle') return []
  return new Observations([seen]).need(ledger).rows.map((row) => row.key)
}
