import { appendFileSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { history, pendingThree, writeFolder } from './history.ts'
import { alternate, run } from './measure.ts'
import { limitRow, ratioRow, type Row } from './table.ts'
import type { Workspace } from './workspace.ts'

const LONG = 500
const SHORT = 20

const WITHOUT_EFFECTS = ['rehearsal', 'down', 'contract', 'ledger'].flatMap((name) => ['--only', `migrations-${name}`])

/**
 * A later run with an unchanged baseline: the same three pending migrations after a long and after a short history. The
 * whole command, with all checks; an unmeasured run of each side fills the cache. Before each run a comment is added to a
 * pending file, as someone who works on it would change it: what is pending is always new to the cache.
 */
export async function compareSecondRun(workspace: Workspace): Promise<Row[]> {
  const longRun = await laterRun(workspace, LONG)
  const shortRun = await laterRun(workspace, SHORT)
  const { long, short, longFew, shortFew } = await alternate(
    {
      long: async () => await longRun([]),
      short: async () => await shortRun([]),
      longFew: async () => await longRun(WITHOUT_EFFECTS),
      shortFew: async () => await shortRun(WITHOUT_EFFECTS),
    },
    workspace.rounds,
  )
  const theirs = { name: `the same after ${SHORT}`, sample: short }
  const theirsFew = { name: `the same after ${SHORT}`, sample: shortFew }
  return [
    ratioRow(`the same, only the four checks that look at no effects, after ${LONG}`, longFew, theirsFew, 1.3),
    ratioRow(`second run: 3 changed pending after ${LONG} live migrations`, long, theirs, 1.3),
    limitRow(`second run after ${LONG}: the whole command`, long, 1500),
  ]
}

async function laterRun(workspace: Workspace, count: number): Promise<(only: readonly string[]) => Promise<number>> {
  const pending = pendingThree(count)
  const folder = writeFolder(workspace.folder, `second-run-${count}`, [...history(count), ...pending])
  const check = ['check', folder, '--baseline', String(count).padStart(4, '0')]
  await run(workspace.seaworthy(...check))
  const evidence = path.join(workspace.folder, `evidence-${count}`)
  await run(workspace.seaworthy(...check, '--evidence', evidence))
  assertCached(evidence)
  const edited = path.join(folder, pending.at(-1)?.name ?? '')
  return async (only) => {
    appendFileSync(edited, '-- Reviewed once more.\n')
    return (await run(workspace.seaworthy(...check, ...only))).wallMs
  }
}

function assertCached(evidence: string): void {
  const file = path.join(evidence, 'observations/1/rehearsal.json')
  const seen: { data?: { isBaselineCached?: boolean } } = JSON.parse(readFileSync(file, 'utf8'))
  if (seen.data?.isBaselineCached !== true) throw new Error('the second run did not find the baseline in the cache')
}
