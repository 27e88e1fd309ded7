import type { Check } from '../../gate/check.ts'
import { branches } from '../../observers/branches/kind.ts'
import { ledger } from '../../observers/ledger/kind.ts'
import { migrationTree } from '../../observers/migration-tree/kind.ts'
import { pending } from '../../observers/pending/kind.ts'
import { claims } from './claims.ts'
import { explanations } from './explanations.ts'
import { judge } from './judge.ts'
import { preconditions } from './preconditions.ts'

/** Do the folder, production's ledger and the other branches agree on what each version is? */
export const migrationsLedger: Check = {
  id: 'migrations-ledger',
  version: 1,
  question: "Do the migration folder, production's ledger and other branches agree on what each version is?",
  needs: [migrationTree, pending],
  uses: [ledger, branches],
  judge,
  canAnswerForOthers: false,
  explanations,
  claims,
  preconditions,
}
