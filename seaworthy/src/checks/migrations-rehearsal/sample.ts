import { sha256 } from '../../gate/canonical.ts'
import { type Observation, Observations, observed } from '../../gate/observation.ts'
import { type Rehearsal, rehearsal } from '../../observers/rehearsal/kind.ts'
import { filesOf, sampleFolder, sampleMigration, samplePending } from '../sample-folder.ts'

const MIGRATIONS = [
  sampleMigration('001', 'courts', 'CREATE TABLE courts (id bigint PRIMARY KEY)'),
  sampleMigration('002', 'cases', 'CREATE TABLE cases (id bigint PRIMARY KEY)'),
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
  sampleFolder(MIGRATIONS),
  samplePending(filesOf(MIGRATIONS.slice(1))),
  observed(rehearsal, 'postgres 18.4', REHEARSAL),
])

/** The sample's rehearsal with some of it replaced. */
export function rehearsed(observations: Observations, change: (run: Rehearsal) => Partial<Rehearsal>): Observation {
  const run = observations.need(rehearsal)
  return observed(rehearsal, 'postgres 18.4', { ...run, ...change(run) })
}
