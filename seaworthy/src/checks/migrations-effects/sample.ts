import { type Observation, Observations, observed } from '../../gate/observation.ts'
import { type CatalogueEntry, type Effects, effects, type TracedStatement } from '../../observers/effects/kind.ts'
import type { Migration } from '../../observers/migration-tree/kind.ts'
import { sampleFolder, sampleMigration, samplePending } from '../sample-folder.ts'

const LIVE = `CREATE TABLE courts (id bigint PRIMARY KEY, name text NOT NULL, seats integer DEFAULT 1);
CREATE TABLE cases (id bigint PRIMARY KEY, court_id bigint REFERENCES courts (id));
CREATE VIEW open_cases AS SELECT id FROM cases;
CREATE FUNCTION docket(n bigint) RETURNS text LANGUAGE sql AS 'SELECT n::text';
CREATE TABLE judged (id bigint);
CREATE FUNCTION seated(wanted bigint) RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM courts WHERE id = wanted';
CREATE FUNCTION listed() RETURNS TABLE (a bigint, b bigint) LANGUAGE sql AS 'SELECT * FROM cases';
CREATE FUNCTION closed() RETURNS void LANGUAGE sql AS
  'DELETE FROM cases WHERE EXISTS (SELECT 1 FROM judged WHERE judged.id = court_id)';
CREATE FUNCTION title(courts) RETURNS text LANGUAGE sql AS 'SELECT $1.name';`
const NEXT = `CREATE TABLE judges (id bigint PRIMARY KEY);
ALTER TABLE courts ADD COLUMN city text;
UPDATE courts SET city = name WHERE id < 1000 AND city IS NULL;`

/** The pending file that mutants damage. */
export const NEXT_FILE = 'migrations/002_judges.sql'

const migration = (version: string, file: string, text: string): Migration => ({
  ...sampleMigration(version, version, text),
  up: { file, text, send: 'transaction', pieces: null },
})

/** An entry as the catalogue has it: one line a facet. */
export const entry = (object: string, ...facets: readonly string[]): CatalogueEntry => ({
  object,
  definition: facets.join('\n'),
})

const ofTable = (table: string): string => `of table public.${table}`
const column = (table: string, name: string, ...facets: readonly string[]): CatalogueEntry =>
  entry(`column public.${table}.${name}`, ofTable(table), ...facets)

const BEFORE: readonly CatalogueEntry[] = [
  column('cases', 'court_id', 'type bigint'),
  column('cases', 'id', 'type bigint', 'not null'),
  column('courts', 'id', 'type bigint', 'not null'),
  column('courts', 'name', 'type text', 'not null'),
  column('courts', 'seats', 'type integer', 'default 1'),
  entry(
    'constraint cases_court_id_fkey on public.cases',
    ofTable('cases'),
    'FOREIGN KEY (court_id) REFERENCES public.courts(id)',
  ),
  entry('constraint cases_pkey on public.cases', ofTable('cases'), 'PRIMARY KEY (id)'),
  entry('constraint courts_pkey on public.courts', ofTable('courts'), 'PRIMARY KEY (id)'),
  entry(
    'function public.docket(bigint)',
    'owner owner',
    'arguments n bigint',
    'returns text',
    'language sql',
    'volatile',
    'cost 100 rows 0',
    'body sha256 0123456789abcdef',
  ),
  ...['seated(bigint)', 'listed()', 'closed()', 'title(public.courts)'].map((signature) =>
    entry(`function public.${signature}`, 'owner owner', 'language sql', 'volatile'),
  ),
  column('judged', 'id', 'type bigint'),
  entry('table public.judged', 'owner owner'),
  entry('index public.cases_pkey', 'of constraint cases_pkey on public.cases'),
  entry('index public.courts_pkey', 'of constraint courts_pkey on public.courts'),
  entry('policy own on public.cases', ofTable('cases'), 'permissive', 'for ALL', 'to app', 'using (court_id = 1)'),
  entry('privileges on table public.courts for app', 'of table public.courts', 'granted SELECT'),
  entry('role app', 'login'),
  entry('schema public', 'owner owner'),
  entry(
    'sequence public.numbers',
    'owner owner',
    'type bigint',
    'start 1 increment 1 minimum 1 maximum 9223372036854775807 cache 1',
  ),
  entry('table public.cases', 'owner owner', 'row security enabled'),
  entry('table public.courts', 'owner owner'),
  entry(
    'trigger stamp on public.courts',
    ofTable('courts'),
    'CREATE TRIGGER stamp BEFORE UPDATE ON public.courts FOR EACH ROW EXECUTE FUNCTION public.stamp()',
  ),
  entry('type public.mood', 'owner owner', "enum 'ok', 'sad'"),
  entry('view public.open_cases', 'owner owner', 'definition  SELECT id\n\t   FROM public.cases;'),
  entry('column public.open_cases.id', 'of view public.open_cases', 'type bigint'),
]

const ADDED: readonly CatalogueEntry[] = [
  column('courts', 'city', 'type text'),
  column('judges', 'id', 'type bigint', 'not null'),
  entry('constraint judges_pkey on public.judges', ofTable('judges'), 'PRIMARY KEY (id)'),
  entry('index public.judges_pkey', 'of constraint judges_pkey on public.judges'),
  entry('table public.judges', 'owner deploy'),
]

const statement = (index: number, text: string, change: Partial<TracedStatement>): TracedStatement => ({
  file: NEXT_FILE,
  version: '002',
  index,
  line: index,
  column: 1,
  endLine: index,
  text,
  transaction: 1,
  events: [],
  locks: [],
  nested: [],
  ...change,
})

const [FIRST = '', SECOND = '', THIRD = ''] = NEXT.split('\n').map((line) => line.slice(0, -1))

const STATEMENTS: readonly TracedStatement[] = [
  statement(1, FIRST, {
    events: [{ kind: 'created', object: 'table public.judges', command: 'CREATE TABLE', via: null }],
  }),
  statement(2, SECOND, {
    events: [{ kind: 'altered', object: 'table public.courts', command: 'ALTER TABLE', via: null }],
    locks: [{ object: 'table public.courts', mode: 'AccessExclusiveLock', source: 'observed' }],
  }),
  statement(3, THIRD, {
    events: [
      { kind: 'write', operation: 'update', object: 'table public.courts', rows: 4, isUpsert: false, via: null },
    ],
  }),
]

const DIFFERENCE = { added: ADDED, removed: [], changed: [] }

const EFFECTS: Effects = {
  server: { engine: 'postgres', version: '18.4', major: 18, origin: 'embedded', place: 'scratch' },
  seeding: {
    source: 'synthetic',
    seed: 1,
    tables: [
      { object: 'table public.cases', rows: 8, synthetic: 8 },
      { object: 'table public.courts', rows: 4, synthetic: 4 },
    ],
    unseeded: [],
  },
  before: BEFORE,
  difference: DIFFERENCE,
  rows: [],
  sequences: [],
  refusals: [],
  steps: [{ files: [NEXT_FILE], statements: STATEMENTS, difference: DIFFERENCE, rows: [] }],
  traceUnproven: null,
  interference: [],
  conflicts: [],
  failure: null,
}

/** Observations that the check passes: the ground that its mutants damage. */
export const sample = new Observations([
  sampleFolder([migration('001', 'migrations/001_courts.sql', LIVE), migration('002', NEXT_FILE, NEXT)], {
    format: 'numbered',
    detectedBy: 'numbered files',
  }),
  samplePending([NEXT_FILE], { basis: 'since', explanation: 'new since main' }),
  observed(effects, 'postgres 18.4', EFFECTS),
])

/** The set's effects with a change. */
export const affected = (observations: Observations, change: (data: Effects) => Partial<Effects>): Observation => {
  const data = observations.need(effects)
  return observed(effects, 'postgres 18.4', { ...data, ...change(data) })
}
