import type { Explanation } from '../../gate/finding.ts'
import { explanations as contract } from '../migrations-contract/explanations.ts'
import { compatOfOthers } from './explained/compat-of-others.ts'
import { compatOfRelations } from './explained/compat-of-relations.ts'
import { locks } from './explained/locks.ts'
import { probed } from './explained/probes.ts'
import { protection } from './explained/protection.ts'
import { rest } from './explained/rest.ts'
import { ofRows } from './explained/rows.ts'

/** Harms that a static reading knows as well, by the name after the family. */
const SHARED: Readonly<Record<string, string>> = {
  apply: 'transaction-control',
  compat:
    'add-required-column create-rule disable-trigger drop-constraint drop-default drop-function drop-identity drop-index drop-object drop-trigger drop-type drop-unique drop-view enable-row-security overload-function rename-column rename-constraint rename-enum-value rename-function rename-schema rename-sequence rename-table rename-type rename-view replace-function replace-view restart-sequence set-schema',
  'data-loss':
    'delete-all drop-column drop-extension drop-materialized-view drop-schema drop-sequence drop-table merge-delete migration-ledger narrow-column-type truncate update-all upsert',
  lock: 'add-check backfill add-column-rewrite add-foreign-key add-unique attach-partition change-column-type cluster create-index detach-partition drop-index lock-table refresh-view reindex set-not-null set-tablespace vacuum-full validate-in-same-transaction',
  ownership: 'change-owner default-privileges',
  parse: 'standard-conforming-strings',
  security:
    'alter-role alter-server create-privileged-role definer-without-search-path disable-row-security drop-policy grant-to-public revoke session-replication-role set-role',
}

const isShared = ({ code }: Explanation): boolean => {
  const [family = '', name = ''] = code.split('/')
  return SHARED[family]?.split(' ').includes(name) === true
}

/** Every code that this check can return, with its text; the same text for the same harm. */
export const explanations: readonly Explanation[] = [
  ...contract.filter(isShared),
  ...compatOfRelations,
  ...compatOfOthers,
  ...locks,
  ...probed,
  ...protection,
  ...rest,
  ...ofRows,
]
