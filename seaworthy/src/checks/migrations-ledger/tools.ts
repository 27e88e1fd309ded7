import type { Ledger } from '../../observers/ledger/kind.ts'
import type { MigrationTree } from '../../observers/migration-tree/kind.ts'

/** What a tool does when its ledger and the folder do not agree. Sources: docs/guides/ledger.md, "What the tools do". */
export interface ToolFacts {
  readonly title: string
  /** What happens when two files have one version. */
  readonly duplicate: string
  /** What becomes of a pending migration that is older than the newest applied one. */
  readonly older: 'skipped' | 'applied' | 'unknown'
  /** Whether it refuses a migration that was applied under another name. */
  readonly comparesNames: boolean
  /** What it says to an applied file whose content has changed, if it keeps checksums. */
  readonly edited: string
  /** Whether other line endings alone make it refuse. */
  readonly refusesLineEndings: boolean
  /** What it does about an applied migration that the folder no longer has. */
  readonly missing: string
  /** How to get out of a half-applied migration. */
  readonly dirty: string
}

const OWN_RUNNER: ToolFacts = {
  title: 'the runner',
  duplicate: 'the runner applies only one of them, or stops at the second',
  older: 'unknown',
  comparesNames: true,
  edited: 'a runner that compares checksums stops at start-up',
  refusesLineEndings: true,
  missing: 'a runner that compares its ledger with the folder stops at start-up',
  dirty: 'Finish or undo it by hand, then put its ledger row right.',
}

const FACTS: Record<MigrationTree['format'], ToolFacts> = {
  'golang-migrate': {
    title: 'golang-migrate',
    duplicate: 'golang-migrate stops with "duplicate migration file" and applies nothing',
    older: 'skipped',
    comparesNames: false,
    edited: 'golang-migrate does not notice, and production keeps what the old text made',
    refusesLineEndings: false,
    missing: 'golang-migrate stops with "no migration found for version"',
    dirty: 'golang-migrate refuses to go on. Finish or undo it by hand, then: migrate force VERSION.',
  },
  numbered: OWN_RUNNER,
  sqlx: {
    title: 'sqlx',
    duplicate: "sqlx applies the first one, and the second fails on the ledger's primary key",
    older: 'applied',
    comparesNames: false,
    edited: 'sqlx stops with "was previously applied but has been modified"',
    refusesLineEndings: true,
    missing: 'sqlx stops with "was previously applied but is missing in the resolved migrations"',
    dirty:
      'sqlx refuses to go on. Finish or undo it by hand, then set success to true in its row of _sqlx_migrations, or delete the row.',
  },
  diesel: {
    title: 'diesel',
    duplicate: 'diesel keeps one of them, and the other is never applied',
    older: 'applied',
    comparesNames: false,
    edited: 'diesel does not notice, and production keeps what the old text made',
    refusesLineEndings: false,
    missing: 'diesel passes over it, until somebody reverts or redoes migrations',
    dirty: OWN_RUNNER.dirty,
  },
  prisma: {
    title: 'Prisma',
    duplicate: 'Prisma applies both, in the order of their names',
    older: 'applied',
    comparesNames: false,
    edited:
      'Prisma warns in development and wants to reset the database there, and production keeps what the old text made',
    refusesLineEndings: false,
    missing: 'Prisma goes on in production, and wants to reset every development database',
    dirty:
      'Prisma refuses to go on (P3009). Finish or undo it by hand, then: prisma migrate resolve --applied NAME, or --rolled-back NAME.',
  },
  drizzle: {
    title: 'drizzle',
    duplicate: 'drizzle goes by the times in its journal, and drizzle-kit refuses the pair of snapshots',
    older: 'skipped',
    comparesNames: false,
    edited: 'drizzle does not notice, and production keeps what the old text made',
    refusesLineEndings: false,
    missing: 'drizzle does not notice, and a new environment never gets it',
    dirty: OWN_RUNNER.dirty,
  },
}

/** The facts for a folder. A ledger with a row a migration tells a runner of one's own from golang-migrate itself. */
export const toolOf = (tree: MigrationTree, ledger: Ledger | undefined): ToolFacts =>
  tree.format === 'golang-migrate' && ledger?.style === 'rows' ? OWN_RUNNER : FACTS[tree.format]
