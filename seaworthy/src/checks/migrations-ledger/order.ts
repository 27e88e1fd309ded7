import { type Finding, refuse, warn } from '../../gate/finding.ts'
import type { Ledger } from '../../observers/ledger/kind.ts'
import type { Migration, MigrationTree } from '../../observers/migration-tree/kind.ts'
import type { Pending } from '../../observers/pending/kind.ts'
import { appliedFiles } from './applied.ts'
import { labelOf, topOf } from './folder.ts'
import type { ToolFacts } from './tools.ts'

/** Pending migrations that stand before one that is live: some tools never apply them, some apply them late. */
export function olderThanLive(
  tree: MigrationTree,
  pending: Pending,
  ledger: Ledger | undefined,
  facts: ToolFacts,
): Finding[] {
  const late = lateOnes(tree, pending, ledger)
  if (late.length === 0) return []
  // Without a ledger nobody said that the newer one is applied: it is worth a word only where the file would be lost.
  if (ledger === undefined && facts.older === 'applied') return []
  return late.map(({ migration, newer }) => {
    const input = {
      code: 'ledger/pending-older-than-applied',
      message: `${labelOf(migration.up.file)} is pending and older than ${labelOf(newer)}, which is live; ${WORDS[facts.older](facts.title)}`,
      where: topOf(migration.up.file),
      subject: `migration ${migration.version}`,
      hint:
        facts.older === 'applied'
          ? 'A new environment applies the two the other way round: if they touch the same things, give it a newer version.'
          : 'Give it a version newer than everything that is live (seaworthy reserve NAME makes the files).',
    }
    return facts.older === 'skipped' ? refuse(input) : warn(input)
  })
}

const WORDS: Record<ToolFacts['older'], (title: string) => string> = {
  skipped: (title) => `${title} skips it without a word, and it is never applied`,
  applied: (title) => `${title} applies it after the newer one`,
  unknown: () => 'whether the runner applies it late or never is its own affair',
}

interface Late {
  readonly migration: Migration
  /** The file of a newer one that is live. */
  readonly newer: string
}

function lateOnes(tree: MigrationTree, pending: Pending, ledger: Ledger | undefined): Late[] {
  const isNew = new Set(pending.newSinceBase)
  const isPending = new Set(pending.files)
  const applied = ledger === undefined ? null : appliedFiles(tree, ledger)
  // One row says only how far the ledger has come. What is below it and new for git came too late.
  const isHighWater = ledger?.style === 'high-water'
  const isLive = (file: string): boolean =>
    isHighWater
      ? applied?.has(file) === true && !isNew.has(file)
      : applied === null
        ? !isPending.has(file)
        : applied.has(file)
  const isWaiting = (file: string): boolean =>
    isHighWater ? isNew.has(file) : isPending.has(file) && applied?.has(file) !== true
  const places = new Map(tree.migrations.map((one, index) => [one, index]))
  const order = (one: Migration): number => places.get(one) ?? -1
  // Two in one slot are a duplicate, which is said elsewhere.
  const isBefore = (a: Migration, b: Migration): boolean =>
    a.ledgerKey !== b.ledgerKey && (tree.format === 'drizzle' ? isEarlier(a, b) : order(a) < order(b))
  const live = tree.migrations.filter((one) => isLive(one.up.file))
  const newest = live.reduce<Migration | null>((top, one) => (top === null || isBefore(top, one) ? one : top), null)
  if (newest === null) return []
  return tree.migrations
    .filter((one) => isWaiting(one.up.file) && isBefore(one, newest))
    .map((migration) => ({ migration, newer: newest.up.file }))
}

/** drizzle goes by the times of its journal. */
const isEarlier = (a: Migration, b: Migration): boolean => BigInt(a.ledgerKey) < BigInt(b.ledgerKey)
