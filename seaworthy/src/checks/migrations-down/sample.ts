import { type Observation, Observations, observed } from '../../gate/observation.ts'
import type { Migration } from '../../observers/migration-tree/kind.ts'
import { type DownTrial, plainError, type RehearsalDown, rehearsalDown } from '../../observers/rehearsal-down/kind.ts'
import { filesOf, sampleFolder, sampleMigration, samplePending } from '../sample-folder.ts'

const migration = (version: string, name: string, up: string, down: string): Migration => ({
  ...sampleMigration(version, name, up),
  down: { file: `migrations/${version}_${name}.down.sql`, text: down, send: 'batch', pieces: null },
})

const MIGRATIONS = [
  migration('001', 'courts', 'CREATE TABLE courts (id bigint PRIMARY KEY)', 'DROP TABLE courts'),
  migration('002', 'cases', 'CREATE TABLE cases (id bigint PRIMARY KEY)', 'DROP TABLE cases'),
  migration('003', 'hearings', 'CREATE TABLE hearings (id bigint PRIMARY KEY)', 'DROP TABLE hearings'),
]

const PENDING = MIGRATIONS.slice(1)

/** A set of observations that the judge passes; the mutants damage it. */
export const sample = new Observations([
  sampleFolder(MIGRATIONS),
  samplePending(filesOf(PENDING)),
  observed(rehearsalDown, 'postgres 18.4', {
    extent: 'pending',
    trials: PENDING.map((one): DownTrial => ({
      file: one.up.file,
      version: one.version,
      downFile: one.down?.file ?? null,
      outcome: 'reverted',
      failure: null,
      leftOver: [],
      missing: [],
      changed: [],
    })),
  }),
])

/** The sample's trials with the whole of it replaced. */
export function tried(
  observations: Observations,
  change: (downs: RehearsalDown) => Partial<RehearsalDown>,
): Observation {
  const downs = observations.need(rehearsalDown)
  return observed(rehearsalDown, 'postgres 18.4', { ...downs, ...change(downs) })
}

/** The sample's trials with something of the last one replaced. */
export const lastTried = (observations: Observations, change: Partial<DownTrial>): Observation =>
  tried(observations, ({ trials }) => ({
    trials: trials.map((trial, index) => (index === trials.length - 1 ? { ...trial, ...change } : trial)),
  }))

/** A failure of the sample's last migration. */
export const failure = (
  change: Partial<NonNullable<DownTrial['failure']>> = {},
): NonNullable<DownTrial['failure']> => ({
  file: 'migrations/003_hearings.down.sql',
  version: '003',
  error: plainError('42P01', 'table "hearing" does not exist'),
  statement: { index: 1, line: 2, column: 1, text: 'DROP TABLE hearing' },
  owner: null,
  leavesHalf: false,
  missingExtension: null,
  isInfrastructure: false,
  ...change,
})
