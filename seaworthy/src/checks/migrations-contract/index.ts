import type { Check } from '../../gate/check.ts'
import { migrationTree } from '../../observers/migration-tree/kind.ts'
import { pending } from '../../observers/pending/kind.ts'
import { loadGrammar } from '../../sql/parse.ts'
import { explanations } from './explanations.ts'
import { judge } from './judge.ts'

export { buildState, judgeWith, type PendingWork } from './judge.ts'

/** Reads what is pending with PostgreSQL's own grammar: a fast first opinion, and a good error message. */
export const migrationsContract: Check = {
  id: 'migrations-contract',
  version: 1,
  question: 'Does any pending statement lose data, break the running version, or block a busy table?',
  needs: [migrationTree, pending],
  uses: [],
  prepare: loadGrammar,
  applicability: (observations) =>
    observations.need(pending).files.length === 0
      ? { applies: false, reason: 'nothing is pending' }
      : { applies: true },
  judge,
  explanations,
}
