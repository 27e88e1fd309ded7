import type { Emergency } from '../gate/chain/emergency.ts'
import { reasonOf, SeaworthyError } from '../gate/error.ts'
import type { Repository } from '../git/repository.ts'
import { reportEmergency } from '../reports/emergencies.ts'
import type { ReportedEmergencies, ReportEmergency } from '../reports/run-report.ts'
import { isLedgerOrLeft } from '../state/names-beside.ts'
import { statePlace } from '../state/place.ts'

/**
 * The emergencies as reports have them, with a mark at those of another project: a ledger may be shared. A commit that cannot be found here is one of
 * them; what git cannot be asked about, and what no commit names, may be of this project.
 */
export async function reportedHere(
  emergencies: readonly Emergency[],
  repository: Trees | null,
): Promise<ReportEmergency[]> {
  const named = [...new Set(emergencies.flatMap(({ candidate }) => (isCommit(candidate) ? [candidate] : [])))]
  const known = await commitsOf(repository, named)
  return emergencies.map((one) => {
    const isElsewhere = known !== null && isCommit(one.candidate) && !known.has(one.candidate)
    return { ...reportEmergency(one), ...(isElsewhere ? { isElsewhere } : {}) }
  })
}

type Trees = Pick<Repository, 'folderIds'>

/** Those of the commits that are here; null where nobody knows. */
async function commitsOf(repository: Trees | null, named: readonly string[]): Promise<ReadonlySet<string> | null> {
  try {
    const trees = await repository?.folderIds(named, '.')
    return trees === undefined ? null : new Set(named.filter((_, index) => (trees[index] ?? null) !== null))
  } catch (error) {
    if (error instanceof SeaworthyError) return null
    throw error
  }
}

const isCommit = (candidate: string | null): candidate is string =>
  candidate !== null && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(candidate)

/** Those of the ledger that a command finds without a configuration: `--state`, `SEAWORTHY_STATE`, or the user's own. */
export const openHere = async (flag: string | undefined, env: NodeJS.ProcessEnv): Promise<ReportedEmergencies> =>
  await emergenciesAt(statePlace({ flag, env, configured: undefined }).file, null)

/**
 * The emergencies of the ledger at a place that nothing has closed. Where there is no ledger nothing is
 * loaded and nothing is said; where it cannot be read, that is said, and is not the same as none.
 */
export async function emergenciesAt(
  file: string | undefined,
  repository: Repository | null,
): Promise<ReportedEmergencies> {
  if (file === undefined) return {}
  try {
    if (!isLedgerOrLeft(file)) return {}
    const { openState } = await import('../state/store.ts')
    const store = await openState(file, { isCreating: false })
    if (store === null) return {}
    try {
      const { openEmergenciesOf } = await import('../state/emergencies.ts')
      return { emergencies: await reportedHere(await openEmergenciesOf(store), repository) }
    } finally {
      await store.close()
    }
  } catch (error) {
    const isFile = error instanceof Error && 'code' in error && 'syscall' in error
    if (!isFile && !(error instanceof SeaworthyError)) throw error
    return { emergenciesUnread: reasonOf(error) }
  }
}
