import { differenceOf } from '../../migrations/catalogue-difference.ts'
import type { PlainRun } from './plain-run.ts'
import type { TracedRun } from './traced-run.ts'

/** How many differences are named; one is enough to refuse. */
const MOST_LINES = 20

/**
 * What the faithful and the traced run left differently, one line each, sorted. Any line means that the trace does not
 * speak of what would happen: its instruments interfered, or the migration does another thing each time.
 */
export function compareRuns(
  plain: Pick<PlainRun, 'after' | 'digests'>,
  traced: Pick<TracedRun, 'after' | 'digests'>,
): string[] {
  const { added, removed, changed } = differenceOf(plain.after, traced.after)
  const [plainRows, tracedRows] = [plain, traced].map(
    ({ digests }) => new Map(digests.map((one) => [one.object, one.digest])),
  )
  const tables = [...new Set([...plain.digests, ...traced.digests].map((one) => one.object))]
  const lines = [
    ...added.map((one) => `${one.object} is only there after the traced run`),
    ...removed.map((one) => `${one.object} is only there after the faithful run`),
    ...changed.map((one) => `${one.after.object} is not the same after both runs`),
    ...tables
      .filter((object) => plainRows?.get(object) !== tracedRows?.get(object))
      .map((object) => `the rows of ${object} are not the same after both runs`),
  ]
  return lines.toSorted().slice(0, MOST_LINES)
}
