import { type Observation, Observations, observed } from '../../gate/observation.ts'
import { type CatalogueEntry, type Effects, type TraceEvent, effects } from '../../observers/effects/kind.ts'
import { type Shape, shape } from '../../observers/shape/kind.ts'
import { sampleFolder, samplePending } from '../sample-folder.ts'

const FILE = 'migrations/003_languages.up.sql'

const CATALOGUE: readonly CatalogueEntry[] = [
  { object: 'column public.cases.id', definition: 'of table public.cases\ntype bigint\nnot null' },
  { object: 'column public.courts.id', definition: 'of table public.courts\ntype bigint\nnot null' },
  { object: 'column public.courts.name', definition: 'of table public.courts\ntype text' },
  { object: 'constraint courts_pkey on public.courts', definition: 'of table public.courts\nPRIMARY KEY (id)' },
  { object: 'extension citext', definition: 'version 1.6\nschema public\nowner deploy' },
  { object: 'index public.courts_pkey', definition: 'of constraint courts_pkey on public.courts' },
  { object: 'table public.cases', definition: 'owner deploy' },
  { object: 'table public.courts', definition: 'owner deploy' },
  { object: 'view public.named', definition: 'owner deploy\ndefinition  SELECT id\n\t   FROM public.courts;' },
]

const NEW: readonly CatalogueEntry[] = [
  { object: 'column public.languages.id', definition: 'of table public.languages\ntype bigint\nnot null' },
  { object: 'table public.languages', definition: 'owner deploy' },
]

const EVENTS: readonly TraceEvent[] = [
  { kind: 'created', object: 'table public.languages', command: 'CREATE TABLE', via: null },
  { kind: 'altered', object: 'table public.cases', command: 'ALTER TABLE', via: null },
]

const DIFFERENCE = { added: NEW, removed: [], changed: [] }

const EFFECTS: Effects = {
  server: { engine: 'postgres', version: '18.4', major: 18, origin: 'embedded', place: 'embedded' },
  seeding: { source: 'synthetic', seed: 1, tables: [], unseeded: [] },
  before: CATALOGUE,
  difference: DIFFERENCE,
  rows: [],
  sequences: [],
  refusals: [],
  steps: [
    {
      files: [FILE],
      statements: [
        {
          file: FILE,
          version: '003',
          index: 1,
          line: 1,
          column: 1,
          endLine: 2,
          text: 'CREATE TABLE languages (id bigint NOT NULL)',
          transaction: 1,
          events: EVENTS,
          locks: [],
          nested: [],
        },
      ],
      difference: DIFFERENCE,
      rows: [],
    },
  ],
  traceUnproven: null,
  interference: [],
  conflicts: [],
  failure: null,
}

const SHAPE: Shape = {
  formatVersion: 1,
  capturedAt: '2026-11-20T12:00:00.000Z',
  server: { version: '18.4', major: 18, settings: [] },
  witness: null,
  database: { name: 'app', owner: 'dba', encoding: 'UTF8', collation: 'C.UTF-8', settings: [] },
  extensions: [{ name: 'citext', version: '1.6', schema: 'public' }],
  catalogue: CATALOGUE.map(({ object, definition }) => ({
    object,
    definition: definition.replace('owner deploy', 'owner dba'),
  })),
  roles: [],
  ledger: null,
  tables: [],
  indexes: [],
  queries: [],
  queriesUnavailable: null,
  queriesLeftOut: [],
  unread: [],
}

/** A set of observations that the judge passes; the mutants damage it. */
export const sample = new Observations([
  sampleFolder([]),
  samplePending([FILE], { basis: 'ledger', explanation: "not in production's ledger" }),
  observed(effects, 'postgres 18.4', EFFECTS),
  observed(shape, 'file shape.json', SHAPE),
])

/** The sample's shape with something of it replaced. */
export const inProduction = (observations: Observations, change: (found: Shape) => Partial<Shape>): Observation => {
  const found = observations.need(shape)
  return observed(shape, 'file shape.json', { ...found, ...change(found) })
}

/** The sample's effects with something of them replaced. */
export const rehearsed = (observations: Observations, change: (seen: Effects) => Partial<Effects>): Observation => {
  const seen = observations.need(effects)
  return observed(effects, 'postgres 18.4', { ...seen, ...change(seen) })
}
