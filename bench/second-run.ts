import { mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { history, pendingThree, writeFolder } from './history.ts'
import { alternate, run } from './measure.ts'
import { limitRow, ratioRow, type Row } from './table.ts'
import type { Workspace } from './workspace.ts'

const LONG = 500
const SHORT = 20

/**
 * A second run with an unchanged baseline: the same three pending migrations after a long and after a short history. The
 * whole command, with all checks; the unmeasured first run of each side fills the cache.
 */
export async function compareSecondRun(workspace: Workspace): Promise<Row[]> {
  const longRun = await secondRun(workspace, LONG)
  const shortRun = await secondRun(workspace, SHORT)
  const { long, short } = await alternate({ long: longRun, short: shortRun }, workspace.rounds)
  const theirs = { name: `the same after ${SHORT}`, sample: short }
  return [
    ratioRow(`second run: 3 pending after ${LONG} live migrations`, long, theirs, 1.3),
    limitRow(`second run after ${LONG}: the whole command`, long, 1500),
  ]
}

async function secondRun(workspace: Workspace, count: number): Promise<() => Promise<number>> {
  const files = [...history(count), ...pendingThree(count)]
  const folder = writeFolder(workspace.folder, `second-run-${count}`, files)
  const check = ['check', folder, '--baseline', String(count).padStart(4, '0')]
  await run(workspace.seaworthy(...check))
  const evidence = path.join(workspace.folder, `evidence-${count}`)
  mkdirSync(evidence)
  await run(workspace.seaworthy(...check, '--evidence', evidence))
  assertCached(evidence)
  const command = workspace.seaworthy(...check)
  return async () => (await run(command)).wallMs
}

function assertCached(evidence: string): void {
  const file = path.join(evidence, 'observations/1/rehearsal.json')
  const seen: { data?: { isBaselineCached?: boolean } } = JSON.parse(readFileSync(file, 'utf8'))
  if (seen.data?.isBaselineCached !== true) throw new Error('the second run did not find the baseline in the cache')
}
