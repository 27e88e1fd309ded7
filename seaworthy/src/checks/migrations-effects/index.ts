import type { Check } from '../../gate/check.ts'
import { effects } from '../../observers/effects/kind.ts'
import { migrationTree } from '../../observers/migration-tree/kind.ts'
import { pending } from '../../observers/pending/kind.ts'
import { rehearsal } from '../../observers/rehearsal/kind.ts'
import { shape } from '../../observers/shape/kind.ts'
import { loadGrammar } from '../../sql/parse.ts'
import { explanations } from './explanations.ts'
import { judge } from './judge.ts'

/** Judges what the server saw happen, however it was spelled. */
export const migrationsEffects: Check = {
  id: 'migrations-effects',
  version: 1,
  question: 'Does what the pending migrations do leave every row, every right and the running version as they are?',
  needs: [migrationTree, pending, effects],
  uses: [shape, rehearsal],
  prepare: loadGrammar,
  judge,
  explanations,
}
