import { sha256 } from '../../gate/canonical.ts'
import { type Observation, Observations, observed } from '../../gate/observation.ts'
import { type Migration, migrationTree } from '../../observers/migration-tree/kind.ts'
import { pending } from '../../observers/pending/kind.ts'
import { type Rehearsal, rehearsal } from '../../observers/rehearsal/kind.ts'

const migration = (version: string, name: string, text: string): Migration => ({
  version,
  name,
  ledgerKey: String(Number(version)),
  up: { file: `migrations/${version}_${name}.up.sql`, text, send: 'batch', pieces: null },
  down: null,
  checksum: null,
  checksumOtherEndings: null,
})

const MIGRATIONS = [
  migration('001', 'courts', 'CREATE TABLE courts (id bigint PRIMARY KEY)'),
  migration('002', 'cases', 'CREATE TABLE cases (id bigint PRIMARY KEY)'),
]

const REHEARSAL: Rehearsal = {
  server: { engine: 'postgres', version: '18.4', major: 18, origin: 'embedded', place: 'scratch' },
  roles: { mode: 'split', isConfigured: true, migratingRole: 'deploy', owningRole: 'owner', foreignOwned: 1 },
  isBaselineCached: false,
  ownLedger: null,
  steps: MIGRATIONS.map((one, index) => ({
    file: one.up.file,
    version: one.version,
    sha256: sha256(one.up.text),
    phase: index === 0 ? 'baseline' : 'pending',
    outcome: 'applied',
  })),
  failure: null,
  provided: [],
  limits: [],
}

/** A set of observations that the judge passes; the mutants damage it. */
export const sample = new Observations([
  observed(migrationTree, 'folder migrations', {
    format: 'golang-migrate',
    detectedBy: 'up.sql files',
    folder: 'migrations',
    transaction: 'per-file',
    migrations: MIGRATIONS,
    problems: [],
  }),
  observed(pending, 'git', {
    basis: 'baseline',
    explanation: 'after version 001',
    baseCommit: null,
    files: ['migrations/002_cases.up.sql'],
    changedBaseline: [],
  }),
  observed(rehearsal, 'postgres 18.4', REHEARSAL),
])

/** The sample's rehearsal with some of it replaced. */
export function rehearsed(observations: Observations, change: (run: Rehearsal) => Partial<Rehearsal>): Observation {
  const run = observations.need(rehearsal)
  return observed(rehearsal, 'postgres 18.4', { ...run, ...change(run) })
}
