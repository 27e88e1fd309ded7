import { type Finding, cannotProve } from '../../gate/finding.ts'
import type { Ledger } from '../../observers/ledger/kind.ts'
import type { MigrationTree } from '../../observers/migration-tree/kind.ts'
import type { Compared } from './applied.ts'
import { labelOf, listed, topOf } from './folder.ts'

/**
 * Where the ledger is what says what is pending, it is asked again: the two observations have to agree, and a ledger
 * without a row is not believed where git knows files that were there before this candidate.
 */
export function disagreeing({ tree, ledger, pending }: Compared): Finding[] {
  if (pending.basis !== 'ledger') return []
  const expected = notApplied(tree, ledger)
  const claimed = new Set(pending.files)
  const differ = tree.migrations.map((one) => one.up.file).filter((file) => expected.has(file) !== claimed.has(file))
  const findings: Finding[] = []
  if (differ.length > 0) {
    findings.push(
      cannotProve({
        code: 'unproven/ledger-and-pending-disagree',
        message: `what was judged as pending is not what the ledger lacks: ${listed(differ.map(labelOf))}`,
        where: topOf(differ[0] ?? ''),
        subject: 'what is pending',
        hint: 'The ledger or the folder changed while it was looked at: run the check again.',
      }),
    )
  }
  const isNew = new Set(pending.newSinceBase)
  const before = tree.migrations.filter((one) => !isNew.has(one.up.file))
  if (ledger.rows.length === 0 && (pending.newSinceBase ?? null) !== null && before.length > 0) {
    findings.push(
      cannotProve({
        code: 'unproven/ledger-empty',
        message: `the ledger has no row, and ${listed(before.map((one) => labelOf(one.up.file)))} ${before.length === 1 ? 'was' : 'were'} in the folder before this candidate`,
        subject: 'the ledger',
        hint: 'Export the ledger of production, and not that of a new database. If nothing is live yet, judge everything with --all and without a ledger.',
      }),
    )
  }
  return findings
}

/** Up files that the ledger does not count as applied. A row that is begun and not finished does not count. */
function notApplied(tree: MigrationTree, ledger: Ledger): ReadonlySet<string> {
  const keys = new Set(ledger.rows.filter((row) => !row.isDirty).map((row) => row.key))
  const newest = ledger.style === 'high-water' ? ledger.rows[0] : undefined
  const isApplied = (key: string): boolean => {
    if (newest === undefined || keys.has(key)) return keys.has(key)
    return isNumber(key) && isNumber(newest.key) && BigInt(key) < BigInt(newest.key)
  }
  return new Set(tree.migrations.filter((one) => !isApplied(one.ledgerKey)).map((one) => one.up.file))
}

const isNumber = (text: string): boolean => /^\d+$/.test(text)
