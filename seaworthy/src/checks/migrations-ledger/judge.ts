import { type Finding, cannotProve } from '../../gate/finding.ts'
import type { Observations } from '../../gate/observation.ts'
import type { Judgement } from '../../gate/verdict.ts'
import { type Branches, branches } from '../../observers/branches/kind.ts'
import { type Ledger, ledger } from '../../observers/ledger/kind.ts'
import { type MigrationTree, migrationTree } from '../../observers/migration-tree/kind.ts'
import { type Pending, pending } from '../../observers/pending/kind.ts'
import { disagreeing } from './agreement.ts'
import { type Compared, againstLedger } from './applied.ts'
import { changedBaseline, newInBaseline, withoutBase } from './baseline.ts'
import { duplicates, folderProblems, listed, topOf } from './folder.ts'
import { olderThanLive } from './order.ts'
import { takenSlots } from './slots.ts'
import { toolOf } from './tools.ts'

/** Judges a folder by itself, against what is live, against production's ledger and against other branches. */
export function judge(observations: Observations): Judgement {
  const tree = observations.need(migrationTree)
  const waiting = observations.need(pending)
  const applied = observations.maybe(ledger)
  const others = observations.maybe(branches)
  const facts = toolOf(tree, applied)
  const ofFolder = [...duplicates(tree, facts), ...folderProblems(tree), ...strangers(tree, waiting)]
  const unseen = waiting.basis === 'ledger' && applied === undefined ? [noLedger()] : []
  const ofLedger = applied === undefined ? [] : ledgerFindings({ tree, ledger: applied, pending: waiting, facts })
  const ofOrder = olderThanLive(tree, waiting, applied, facts)
  const ofBaseline = [
    ...changedBaseline(tree, waiting, applied, facts),
    ...withoutBase(tree, waiting, applied),
    ...newInBaseline(tree, waiting, applied),
  ]
  const ofBranches = others === undefined ? [] : takenSlots(tree, waiting, others)
  const proved =
    tree.migrations.length === 0
      ? []
      : [
          ...(areClean(ofFolder) ? [folderClaim(tree)] : []),
          ...(areClean(ofBaseline) && waiting.baseCommit !== null ? [baselineClaim(waiting.baseCommit, waiting)] : []),
          ...(areClean(ofLedger) && applied !== undefined ? [ledgerClaim(applied)] : []),
          ...(areClean(ofBranches) && others !== undefined ? [branchesClaim(others)] : []),
        ]
  return { findings: [...ofFolder, ...unseen, ...ofLedger, ...ofOrder, ...ofBaseline, ...ofBranches], proved }
}

const ledgerFindings = (compared: Compared): Finding[] => [...againstLedger(compared), ...disagreeing(compared)]

const areClean = (findings: readonly Finding[]): boolean => findings.every((finding) => finding.severity !== 'error')

/** Two observations of different folders, or of one folder at different times, prove nothing together. */
function strangers(tree: MigrationTree, waiting: Pending): Finding[] {
  const files = new Set(tree.migrations.map((migration) => migration.up.file))
  const unknown = waiting.files.filter((file) => !files.has(file))
  const [first] = unknown
  if (first === undefined) return []
  return [
    cannotProve({
      code: 'unproven/tree-and-pending-disagree',
      message: `${listed(unknown)} ${unknown.length === 1 ? 'is' : 'are'} pending and not in the folder as it was read`,
      where: topOf(first),
      subject: 'what is pending',
      hint: 'The folder changed while it was looked at: run the check again.',
    }),
  ]
}

/** What is pending was taken from a ledger that is not among the observations: nobody can look at it again. */
const noLedger = (): Finding =>
  cannotProve({
    code: 'unproven/ledger-and-pending-disagree',
    message: 'what is pending was taken from a ledger, and there is no ledger among the observations',
    subject: 'what is pending',
    hint: 'Run the check again, with its ledger.',
  })

function folderClaim(tree: MigrationTree): string {
  const count = tree.migrations.length
  const unique = count === 1 ? 'the one version is unique' : `${count} versions are unique`
  return `${unique}, and every migration file has a name that its tool reads`
}

/** Compared with itself, a candidate shows what is not committed, and nothing of what it brings. */
const baselineClaim = (commit: string, { isBaseCandidate = false }: Pending): string =>
  isBaseCandidate
    ? `no live migration differs from ${commit.slice(0, 7)}, which is the candidate itself: whether one was edited up to there cannot be told`
    : `no live migration was edited or removed since ${commit.slice(0, 7)}`

function ledgerClaim(applied: Ledger): string {
  if (applied.style === 'high-water') {
    const newest = applied.rows[0]
    if (newest === undefined) return "production's ledger is empty: nothing is applied yet"
    return `production's ledger stands at ${newest.key}, which is in the folder and not dirty`
  }
  const withChecksum = applied.rows.filter((row) => row.checksum !== null).length
  const how = withChecksum === 0 ? '' : `, ${withChecksum} of them with the same checksum`
  return `all ${applied.rows.length} migrations of production's ledger are in the folder${how}`
}

const branchesClaim = (others: Branches): string =>
  `no pending version is taken under another name on ${others.branches.length} other branches`
