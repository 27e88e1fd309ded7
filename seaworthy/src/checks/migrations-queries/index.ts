import type { Applicability, Check } from '../../gate/check.ts'
import type { Observations } from '../../gate/observation.ts'
import { migrationTree } from '../../observers/migration-tree/kind.ts'
import { pending } from '../../observers/pending/kind.ts'
import { queries } from '../../observers/queries/kind.ts'
import { loadGrammar } from '../../sql/parse.ts'
import { explanations } from './explanations.ts'
import { judge } from './judge.ts'

/** Does the version that is still running get the same answers? */
export const migrationsQueries: Check = {
  id: 'migrations-queries',
  version: 1,
  question: 'Do the queries of the version that is still running work after the pending migrations as before?',
  needs: [migrationTree, pending, queries],
  uses: [],
  prepare: loadGrammar,
  applicability,
  judge,
  canAnswerForOthers: false,
  explanations,
}

/** A workload file that was given is always judged, whatever came of it, and so are queries that were lost or could not be read. */
function applicability(observations: Observations): Applicability {
  if (observations.maybe(pending)?.files.length === 0) {
    return { applies: false, reason: 'nothing is pending, so the queries meet the schema that they meet today' }
  }
  const seen = observations.maybe(queries)
  const isListed =
    seen?.sources.some(({ kind, isForbidden, queries: given }) => kind === 'workload' || isForbidden || given > 0) ===
    true
  if (seen === undefined || seen.unavailable === null || seen.total > 0 || isListed) return { applies: true }
  return { applies: false, reason: seen.unavailable }
}
