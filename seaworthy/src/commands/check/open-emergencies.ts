import { lstatSync } from 'node:fs'
import type { Emergency } from '../../gate/chain.ts'
import { reasonOf, SeaworthyError } from '../../gate/error.ts'
import type { ReportEmergency, RunReport } from '../../reports/run-report.ts'

type Told = Pick<RunReport, 'emergencies' | 'emergenciesUnread'>

/** An emergency of our ledger, as reports have it. */
export const reportEmergency = ({ entry, action, candidate, reason }: Emergency): ReportEmergency => ({
  seq: entry.seq,
  at: entry.at,
  by: entry.actor.user,
  action,
  candidate,
  reason,
})

/**
 * The emergencies of the ledger at a place that no passing certificate has closed. Where there is no ledger nothing is
 * loaded and nothing is said; where it cannot be read, that is said, and is not the same as none.
 */
export async function emergenciesAt(file: string | undefined): Promise<Told> {
  if (file === undefined) return {}
  try {
    if (lstatSync(file, { throwIfNoEntry: false }) === undefined) return {}
    const { openState } = await import('../../state/store.ts')
    const store = await openState(file, { isCreating: false })
    if (store === null) return {}
    try {
      const { openEmergenciesOf } = await import('../../state/emergencies.ts')
      return { emergencies: (await openEmergenciesOf(store)).map(reportEmergency) }
    } finally {
      await store.close()
    }
  } catch (error) {
    const isFile = error instanceof Error && 'code' in error && 'syscall' in error
    if (!isFile && !(error instanceof SeaworthyError)) throw error
    return { emergenciesUnread: reasonOf(error) }
  }
}
