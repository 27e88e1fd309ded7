import { type Finding, refuse, warn } from '../../gate/finding.ts'
import type { Branches, TakenVersion } from '../../observers/branches/kind.ts'
import type { Migration, MigrationTree } from '../../observers/migration-tree/kind.ts'
import type { Pending } from '../../observers/pending/kind.ts'
import { labelOf, listed, topOf } from './folder.ts'

/** Versions of pending migrations that another branch has taken under another name. Whoever is merged second collides. */
export function takenSlots(tree: MigrationTree, pending: Pending, branches: Branches): Finding[] {
  const isPending = new Set(pending.files)
  // Prisma knows a migration by its whole folder name, so two of one time stamp do not collide.
  const candidates = tree.format === 'prisma' ? [] : tree.migrations.filter((one) => isPending.has(one.up.file))
  const bySlot = new Map<string, TakenVersion[]>()
  for (const one of branches.taken) bySlot.set(slotOf(one.version), [...(bySlot.get(slotOf(one.version)) ?? []), one])
  const findings = candidates.flatMap((migration) => {
    const others = bySlot.get(slotOf(migration.version)) ?? []
    return others.length === 0 ? [] : [taken(migration, others)]
  })
  return branches.leftOut === 0 ? findings : [...findings, leftOut(branches)]
}

const slotOf = (version: string): string => version.replace(/^0+(?=\d)/, '')

function taken(migration: Migration, others: readonly TakenVersion[]): Finding {
  const files = [...new Set(others.map((one) => labelOf(one.file)))]
  const names = [...new Set(others.map((one) => one.branch))]
  return refuse({
    code: 'ledger/version-taken',
    message: `version ${migration.version} is taken by ${listed(files)} on ${listed(names)}; whichever is merged second is a duplicate`,
    where: topOf(migration.up.file),
    subject: `migration ${migration.version}`,
    hint: 'Give this one the next free version: seaworthy reserve NAME looks at all branches. Delete branches that nobody will merge.',
  })
}

const leftOut = (branches: Branches): Finding =>
  warn({
    code: 'ledger/branches-left-out',
    message: `${branches.branches.length} branches were looked at; the ${branches.leftOut} oldest ones were not`,
    subject: 'the branches',
    hint: 'Delete branches that nobody will merge.',
  })
