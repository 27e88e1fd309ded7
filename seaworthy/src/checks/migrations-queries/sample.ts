import { type Observation, Observations, observed } from '../../gate/observation.ts'
import { type GivenQuery, type Queries, type QueryChange, queries } from '../../observers/queries/kind.ts'
import { filesOf, sampleFolder, sampleMigration, samplePending } from '../sample-folder.ts'

const MIGRATIONS = [
  sampleMigration('001', 'courts', 'CREATE TABLE courts (id bigint PRIMARY KEY, title text)'),
  sampleMigration(
    '002',
    'cases',
    'CREATE TABLE cases (id bigint PRIMARY KEY);\nALTER TABLE courts RENAME COLUMN title TO name;',
  ),
  sampleMigration('003', 'hearings', 'CREATE TABLE hearings (id bigint PRIMARY KEY)'),
]

/** A query of the sample. */
export const query = (change: Partial<GivenQuery> = {}): GivenQuery => ({
  text: 'SELECT id, title FROM courts WHERE id = $1',
  from: 'workload',
  line: 4,
  role: 'app',
  searchPath: null,
  calls: null,
  ...change,
})

/** A query of the sample that returns something else after the second migration. */
export const change = (changed: Partial<QueryChange> = {}): QueryChange => ({
  query: query(),
  files: ['migrations/002_cases.up.sql'],
  before: {
    works: true,
    columns: [
      { name: 'id', type: 'bigint' },
      { name: 'title', type: 'text' },
    ],
    parameters: ['bigint'],
  },
  after: { works: true, columns: [{ name: 'id', type: 'bigint' }], parameters: ['bigint'] },
  meaning: null,
  ...changed,
})

/** A set of observations that the judge passes; the mutants damage it. */
export const sample = new Observations([
  sampleFolder(MIGRATIONS),
  samplePending(filesOf(MIGRATIONS.slice(1))),
  observed(queries, 'postgres 18.4', {
    server: { engine: 'postgres', version: '18.4', major: 18, origin: 'embedded', place: 'node_modules' },
    sources: [
      { kind: 'workload', file: 'workload.sql', queries: 10, leftOut: [], isPartial: null, isForbidden: false },
    ],
    unavailable: null,
    roles: [{ name: 'app', as: 'app', why: null }],
    total: 10,
    overLimit: 0,
    same: 10,
    stale: [],
    unknown: [],
    changes: [],
  }),
])

/** The sample's queries with something replaced. */
export function planned(observations: Observations, replace: (seen: Queries) => Partial<Queries>): Observation {
  const seen = observations.need(queries)
  return observed(queries, 'postgres 18.4', { ...seen, ...replace(seen) })
}

/** The sample with these changes in place of as many queries that were the same. */
export const withChanges = (observations: Observations, ...changes: readonly QueryChange[]): Observations =>
  observations.with(planned(observations, ({ same }) => ({ same: same - changes.length, changes })))
