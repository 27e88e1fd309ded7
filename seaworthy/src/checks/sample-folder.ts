import { type Observation, observed } from '../gate/observation.ts'
import { type Migration, type MigrationTree, migrationTree } from '../observers/migration-tree/kind.ts'
import { type Pending, pending } from '../observers/pending/kind.ts'

/** A migration of a judge's sample: one file to a version, without a down. */
export const sampleMigration = (version: string, name: string, text: string): Migration => ({
  version,
  name,
  ledgerKey: String(Number(version)),
  up: { file: `migrations/${version}_${name}.up.sql`, text, send: 'batch', pieces: null },
  down: null,
  checksum: null,
  checksumOtherEndings: null,
})

/** The folder of a judge's sample. */
export const sampleFolder = (migrations: readonly Migration[], change: Partial<MigrationTree> = {}): Observation =>
  observed(migrationTree, 'folder migrations', {
    format: 'golang-migrate',
    detectedBy: 'up.sql files',
    folder: 'migrations',
    transaction: 'per-file',
    migrations,
    problems: [],
    ...change,
  })

/** What of it is pending. */
export const samplePending = (files: readonly string[], change: Partial<Pending> = {}): Observation =>
  observed(pending, 'git', {
    basis: 'baseline',
    explanation: 'after version 001',
    baseCommit: null,
    files,
    changedBaseline: [],
    ...change,
  })

/** The files of migrations. */
export const filesOf = (migrations: readonly Migration[]): readonly string[] => migrations.map((one) => one.up.file)
