import type { Applicability, Check, JudgeContext } from '../../gate/check.ts'
import type { Observations } from '../../gate/observation.ts'
import { migrationTree } from '../../observers/migration-tree/kind.ts'
import { pending } from '../../observers/pending/kind.ts'
import { repeat } from '../../observers/repeat/kind.ts'
import { loadGrammar } from '../../sql/parse.ts'
import { explanations } from './explanations.ts'
import { judge } from './judge.ts'
import { pendingOf, pointsOf } from './points.ts'

/** Can the tool be started again? */
export const migrationsRepeat: Check = {
  id: 'migrations-repeat',
  version: 1,
  question: 'Can the tool be started again, after everything is applied and from where a migration stopped half-way?',
  needs: [migrationTree, pending, repeat],
  uses: [],
  prepare: loadGrammar,
  applicability,
  judge,
  canAnswerForOthers: false,
  explanations,
}

function applicability(observations: Observations, { settings }: JudgeContext): Applicability {
  const isNothingPending = observations.maybe(pending)?.files.length === 0
  if (isNothingPending) return { applies: false, reason: 'nothing is pending, so there is nothing to start again' }
  const tree = observations.maybe(migrationTree)
  const migrations = pendingOf(observations)
  if (settings.profile === 'additive' || tree === undefined || migrations === null) return { applies: true }
  const isWhole = migrations.every((migration) => pointsOf(migration, tree).length === 0)
  // Without a profile that promises it, only what can be left half-way has to be begun again.
  return isWhole && observations.maybe(repeat)?.stops.length === 0
    ? { applies: false, reason: 'no pending migration can stop half-way' }
    : { applies: true }
}
