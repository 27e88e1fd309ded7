import { witnessIn } from '../../gate/certificate/identity.ts'
import { type Observation, Observations, observed } from '../../gate/observation.ts'
import { obligationId } from '../../gate/obligation.ts'
import { type Answers, answers } from '../../observers/answers/kind.ts'
import { type CatalogueEntry, type Effects, effects } from '../../observers/effects/kind.ts'
import { ledger } from '../../observers/ledger/kind.ts'
import { type Shape, shape } from '../../observers/shape/kind.ts'
import { filesOf, sampleFolder, sampleMigration, samplePending } from '../sample-folder.ts'

const MIGRATIONS = [
  sampleMigration('001', 'users', 'CREATE TABLE users (handle text, email text);'),
  sampleMigration(
    '002',
    'handles',
    'ALTER TABLE users ADD CONSTRAINT users_handle_key UNIQUE (handle);\nALTER TABLE users ALTER COLUMN email SET NOT NULL;\n',
  ),
]

const entry = (object: string, ...facets: readonly string[]): CatalogueEntry => ({
  object,
  definition: facets.join('\n'),
})
const column = (name: string, ...facets: readonly string[]): CatalogueEntry =>
  entry(`column public.users.${name}`, 'of table public.users', 'type text', ...facets)

const DIFFERENCE: Effects['difference'] = {
  added: [entry('constraint users_handle_key on public.users', 'of table public.users', 'UNIQUE (handle)')],
  removed: [],
  changed: [{ before: column('email'), after: column('email', 'not null') }],
}

const EFFECTS: Effects = {
  server: { engine: 'postgres', version: '18.4', major: 18, origin: 'embedded', place: 'scratch' },
  seeding: {
    source: 'synthetic',
    seed: 1,
    tables: [{ object: 'table public.users', rows: 12, synthetic: 12 }],
    unseeded: [],
  },
  before: [column('email'), column('handle'), entry('table public.users', 'owner deploy')],
  difference: DIFFERENCE,
  rows: [],
  sequences: [],
  refusals: [],
  steps: [{ files: ['migrations/002_handles.up.sql'], statements: [], difference: DIFFERENCE, rows: [] }],
  traceUnproven: null,
  interference: [],
  conflicts: [],
  failure: null,
}

/** The questions that the sample's release asks, as they stand in the observation of the answers. */
const QUESTIONS = [
  obligationId(
    'constraint users_handle_key on public.users',
    'SELECT pg_catalog.count(*)::pg_catalog.int8 FROM (SELECT 1 FROM "public"."users" WHERE ("handle") IS NOT NULL GROUP BY "handle" HAVING pg_catalog.count(*) > 1 LIMIT 1000) AS found',
  ),
  obligationId(
    'column public.users.email',
    'SELECT pg_catalog.count(*)::pg_catalog.int8 FROM (SELECT 1 FROM "public"."users" WHERE "email" IS NULL LIMIT 1000) AS found',
  ),
]

/** The time at which the sample is judged, an hour after production was asked. */
export const JUDGED_AT = '2026-11-21T11:00:00.000Z'

const ANSWERS: Answers = {
  server: { version: '18.4', identity: `sha256:${'a'.repeat(64)}`, isReplica: false },
  answers: QUESTIONS.map((id) => ({ id, answeredAt: '2026-11-21T10:00:00.000Z', rows: 0, problem: null })),
}

const SHAPE: Shape = {
  formatVersion: 1,
  capturedAt: '2026-11-20T12:00:00.000Z',
  server: { version: '18.4', major: 18, settings: [] },
  witness: ANSWERS.server.identity,
  database: { name: 'app', owner: 'dba', encoding: 'UTF8', collation: 'C.UTF-8', settings: [] },
  extensions: [],
  catalogue: EFFECTS.before,
  roles: [],
  ledger: null,
  tables: [],
  indexes: [],
  queries: [],
  queriesUnavailable: null,
  queriesLeftOut: [],
  unread: [],
}

/** A set of observations that the judge passes for a deploy; the mutants damage it. */
export const sample = new Observations([
  sampleFolder(MIGRATIONS),
  samplePending(filesOf(MIGRATIONS.slice(1)), { basis: 'ledger', explanation: 'what the ledger lacks' }),
  observed(effects, 'postgres 18.4', EFFECTS),
  observed(answers, 'postgres', ANSWERS),
  observed(shape, 'file shape.json', SHAPE),
])

/** The sample's shape as that of a database with this identity. */
export const capturedFrom = (observations: Observations, witness: string | null): Observation =>
  observed(shape, 'file shape.json', { ...observations.need(shape), witness })

/** A ledger that was read in a database with this identity, or in one that does not say. */
export const readFrom = (identity: string | null): Observation =>
  observed(ledger, witnessIn('postgresql://db/app public.schema_migrations', identity), {
    style: 'high-water',
    rows: [{ key: '1', name: null, checksum: null, appliedAt: null, isDirty: false }],
  })

/** The sample's effects with some of them replaced. */
export function seen(observations: Observations, change: (one: Effects) => Partial<Effects>): Observation {
  const one = observations.need(effects)
  return observed(effects, 'postgres 18.4', { ...one, ...change(one) })
}

/** The sample's answers with the one to the first question replaced. */
export function answeredFirst(observations: Observations, change: Partial<Answers['answers'][number]>): Observation {
  const one = observations.need(answers)
  return observed(answers, 'postgres', {
    ...one,
    answers: one.answers.map((answer, index) => (index === 0 ? { ...answer, ...change } : answer)),
  })
}
