import { type Finding, cannotProve, refuse, warn } from '../../gate/finding.ts'
import type { Ledger } from '../../observers/ledger/kind.ts'
import type { MigrationTree } from '../../observers/migration-tree/kind.ts'
import type { ChangedBaselineFile, Pending } from '../../observers/pending/kind.ts'
import { labelOf, listed, topOf } from './folder.ts'
import type { ToolFacts } from './tools.ts'

/**
 * What the candidate did to files that are live. A file that now is what the ledger's checksum says was mended, not
 * damaged; one of which the ledger says the same harm is left to it.
 */
export function changedBaseline(
  tree: MigrationTree,
  pending: Pending,
  ledger: Ledger | undefined,
  facts: ToolFacts,
): Finding[] {
  const removed = pending.changedBaseline.filter((one) => one.change === 'removed')
  const others = pending.changedBaseline.filter(
    (one) => one.change !== 'removed' && !hasChecksum(tree, ledger, one.file),
  )
  const since = pending.baseCommit === null ? '' : ` since ${pending.baseCommit.slice(0, 7)}`
  return [...others.map((one) => changed(one, since, facts)), ...gone(removed, since, facts)]
}

/**
 * Live files that nobody compared with anything: git is there and could not say what they were, and no ledger row has a
 * checksum for them.
 */
export function withoutBase(tree: MigrationTree, pending: Pending, ledger: Ledger | undefined): Finding[] {
  const problem = pending.baseProblem ?? null
  if (problem === null) return []
  const isPending = new Set(pending.files)
  const live = tree.migrations.filter((one) => !isPending.has(one.up.file))
  const unknown = live.filter((one) => !hasChecksum(tree, ledger, one.up.file)).map((one) => labelOf(one.up.file))
  if (unknown.length === 0) return []
  return [
    cannotProve({
      code: 'unproven/base-not-known',
      message: `whether ${listed(unknown)}, taken as live, ${unknown.length === 1 ? 'was' : 'were'} edited is not known: ${problem}`,
      subject: 'the baseline',
      hint: 'Fetch the history: git fetch --unshallow origin; in a CI checkout, fetch-depth: 0 (GIT_DEPTH: 0 on GitLab). A ledger with checksums shows edits as well.',
    }),
  ]
}

/** Files that are taken as live because a baseline says so, and that git has only known since the base. */
export function newInBaseline(tree: MigrationTree, pending: Pending, ledger: Ledger | undefined): Finding[] {
  if (pending.basis !== 'baseline' || ledger !== undefined) return []
  const isPending = new Set(pending.files)
  const isNew = new Set(pending.newSinceBase)
  const labels = tree.migrations
    .map((one) => one.up.file)
    .filter((file) => isNew.has(file) && !isPending.has(file))
    .map(labelOf)
  if (labels.length === 0) return []
  const [is, they] = labels.length === 1 ? ['is', 'it was'] : ['are', 'they were']
  const since = pending.baseCommit === null ? '' : ` since ${pending.baseCommit.slice(0, 7)}`
  return [
    warn({
      code: 'ledger/baseline-is-new',
      message: `${listed(labels)} ${is} new${since} and taken as live because the baseline says so: ${they} not judged`,
      subject: 'the baseline',
      hint: 'If production has not applied them, name an earlier baseline. --ledger or --ledger-url asks production instead of taking a name for it.',
    }),
  ]
}

function hasChecksum(tree: MigrationTree, ledger: Ledger | undefined, file: string): boolean {
  const own = tree.migrations.find((one) => one.up.file === file)
  if (own === undefined || own.checksum === null) return false
  return ledger?.rows.some((row) => row.key === own.ledgerKey && row.checksum !== null) === true
}

function changed(one: ChangedBaselineFile, since: string, facts: ToolFacts): Finding {
  const label = labelOf(one.file)
  const subject = one.version === null ? one.file : `migration ${one.version}`
  if (one.change === 'renamed') {
    return warn({
      code: 'ledger/baseline-renamed',
      message: `${label}, which is live, has another name${since}; its content and slot are the same${facts.comparesNames ? ', but a runner that compares names stops' : ''}`,
      subject,
      hint: 'Leave the name of a live migration as it was applied.',
    })
  }
  if (one.change === 'line-endings') {
    const input = {
      code: 'ledger/baseline-line-endings',
      message: `${label}, which is live, has other line endings${since}${facts.refusesLineEndings ? `; ${facts.edited}` : ''}`,
      where: topOf(one.file),
      subject,
      hint: 'Put the line endings back, and hold them with *.sql text eol=lf in .gitattributes.',
    }
    return facts.refusesLineEndings ? refuse(input) : warn(input)
  }
  return refuse({
    code: 'ledger/baseline-edited',
    message: `${label}, which is live, was edited${since}; ${facts.edited}`,
    where: topOf(one.file),
    subject,
    hint: 'Restore the file, and make the change in a new migration.',
  })
}

function gone(removed: readonly ChangedBaselineFile[], since: string, facts: ToolFacts): Finding[] {
  const describe = (what: string, subject: string): Finding =>
    refuse({
      code: 'ledger/baseline-removed',
      message: `${what} removed${since}; ${facts.missing}`,
      subject,
      hint: 'Restore it: the folder must hold everything that is live. A squashed history needs a ledger that was squashed with it.',
    })
  if (removed.length > 5) {
    const names = listed(removed.map((one) => labelOf(one.file)))
    return [describe(`${removed.length} live migrations were (${names})`, 'the baseline')]
  }
  return removed.map((one) =>
    describe(`${labelOf(one.file)}, which is live, was`, one.version === null ? one.file : `migration ${one.version}`),
  )
}
