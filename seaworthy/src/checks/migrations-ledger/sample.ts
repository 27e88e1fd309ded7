import { createHash } from 'node:crypto'
import { Observations, observed } from '../../gate/observation.ts'
import { branches } from '../../observers/branches/kind.ts'
import { type Ledger, ledger } from '../../observers/ledger/kind.ts'
import { type Migration, type MigrationTree, migrationTree } from '../../observers/migration-tree/kind.ts'
import { type Pending, pending } from '../../observers/pending/kind.ts'
import { sampleFolder, sampleMigration, samplePending } from '../sample-folder.ts'

const hash = (text: string): string => createHash('sha256').update(text).digest('hex')

/** A migration of a runner that keeps names and SHA-256 checksums, as story 1's does. */
export function migration(version: string, name: string): Migration {
  const text = `CREATE TABLE ${name} (id bigint PRIMARY KEY);\n`
  return {
    ...sampleMigration(version, name, text),
    checksum: hash(text),
    checksumOtherEndings: hash(text.replaceAll('\n', '\r\n')),
  }
}

const MIGRATIONS = [
  migration('121', 'courts'),
  migration('122', 'cases'),
  migration('123', 'hearings'),
  migration('124', 'deadlines'),
]

const applied: Ledger = {
  style: 'rows',
  rows: MIGRATIONS.slice(0, 3).map((one) => ({
    key: one.ledgerKey,
    name: one.name,
    checksum: one.checksum,
    appliedAt: null,
    isDirty: false,
  })),
}

const FILES = ['migrations/124_deadlines.up.sql']

/** A set of observations that the judge passes; the mutants damage it. */
export const sample = new Observations([
  sampleFolder(MIGRATIONS),
  samplePending(FILES, {
    basis: 'ledger',
    explanation: "not in production's ledger",
    baseCommit: '1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d',
    newSinceBase: FILES,
  }),
  observed(ledger, 'file ledger.csv', applied),
  observed(branches, 'git', { branches: ['origin/main'], taken: [], leftOut: 0 }),
])

/** The set with some of the tree replaced. */
export const withTree = (set: Observations, change: Partial<MigrationTree>): Observations =>
  set.with(observed(migrationTree, 'folder migrations', { ...set.need(migrationTree), ...change }))

/** The set with some of what is pending replaced. */
export const withPending = (set: Observations, change: Partial<Pending>): Observations =>
  set.with(observed(pending, 'git 1a2b3c4', { ...set.need(pending), ...change }))

/** The set with some of the ledger replaced. */
export const withLedger = (set: Observations, change: Partial<Ledger>): Observations =>
  set.with(observed(ledger, 'file ledger.csv', { ...set.need(ledger), ...change }))
