import type { Applicability, Check } from '../../gate/check.ts'
import type { Observations } from '../../gate/observation.ts'
import { effects } from '../../observers/effects/kind.ts'
import { migrationTree } from '../../observers/migration-tree/kind.ts'
import { pending } from '../../observers/pending/kind.ts'
import { shape } from '../../observers/shape/kind.ts'
import { claims } from './claims.ts'
import { explanations } from './explanations.ts'
import { judge } from './judge.ts'
import { preconditions } from './preconditions.ts'

/** Is production what its migrations build? */
export const migrationsDrift: Check = {
  id: 'migrations-drift',
  version: 2,
  question: 'Is production what the migrations build, so that what was rehearsed holds there?',
  needs: [migrationTree, pending],
  uses: [effects, shape],
  applicability,
  judge,
  canAnswerForOthers: false,
  explanations,
  claims,
  preconditions,
}

function applicability(observations: Observations): Applicability {
  return observations.find(shape) === undefined ? { applies: false, reason: 'no shape was given' } : { applies: true }
}
