import type { Migration, MigrationTree } from '../../observers/migration-tree/kind.ts'
import type { Failure, Rehearsal } from '../../observers/rehearsal/kind.ts'

/** How to get a database going again that already stopped at this migration, by the tool's own means. */
export function recovery(tree: MigrationTree, run: Rehearsal, failure: Failure): string {
  const migration = tree.migrations.find((one) => one.up.file === failure.file)
  if (migration === undefined) return ''
  if (run.ownLedger !== null) return `If production already stopped here: ${byHand(run.ownLedger, migration)}`
  const cleanUp = failure.leavesHalf ? 'take back by hand what the file had already done, ' : ''
  return `If production already stopped here: ${cleanUp}${BY_TOOL[tree.format](tree, migration)}`
}

/**
 * How to get a database going again that stopped at a migration which nobody could have applied: the file is mended, and
 * only what the tool or the file left behind has to be cleared away. Empty where nothing stays behind.
 */
export function unstick(tree: MigrationTree, run: Rehearsal, failure: Failure): string {
  const migration = tree.migrations.find((one) => one.up.file === failure.file)
  if (migration === undefined) return ''
  const left = failure.leavesHalf ? 'take back by hand what the file had already done' : null
  const mark = run.ownLedger === null ? (MARK_OF[tree.format]?.(tree, migration) ?? null) : null
  const steps = [left, mark].filter((step) => step !== null)
  return steps.length === 0 ? '' : `If production already stopped here: mend it, ${steps.join(', ')}, and deploy again.`
}

/** Tools that mark a migration as begun and refuse to go on: how the mark is taken away. */
const MARK_OF: Partial<Record<MigrationTree['format'], (tree: MigrationTree, migration: Migration) => string>> = {
  'golang-migrate': (tree, migration) =>
    `clear the dirty mark of the ledger ("migrate force ${previousOf(tree, migration)}")`,
  prisma: (_tree, migration) => `run "prisma migrate resolve --rolled-back ${migration.ledgerKey}"`,
}

const BY_TOOL: Record<MigrationTree['format'], (tree: MigrationTree, migration: Migration) => string> = {
  'golang-migrate': (tree, migration) =>
    `the ledger is marked dirty; after mending run "migrate force ${previousOf(tree, migration)}" and deploy again. ` +
    `If it was applied by hand as the owner, "migrate force ${migration.ledgerKey}".`,
  numbered: (_tree, migration) => byHand('your ledger', migration),
  sqlx: (_tree, migration) =>
    `apply it by hand as the owner and insert (${migration.ledgerKey}, '${migration.name}', now(), true, ` +
    `'\\x${migration.checksum ?? ''}', 0) into _sqlx_migrations.`,
  diesel: (_tree, migration) =>
    `apply it by hand as the owner and insert ('${migration.ledgerKey}') into __diesel_schema_migrations (version).`,
  prisma: (_tree, migration) =>
    `mend it and run "prisma migrate resolve --rolled-back ${migration.ledgerKey}"; if it was applied by hand as the owner, ` +
    `"prisma migrate resolve --applied ${migration.ledgerKey}".`,
  drizzle: (_tree, migration) =>
    `apply it by hand as the owner and insert ('${migration.checksum ?? ''}', ${migration.ledgerKey}) into ` +
    `drizzle.__drizzle_migrations (hash, created_at).`,
}

/** A runner of one's own: which columns its ledger has is not known, what belongs into them is. */
const byHand = (table: string, migration: Migration): string =>
  `apply it by hand as the owner and add its row to ${table} (version ${migration.ledgerKey}, name ${migration.name}, ` +
  `the time, and the checksum as your runner computes it); then deploy again.`

function previousOf(tree: MigrationTree, migration: Migration): string {
  const index = tree.migrations.findIndex((one) => one.up.file === migration.up.file)
  return tree.migrations[index - 1]?.ledgerKey ?? '-1'
}
