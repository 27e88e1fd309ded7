import type { Check } from '../../gate/check.ts'
import { loadGrammar } from '../../sql/parse.ts'
import { explanations } from './explanations.ts'
import { judge, liveState } from './judge.ts'
import { memo } from './memo.ts'

export { buildState, judgeWith, type PendingWork } from './judge.ts'

/** Reads what is pending with PostgreSQL's own grammar: a fast first opinion, and a good error message. */
export const migrationsContract: Check = {
  id: memo.id,
  version: memo.version,
  question: memo.question,
  needs: memo.needs,
  uses: memo.uses,
  prepare: loadGrammar,
  ...(memo.applicability === undefined ? {} : { applicability: memo.applicability }),
  judge,
  prior: liveState,
  explanations,
}
