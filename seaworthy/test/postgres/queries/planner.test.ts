import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Rehearsing, World } from '../../../src/migrations/engine.ts'
import type { QueryOutcome, QueryPlanner, QueryToPlan } from '../../../src/migrations/queries.ts'
import { usePrivateCache } from '../private-places.ts'
import { migrationsOf, stage } from '../rehearse.ts'

const BASELINE = `
  CREATE ROLE app LOGIN; CREATE ROLE reports NOLOGIN; CREATE ROLE pathfinder LOGIN;
  CREATE SCHEMA app;
  CREATE DOMAIN public.handle AS text NOT NULL;
  CREATE TYPE public.mood AS ENUM ('low', 'high');
  CREATE TABLE public.users (id bigint PRIMARY KEY, email varchar(40), mood public.mood, handle public.handle);
  CREATE TABLE app.orders (id bigint, total numeric(10,2));
  CREATE VIEW public.emails AS SELECT id, email FROM public.users;
  CREATE FUNCTION public.secret() RETURNS integer LANGUAGE sql STABLE AS 'SELECT 1';
  REVOKE ALL ON FUNCTION public.secret() FROM PUBLIC;
  CREATE TABLE public.hidden (id bigint, name text);
  GRANT USAGE ON SCHEMA public TO app, reports, pathfinder;
  GRANT SELECT, INSERT ON public.users TO app;
  GRANT SELECT (id) ON public.hidden TO app;
  GRANT SELECT ON public.emails TO reports;
  GRANT USAGE ON SCHEMA app TO pathfinder;
  GRANT SELECT ON app.orders TO pathfinder;
  ALTER ROLE pathfinder SET search_path = app;
`

describe.each([18, 15])('planning on PostgreSQL %i', (major) => {
  let cache: ReturnType<typeof usePrivateCache>
  let rehearsing: Rehearsing
  let world: World
  let planner: QueryPlanner
  beforeAll(async () => {
    cache = usePrivateCache()
    rehearsing = (await stage({ texts: [BASELINE], live: 1, major, roles: { attributes: ['createrole'] } })).rehearsing
    world = await rehearsing.fork()
    if (world.queries === undefined) throw new Error('no planner')
    planner = world.queries
  })
  afterAll(async () => {
    await world[Symbol.asyncDispose]()
    await rehearsing[Symbol.asyncDispose]()
    cache.remove()
  })

  const plan = async (text: string, query: Partial<QueryToPlan> = {}): Promise<QueryOutcome | undefined> => {
    const parameters = new Set(text.match(/\$\d/g)).size
    return (await planner.plan([{ text, parameters, role: 'deploy', isGroup: false, searchPath: null, ...query }]))[0]
  }
  const codeOf = (outcome: QueryOutcome | undefined): string | null | undefined =>
    outcome?.works === false ? outcome.error.sqlstate : 'works'

  it('tells columns and parameters', async () => {
    expect(await plan('SELECT id, email, mood FROM users WHERE id = $1 AND mood = $2')).toEqual({
      works: true,
      columns: [
        { name: 'id', type: 'bigint' },
        { name: 'email', type: 'character varying(40)' },
        { name: 'mood', type: 'public.mood' },
      ],
      parameters: ['bigint', 'public.mood'],
      meaning: expect.anything(),
    })
    expect(await plan('DELETE FROM users')).toMatchObject({ works: true, columns: [], parameters: [] })
  })

  it.each([
    ['a table that is not there', 'SELECT * FROM missing', '42P01'],
    ['a column that is not there', 'SELECT nothing FROM users', '42703'],
    ['a type that does not fit', "SELECT id FROM users WHERE id = 'x'", '22P02'],
    [
      'a conflict without a unique index',
      'INSERT INTO users (id, email) VALUES ($1, $2) ON CONFLICT (email) DO NOTHING',
      '42P10',
    ],
    ['a write to a view that takes none', 'INSERT INTO pg_catalog.pg_views (viewname) VALUES ($1)', '55000'],
  ])('refuses %s', async (_what, text, sqlstate) => {
    expect(codeOf(await plan(text))).toBe(sqlstate)
  })

  it.each([
    ['a table', 'SELECT name FROM hidden', '42501'],
    ['one column of it is allowed', 'SELECT id FROM hidden', 'works'],
    ['no column named', 'SELECT count(*) FROM hidden', 'works'],
    ['writing', 'UPDATE users SET email = $1', '42501'],
    ['reading and adding', 'INSERT INTO users (id) SELECT id + 1 FROM users RETURNING id', 'works'],
    ['a function', 'SELECT secret()', '42501'],
    ['a schema', 'SELECT * FROM app.orders', '42501'],
  ])('checks what a role may do: %s', async (_what, text, sqlstate) => {
    expect(codeOf(await plan(text, { role: 'app' }))).toBe(sqlstate)
  })

  it('lets a role in that may not log in, for that once', async () => {
    const [role] = await planner.roles(['reports'])
    expect(role).toMatchObject({ as: 'reports', isGroup: true, why: null })
    expect(codeOf(await plan('SELECT * FROM emails', { role: 'reports', isGroup: true }))).toBe('works')
    expect(codeOf(await plan('SELECT * FROM users', { role: 'reports', isGroup: true }))).toBe('42501')
    expect(codeOf(await plan('SELECT 1', { role: 'reports' }))).toBe('28000')
  })

  it('takes the search path of the role, or the one that is given', async () => {
    const [role] = await planner.roles(['pathfinder'])
    expect(role?.searchPath).toBe('app')
    expect(codeOf(await plan('SELECT * FROM orders', { role: 'pathfinder' }))).toBe('works')
    expect(codeOf(await plan('SELECT * FROM orders', { role: 'pathfinder', searchPath: 'public' }))).toBe('42P01')
    expect(codeOf(await plan('SELECT * FROM orders', { searchPath: 'public, app' }))).toBe('works')
  })

  it('plays by the migrating role who is not there, who is unknown, and who is more than ordinary', async () => {
    const roles = await planner.roles(['nobody', null, 'seaworthy', 'app'])
    expect(roles.map((one) => one.as)).toEqual(['deploy', 'deploy', 'deploy', 'app'])
    expect(roles.map((one) => one.why === null)).toEqual([false, false, false, true])
  })

  it('plans a parameter whose type takes no NULL, where the server can', async () => {
    const outcome = await plan('INSERT INTO users (id, handle) VALUES ($1, $2)')
    expect(codeOf(outcome)).toBe(major >= 16 ? 'works' : '23502')
  })

  it('runs nothing, and one query does not touch the next', async () => {
    await world.apply(
      migrationsOf([
        `CREATE TABLE log (t text);
         CREATE FUNCTION write() RETURNS int LANGUAGE plpgsql VOLATILE AS $$BEGIN INSERT INTO log VALUES ('ran'); RETURN 1; END$$;
         CREATE FUNCTION folded() RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$BEGIN RETURN write(); END$$;
         CREATE FUNCTION escape() RETURNS text LANGUAGE plpgsql VOLATILE AS $$BEGIN RESET ROLE; RETURN session_user; END$$;
         CREATE FUNCTION hang() RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$BEGIN PERFORM pg_sleep(60); RETURN 1; END$$`,
      ]),
    )
    expect(codeOf(await plan('SELECT folded()'))).toBe('25006')
    const three = ['SELECT nothing FROM users', 'DELETE FROM users RETURNING id', 'SELECT id FROM users'].map(
      (text) => ({
        text,
        parameters: 0,
        role: 'deploy',
        isGroup: false,
        searchPath: null,
      }),
    )
    expect((await planner.plan(three)).map(codeOf)).toEqual(['42703', 'works', 'works'])
  })

  it('says nothing about a query that does not come to an end', async () => {
    expect(await plan('SELECT hang()')).toMatchObject({ works: false, isInfrastructure: true })
  }, 20_000)

  it('plans a thousand queries in a second', async () => {
    const many = Array.from({ length: 1_000 }, (_, index) => ({
      text: `SELECT u.id, u.email, count(*) FROM users u JOIN app.orders o ON o.id = u.id WHERE u.id = $1 AND o.total > $2 AND u.id <> ${index} GROUP BY u.id, u.email`,
      parameters: 2,
      role: 'deploy',
      isGroup: false,
      searchPath: null,
    }))
    const begun = performance.now()
    const outcomes = await planner.plan(many)
    const tookMs = performance.now() - begun
    expect(outcomes.every((one) => one.works)).toBe(true)
    expect(tookMs).toBeLessThan(5_000)
  })
})
