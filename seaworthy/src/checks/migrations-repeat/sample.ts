import { type Observation, Observations, observed } from '../../gate/observation.ts'
import { type Migration, type MigrationTree, migrationTree } from '../../observers/migration-tree/kind.ts'
import { type Failure, plainError, type Repeat, repeat, type StopTrial } from '../../observers/repeat/kind.ts'
import { filesOf, sampleFolder, sampleMigration, samplePending } from '../sample-folder.ts'

const migration = (version: string, name: string, text: string): Migration => ({
  ...sampleMigration(version, name, text),
  up: { file: `migrations/${version}_${name}.sql`, text, send: 'statements', pieces: null },
})

const HEARINGS = 'migrations/003_hearings.sql'

const MIGRATIONS = [
  migration('001', 'courts', 'CREATE TABLE courts (id bigint PRIMARY KEY)'),
  migration('002', 'cases', 'CREATE TABLE IF NOT EXISTS cases (id bigint PRIMARY KEY)'),
  migration(
    '003',
    'hearings',
    'DROP INDEX CONCURRENTLY IF EXISTS cases_day;\nCREATE INDEX CONCURRENTLY cases_day ON cases (id);',
  ),
]

const stop = (change: Partial<StopTrial>): StopTrial => ({
  file: HEARINGS,
  version: '003',
  index: 1,
  line: 1,
  column: 1,
  endLine: 1,
  text: 'DROP INDEX CONCURRENTLY IF EXISTS cases_day',
  kind: 'after',
  outcome: 'same',
  failure: null,
  changed: [],
  invalid: [],
  why: null,
  ...change,
})

/** A failure of the sample's last migration. */
export const failure = (change: Partial<Failure> = {}): Failure => ({
  file: HEARINGS,
  version: '003',
  error: plainError('42P07', 'relation "cases_day" already exists'),
  statement: { index: 2, line: 2, column: 1, text: 'CREATE INDEX CONCURRENTLY cases_day ON cases (id)' },
  owner: null,
  leavesHalf: false,
  missingExtension: null,
  isInfrastructure: false,
  ...change,
})

/** A set of observations that the judge passes in the profile `additive`; the mutants damage it. */
export const sample = new Observations([
  sampleFolder(MIGRATIONS, { format: 'numbered', detectedBy: 'numbered files' }),
  samplePending(filesOf(MIGRATIONS.slice(1))),
  observed(repeat, 'postgres 18.4', {
    server: { engine: 'postgres', version: '18.4', major: 18, origin: 'embedded', place: 'node_modules' },
    profile: 'additive',
    secondStart: { ledger: 'known', again: [], failure: null, error: null, changed: [], madeAgain: [] },
    stops: [
      stop({}),
      stop({
        index: 2,
        line: 2,
        endLine: 2,
        text: 'CREATE INDEX CONCURRENTLY cases_day ON cases (id)',
        kind: 'invalid-index',
      }),
    ],
  }),
])

/** The sample's trials with something replaced. */
export function repeated(observations: Observations, replace: (seen: Repeat) => Partial<Repeat>): Observation {
  const seen = observations.need(repeat)
  return observed(repeat, 'postgres 18.4', { ...seen, ...replace(seen) })
}

/** The sample with something of its last stop replaced. */
export const withLastStop = (observations: Observations, change: Partial<StopTrial>): Observations =>
  observations.with(
    repeated(observations, ({ stops }) => ({
      stops: stops.map((one, index) => (index === stops.length - 1 ? { ...one, ...change } : one)),
    })),
  )

/** The sample with something of its second start replaced. */
export const withStart = (
  observations: Observations,
  change: Partial<NonNullable<Repeat['secondStart']>>,
): Observations =>
  observations.with(
    repeated(observations, ({ secondStart }) => ({
      secondStart: secondStart === null ? null : { ...secondStart, ...change },
    })),
  )

/** The sample with the folder replaced. */
export const withTree = (observations: Observations, change: Partial<MigrationTree>): Observations =>
  observations.with(observed(migrationTree, 'folder migrations', { ...observations.need(migrationTree), ...change }))
