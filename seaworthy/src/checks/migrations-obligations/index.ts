import type { Applicability, Check } from '../../gate/check.ts'
import type { Observations } from '../../gate/observation.ts'
import { answers } from '../../observers/answers/kind.ts'
import { effects } from '../../observers/effects/kind.ts'
import { ledger } from '../../observers/ledger/kind.ts'
import { migrationTree } from '../../observers/migration-tree/kind.ts'
import { pending } from '../../observers/pending/kind.ts'
import { shape } from '../../observers/shape/kind.ts'
import { loadGrammar } from '../../sql/parse.ts'
import { claims } from './claims.ts'
import { explanations } from './explanations.ts'
import { judge } from './judge.ts'

/** Do the rows that production has meet what the release asks of them? */
export const migrationsObligations: Check = {
  id: 'migrations-obligations',
  version: 2,
  question: 'Do the rows that production has meet what the release asks of them?',
  needs: [migrationTree, pending, effects],
  uses: [answers, shape, ledger],
  prepare: loadGrammar,
  applicability,
  judge,
  canAnswerForOthers: false,
  explanations,
  claims,
}

function applicability(observations: Observations): Applicability {
  return observations.maybe(pending)?.files.length === 0
    ? { applies: false, reason: 'nothing is pending, so nothing is asked of production' }
    : { applies: true }
}
