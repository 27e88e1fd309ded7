import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Observation, Observations } from '../../../src/gate/observation.ts'
import type { MigrationTree } from '../../../src/migrations/model.ts'
import type { Shape, ShapeQuery } from '../../../src/migrations/shape.ts'
import { type Queries, queries } from '../../../src/observers/queries/kind.ts'
import { observeQueries } from '../../../src/observers/queries/observe.ts'
import { usePrivateCache } from '../../postgres/private-places.ts'
import { stage } from '../../postgres/rehearse.ts'

const BASELINE = `
  CREATE ROLE app LOGIN; CREATE ROLE api LOGIN;
  CREATE SCHEMA app;
  CREATE TABLE users (id bigint PRIMARY KEY, email varchar(40) UNIQUE, age integer);
  CREATE TABLE app.orders (id bigint, user_id bigint);
  CREATE VIEW adults AS SELECT id, email FROM users WHERE age > 17;
  GRANT USAGE ON SCHEMA app TO app, api;
  GRANT SELECT, INSERT, UPDATE ON users, adults, app.orders TO app, api;
  ALTER ROLE api SET search_path = app, public;
`

const WORKLOAD = `
-- role: app
SELECT id, email FROM users WHERE id = $1;
SELECT * FROM users;
SELECT id FROM adults;
INSERT INTO users (id, email) VALUES ($1, $2) ON CONFLICT (email) DO NOTHING;
-- search_path: app, public
SELECT user_id FROM orders WHERE id = $1;
-- role: api
SELECT id FROM orders;
`

interface Wish {
  readonly workload?: string | null
  readonly shape?: readonly ShapeQuery[]
  readonly unavailable?: string
  readonly transaction?: MigrationTree['transaction']
  readonly baseline?: string
}

describe.each([18, 15])('queries before and after on PostgreSQL %i', (major) => {
  let cache: ReturnType<typeof usePrivateCache>
  beforeAll(() => {
    cache = usePrivateCache()
  })
  afterAll(() => {
    cache.remove()
  })

  const observe = async (pending: readonly string[], wish: Wish = {}): Promise<Observation> => {
    const { workload = WORKLOAD, shape, unavailable, transaction = 'per-file', baseline = BASELINE } = wish
    const staged = await stage({
      texts: [baseline, ...pending],
      live: 1,
      major,
      useCache: true,
      transaction,
      send: transaction === 'all-pending' ? 'pieces' : 'batch',
      roles: { attributes: ['createrole'] },
    })
    await using rehearsing = staged.rehearsing
    return await observeQueries(rehearsing, {
      tree: staged.tree,
      pending: staged.pending,
      workload: workload === null ? null : { file: 'workload.sql', text: workload },
      shape: shape === undefined ? null : { file: 'shape.json', shape: shapeOf(shape, unavailable ?? null) },
    })
  }
  const see = async (pending: readonly string[], wish: Wish = {}): Promise<Queries> => {
    const seen = new Observations([await observe(pending, wish)]).need(queries)
    return await queries.parse(structuredClone(seen))
  }
  const told = (seen: Queries): string[] =>
    seen.changes.map(
      ({ query, files, after }) =>
        `${query.line ?? query.text}: ${after.works ? 'works' : after.error.sqlstate} by ${files.join()}`,
    )

  it('finds nothing in a release that only adds', async () => {
    const seen = await see(['CREATE TABLE notes (id bigint); CREATE INDEX ON users (age)'])
    expect(seen).toMatchObject({ total: 6, same: 6, stale: [], unknown: [], changes: [], overLimit: 0 })
    expect(seen.roles).toEqual([
      { name: 'app', as: 'app', why: null },
      { name: 'api', as: 'api', why: null },
    ])
  })

  it('names the migration after which each query is answered otherwise', async () => {
    const seen = await see([
      'CREATE TABLE notes (id bigint)',
      'DROP VIEW adults; ALTER TABLE users RENAME COLUMN email TO mail',
      'REVOKE SELECT ON app.orders FROM app',
      'ALTER TABLE users ALTER COLUMN id TYPE integer',
    ])
    expect(told(seen)).toEqual([
      '3: 42703 by migrations/003_step.up.sql',
      '4: works by migrations/003_step.up.sql',
      '5: 42P01 by migrations/003_step.up.sql',
      '6: 42703 by migrations/003_step.up.sql',
      '8: 42501 by migrations/004_step.up.sql',
    ])
    expect(seen.same).toBe(1)
    expect(seen.changes[1]?.before.columns.map((column) => column.name)).toEqual(['id', 'email', 'age'])
    expect(seen.changes[1]?.after).toMatchObject({ columns: [{ name: 'id', type: 'integer' }, { name: 'mail' }, {}] })
  })

  it('names all of them where they commit together', async () => {
    const seen = await see(['CREATE TABLE notes (id bigint)', 'DROP VIEW adults'], { transaction: 'all-pending' })
    expect(told(seen)).toEqual(['5: 42P01 by migrations/002_step.up.sql,migrations/003_step.up.sql'])
  })

  it.each([
    ['a unique index that ON CONFLICT names', 'ALTER TABLE users DROP CONSTRAINT users_email_key', '6: 42P10'],
    ['a right that goes with a view', 'DROP VIEW adults; CREATE VIEW adults AS SELECT id FROM users', '5: 42501'],
    ['a schema', 'REVOKE USAGE ON SCHEMA app FROM app', '8: 42P01'],
    ['a role that may not log in', 'ALTER ROLE api NOLOGIN', '10: 28000'],
    ['a search path of the role', 'ALTER ROLE api SET search_path = public', '10: 42P01'],
    ['a DO block', "DO $$BEGIN EXECUTE 'DROP VIEW ' || 'adults'; END$$", '5: 42P01'],
    [
      'a table that stands before another one',
      'CREATE TABLE app.users (id text, email text, age int); GRANT ALL ON app.users TO app, api; ALTER ROLE app SET search_path = app, public',
      '3: works',
    ],
  ])('sees through %s', async (_what, pending, first) => {
    expect(told(await see([pending]))[0]).toBe(`${first} by migrations/002_step.up.sql`)
  })

  const WORDS = `
SELECT o.id FROM lines o WHERE o.id IN (SELECT owner FROM gone);
DELETE FROM lines WHERE EXISTS (SELECT 1 FROM gone WHERE gone.id = owner);
SELECT count(*) FROM lines NATURAL JOIN parts;
SELECT lower(kind) AS k, count(*) FROM parts GROUP BY k, lower(kind);
SELECT p.label FROM parts p;
`
  const TABLES = `CREATE TABLE lines (id int PRIMARY KEY, owner int); CREATE TABLE gone (id int PRIMARY KEY);
    CREATE TABLE parts (id int, kind text);
    CREATE FUNCTION label(parts) RETURNS text LANGUAGE sql STABLE AS 'SELECT $1.kind'`

  it.each([
    ['a subquery that finds it further out', 'gone', 'owner int', [2, 3], 'column gone.owner'],
    ['a NATURAL JOIN', 'parts', 'owner int', [4], 'operator pg_catalog.='],
    ['an alias in GROUP BY', 'parts', 'k text', [5], 'column parts.k'],
    ['a function that is written like a column', 'parts', 'label text', [6], 'column p.label'],
  ])('sees a new column that takes a name from %s', async (_what, table, column, lines, after) => {
    const seen = await see([`ALTER TABLE ${table} ADD COLUMN ${column}`], { workload: WORDS, baseline: TABLES })
    expect(seen.changes.map(({ query }) => query.line)).toEqual(lines)
    expect(seen.changes[0]?.meaning?.after).toContain(after)
    expect(seen.changes[0]?.after).toEqual(seen.changes[0]?.before)
  })

  it('minds nothing that means the same', async () => {
    const workload = `
SELECT id FROM (SELECT * FROM parts) s WHERE EXISTS (SELECT * FROM lines);
WITH s AS (SELECT * FROM parts) SELECT kind FROM s JOIN lines USING (id) ORDER BY kind;
SELECT lines.id FROM parts LEFT JOIN lines ON lines.id = parts.id WHERE lines.owner > 3 AND kind = $1;
SELECT kind FROM parts UNION ALL SELECT kind FROM parts FULL JOIN lines USING (id) GROUP BY kind;
INSERT INTO lines VALUES (1, 2) ON CONFLICT (id) DO UPDATE SET owner = excluded.owner;
INSERT INTO parts SELECT id, 'x' FROM lines;
MERGE INTO lines USING parts ON lines.id = parts.id WHEN MATCHED THEN UPDATE SET owner = 1;
UPDATE lines SET owner = parts.id FROM parts WHERE kind = 'a';
SELECT count(*) FROM parts p WHERE label(p) LIKE 'a%' AND lines_of(id) > 0;
SELECT id, rank() OVER (PARTITION BY kind) FROM parts;
`
    const seen = await see(
      [
        'ALTER TABLE parts ADD COLUMN more text; ALTER TABLE lines ADD COLUMN note text',
        'ALTER TABLE lines ALTER COLUMN owner TYPE bigint',
        'DROP FUNCTION lines_of(int); CREATE FUNCTION lines_of(one int) RETURNS bigint LANGUAGE sql AS $$SELECT 1::bigint$$',
        'ALTER TABLE parts RENAME TO pieces; CREATE VIEW parts AS SELECT id, kind, more FROM pieces; GRANT ALL ON parts TO app',
        'DROP VIEW parts; ALTER TABLE pieces RENAME TO parts; ALTER TABLE parts ALTER COLUMN kind TYPE varchar(90)',
      ],
      {
        workload,
        baseline: `${TABLES}; CREATE FUNCTION lines_of(one int) RETURNS bigint LANGUAGE sql AS $$SELECT count(*) FROM lines$$`,
      },
    )
    const otherwise = seen.changes.filter(({ meaning }) => meaning !== null)
    expect(otherwise).toEqual([])
  })

  it('counts what did not work before, and says who was played by whom', async () => {
    const seen = await see(['CREATE TABLE notes (id bigint)'], {
      workload: null,
      shape: [
        captured('SELECT id FROM users WHERE id = $1', { calls: 7 }),
        captured('SELECT DATE $1', { calls: 9 }),
        captured('SELECT nothing FROM users', { calls: 8 }),
        captured('SELECT email FROM users', { role: 'somebody' }),
        captured('SELECT id FROM orders', { role: 'api', searchPath: 'app, public' }),
      ],
      unavailable: 'not all could be read',
    })
    expect(seen).toMatchObject({ total: 5, same: 3, changes: [] })
    expect(seen.stale.map(({ query, error }) => `${query.text}: ${error.sqlstate}`)).toEqual([
      'SELECT DATE $1: 42601',
      'SELECT nothing FROM users: 42703',
    ])
    expect(seen.roles.map(({ name, as }) => `${name} as ${as}`)).toEqual([
      'deploy as deploy',
      'somebody as deploy',
      'api as api',
    ])
    expect(seen.sources).toEqual([
      {
        kind: 'shape',
        file: 'shape.json',
        queries: 5,
        leftOut: [],
        isPartial: 'not all could be read',
        isForbidden: false,
      },
    ])
  })

  it('leaves a captured search path to the role that has it, so that a change of it counts', async () => {
    const shape = [captured('SELECT id FROM orders', { role: 'api', searchPath: 'app, public' })]
    const seen = await see(['ALTER ROLE api RESET search_path'], { workload: null, shape })
    expect(told(seen)).toEqual(['SELECT id FROM orders: 42P01 by migrations/002_step.up.sql'])
  })

  it('has a reason where there is nothing to plan', async () => {
    expect(await see(['SELECT 1'], { workload: null })).toMatchObject({
      total: 0,
      unavailable: expect.stringContaining('--workload'),
    })
    const empty = await see(['SELECT 1'], {
      workload: null,
      shape: [],
      unavailable: 'pg_stat_statements is not installed',
    })
    expect(empty.unavailable).toBe('shape.json holds no query: pg_stat_statements is not installed')
  })

  it('observes nothing where a pending migration fails', async () => {
    expect(await observe(['DROP TABLE missing'])).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining('002'),
    })
  })

  it.each([
    ['is empty', '-- nothing yet\n', 'the workload workload.sql holds no query'],
    ['does not parse', 'SELECT 1;\nSELEC 2', 'the workload workload.sql does not parse (line 2): '],
    ['holds something else', 'SELECT 1;\nDROP TABLE users', 'workload.sql:2 cannot be planned'],
    ['makes a table', 'SELECT 1 AS id INTO copy', 'workload.sql:1 cannot be planned'],
  ])('stops at a workload that %s', async (_what, workload, message) => {
    await expect(observe(['SELECT 1'], { workload })).rejects.toMatchObject({
      code: 'config',
      message: expect.stringContaining(message),
    })
  })
})

const captured = (text: string, query: Partial<ShapeQuery> = {}): ShapeQuery => ({
  text,
  role: null,
  searchPath: null,
  calls: 1,
  ...query,
})

const shapeOf = (
  list: readonly ShapeQuery[],
  queriesUnavailable: string | null,
): Pick<Shape, 'queries' | 'queriesUnavailable' | 'queriesLeftOut' | 'unread'> => ({
  queries: list,
  queriesUnavailable,
  queriesLeftOut: [],
  unread: [],
})
