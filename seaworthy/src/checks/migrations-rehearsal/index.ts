import type { Check } from '../../gate/check.ts'
import { migrationTree } from '../../observers/migration-tree/kind.ts'
import { pending } from '../../observers/pending/kind.ts'
import { rehearsal } from '../../observers/rehearsal/kind.ts'
import { explanations } from './explanations.ts'
import { judge } from './judge.ts'

/** Does every migration apply, as production would apply it? */
export const migrationsRehearsal: Check = {
  id: 'migrations-rehearsal',
  version: 1,
  question: 'Does every migration apply on a real server, as production would apply it?',
  needs: [migrationTree, pending, rehearsal],
  uses: [],
  judge,
  canAnswerForOthers: false,
  explanations,
}
