import type { Applicability, Check, JudgeContext } from '../../gate/check.ts'
import type { Observations } from '../../gate/observation.ts'
import { migrationTree } from '../../observers/migration-tree/kind.ts'
import { pending } from '../../observers/pending/kind.ts'
import { rehearsalDown } from '../../observers/rehearsal-down/kind.ts'
import { explanations } from './explanations.ts'
import { judge } from './judge.ts'

/** Does each down take its up back? */
export const migrationsDown: Check = {
  id: 'migrations-down',
  version: 1,
  question: 'Does each down file take its migration back, such that the migration applies again?',
  needs: [migrationTree, pending, rehearsalDown],
  uses: [],
  applicability,
  judge,
  canAnswerForOthers: false,
  explanations,
}

/** Asked before or after what is needed was found to be there: what is not known is never a reason not to ask. */
function applicability(observations: Observations, { settings }: JudgeContext): Applicability {
  const tree = observations.maybe(migrationTree)
  if (!settings.requireDowns && tree?.migrations.every((migration) => migration.down === null) === true) {
    return { applies: false, reason: 'the folder has no down files, and the policy does not require them' }
  }
  const isNothingPending = observations.maybe(pending)?.files.length === 0
  return isNothingPending && observations.maybe(rehearsalDown)?.extent === 'pending'
    ? { applies: false, reason: 'nothing is pending, so there is nothing to take back' }
    : { applies: true }
}
