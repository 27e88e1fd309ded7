import type { Memo } from '../../gate/check.ts'
import { migrationTree } from '../../observers/migration-tree/kind.ts'
import { pending } from '../../observers/pending/kind.ts'

/** Who the check is, and all that its judgement depends on. Loads neither the grammar nor the rules. */
export const memo: Memo = {
  id: 'migrations-contract',
  version: 3,
  question: 'Does any pending statement lose data, break the running version, or block a busy table?',
  needs: [migrationTree, pending],
  uses: [],
  applicability: (observations) =>
    observations.need(pending).files.length === 0
      ? { applies: false, reason: 'nothing is pending' }
      : { applies: true },
  priorIdentity: (observations) => {
    const asPending = new Set(observations.need(pending).files)
    const { migrations, problems, transaction } = observations.need(migrationTree)
    const live = migrations.filter((one) => !asPending.has(one.up.file)).map((one) => one.up)
    return [live, problems.some((one) => one.isOpaque), transaction]
  },
  identity: (observations, { settings }) => [
    observations.need(migrationTree),
    observations.need(pending).files,
    settings,
  ],
}
