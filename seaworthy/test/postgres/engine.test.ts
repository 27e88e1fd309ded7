import { describe, expect, it } from 'vitest'
import { numberedLedger } from '../../src/migrations/numbered.ts'
import { type Scene, SPLIT, outcomes, rehearse, stage } from './rehearse.ts'

const TABLE = 'CREATE TABLE cases (id bigint PRIMARY KEY, docket_no text);'

describe('bad worlds', () => {
  it('a column that an earlier migration dropped: the statement, the line and the migration that did it', async () => {
    const run = await rehearse({
      texts: [
        TABLE,
        'ALTER TABLE cases DROP COLUMN docket_no;',
        '-- first something harmless\nCREATE TABLE other (id int);\nCREATE INDEX ON cases (docket_no);',
      ],
      live: 2,
    })
    expect(outcomes(run)).toEqual(['applied', 'applied', 'failed'])
    expect(run.failure).toMatchObject({
      phase: 'pending',
      version: '003',
      error: { sqlstate: '42703' },
      statement: { index: 2, line: 3 },
      cause: { version: '002', what: 'dropped the column docket_no of cases' },
      leavesHalf: false,
    })
  })

  it('a table of another owner: 42501 with the owner, though the same history passes in one role', async () => {
    const scene: Scene = { texts: [TABLE, 'ALTER TABLE cases ADD COLUMN language text;'], live: 1 }
    const split = await rehearse({ ...scene, roles: SPLIT })
    expect(split.failure).toMatchObject({
      error: { sqlstate: '42501' },
      owner: { object: 'public.cases', owner: 'owner', migratingRole: 'deploy' },
    })
    expect((await rehearse(scene)).failure).toBeNull()
    const owned = await rehearse({ ...scene, roles: { ...SPLIT, owns: ['public.cases'] } })
    expect(owned.failure).toBeNull()
    const member = await rehearse({ ...scene, roles: { ...SPLIT, memberOf: ['owner'] } })
    expect(member.failure).toBeNull()
  })

  it('the migrating role cannot reset its way to more rights', async () => {
    const escape = 'RESET ROLE; RESET SESSION AUTHORIZATION; ALTER TABLE cases ADD COLUMN language text;'
    const run = await rehearse({ texts: [TABLE, escape], live: 1, roles: SPLIT })
    expect(run.failure?.error.sqlstate).toBe('42501')
  })

  it('the deploy role is a sandbox: no program, no file', async () => {
    for (const sql of [
      "COPY cases FROM PROGRAM 'id'",
      "COPY cases TO '/tmp/x'",
      "SELECT pg_read_file('/etc/passwd')",
    ]) {
      const run = await rehearse({ texts: [TABLE, sql], live: 1 })
      expect(run.failure?.error.sqlstate).toBe('42501')
    }
  })

  it('a deferred constraint that fails at COMMIT only', async () => {
    const run = await rehearse({
      texts: [
        'CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (a int REFERENCES a DEFERRABLE INITIALLY DEFERRED);',
        'INSERT INTO b VALUES (1);',
      ],
      live: 1,
      send: 'transaction',
    })
    expect(run.failure?.error.sqlstate).toBe('23503')
    expect(outcomes(run)).toEqual(['applied', 'failed'])
  })

  it('CREATE INDEX CONCURRENTLY inside a transaction, and alone', async () => {
    const texts = [TABLE, 'CREATE INDEX CONCURRENTLY cases_idx ON cases (docket_no);']
    expect((await rehearse({ texts, live: 1, send: 'transaction' })).failure?.error.sqlstate).toBe('25001')
    expect((await rehearse({ texts, live: 1, send: 'batch' })).failure).toBeNull()
    const two = [TABLE, `${texts[1]} SELECT 1;`]
    expect((await rehearse({ texts: two, live: 1, send: 'batch' })).failure?.error.sqlstate).toBe('25001')
    expect((await rehearse({ texts: two, live: 1, send: 'statements' })).failure).toBeNull()
  })

  it('sent statement by statement a late error leaves half; as a batch it leaves nothing', async () => {
    const texts = [TABLE, 'CREATE TABLE half (id int);\nSELECT nothing FROM nowhere;']
    const half = await rehearse({ texts, live: 1, send: 'statements' })
    expect(half.failure).toMatchObject({ leavesHalf: true, statement: { index: 2, line: 2 } })
    const whole = await rehearse({ texts, live: 1, send: 'batch' })
    expect(whole.failure).toMatchObject({ leavesHalf: false, statement: { index: 2, line: 2 } })
    const own = await rehearse({
      texts: [TABLE, `BEGIN; ${texts[1]?.replace('\n', ' COMMIT;\n')}`],
      live: 1,
      send: 'transaction',
    })
    expect(own.failure?.leavesHalf).toBe(true)
  })

  it('one transaction around all that is pending: a late failure takes the earlier ones back', async () => {
    const run = await rehearse({
      texts: [TABLE, 'CREATE TABLE a (id int);', 'CREATE TABLE b (id int); --> SELECT nothing FROM nowhere;'],
      live: 1,
      send: 'pieces',
      transaction: 'all-pending',
    })
    expect(outcomes(run)).toEqual(['applied', 'rolled-back', 'failed'])
    expect(run.failure?.error.sqlstate).toBe('42P01')
  })

  it('a file that leaves a transaction open', async () => {
    const run = await rehearse({ texts: [TABLE, 'BEGIN; CREATE TABLE lost (id int);'], live: 1 })
    expect(run.failure?.error).toMatchObject({ sqlstate: '25000' })
  })

  it('a syntax error, with its place', async () => {
    const run = await rehearse({ texts: [TABLE, '-- é\nCREATE TABLE a (id int);\nCREATE TABEL b (id int);'], live: 1 })
    expect(run.failure).toMatchObject({ error: { sqlstate: '42601' }, statement: { line: 3, column: 8 } })
  })

  it('a statement that takes too long says nothing about the migration, also when it switches the limit off', async () => {
    const bounded = await rehearse({ texts: [TABLE, 'SELECT pg_sleep(60);'], live: 1, statementTimeoutMs: 500 })
    expect(bounded.failure?.isInfrastructure).toBe(true)
    const unbounded = await rehearse({
      texts: [TABLE, 'SET statement_timeout = 0; SELECT pg_sleep(60);'],
      live: 1,
      statementTimeoutMs: 500,
    })
    expect(unbounded.failure).toMatchObject({ isInfrastructure: true, error: { sqlstate: null } })
  })

  it('a baseline that does not apply from the start', async () => {
    const run = await rehearse({ texts: ['ALTER TABLE nowhere ADD COLUMN a int;', TABLE], live: 1 })
    expect(run.failure).toMatchObject({ phase: 'baseline', version: '001', error: { sqlstate: '42P01' } })
    expect(outcomes(run)).toEqual(['failed', 'not-reached'])
  })

  it('settings of the baseline do not reach the pending ones; those of one pending file reach the next', async () => {
    const dump = `${TABLE} SELECT pg_catalog.set_config('search_path', '', false);`
    expect((await rehearse({ texts: [dump, 'ALTER TABLE cases ADD COLUMN a int;'], live: 1 })).failure).toBeNull()
    const leak = await rehearse({
      texts: [TABLE, "SELECT set_config('search_path', '', false);", 'SELECT * FROM cases;'],
      live: 1,
    })
    expect(leak.failure).toMatchObject({ version: '003', error: { sqlstate: '42P01' } })
  })
})

describe('first impressions', () => {
  it('a role that is only named is provided and said to be assumed', async () => {
    const run = await rehearse({
      texts: [TABLE, 'GRANT SELECT ON cases TO reader; GRANT SELECT ON cases TO "Other Reader";'],
      live: 1,
    })
    expect(run.failure).toBeNull()
    expect(run.provided).toMatchObject([
      { what: 'role', name: 'reader', isUnproven: false },
      { what: 'role', name: 'Other Reader', isUnproven: false },
    ])
  })

  it('dumps hand their tables to postgres, which is no superuser here', async () => {
    const run = await rehearse({
      texts: [`${TABLE} ALTER TABLE cases OWNER TO postgres;`, 'ALTER TABLE cases ADD COLUMN a int;'],
      live: 1,
    })
    expect(run.failure).toBeNull()
    const misuse = await rehearse({ texts: [TABLE, "SET ROLE postgres; COPY cases TO PROGRAM 'id';"], live: 1 })
    expect(misuse.failure?.error.sqlstate).toBe('42501')
  })

  it('a dump keeps its psql commands around it in the baseline; in a pending file they fail, as they would', async () => {
    const dump = `\\restrict aB3\n\n${TABLE}\n\n\\unrestrict aB3\n`
    expect((await rehearse({ texts: [dump, 'ALTER TABLE cases ADD COLUMN a int;'], live: 1 })).failure).toBeNull()
    expect((await rehearse({ texts: [TABLE, dump], live: 1 })).failure?.error.sqlstate).toBe('42601')
  })

  it('an extension for superusers: provided in the baseline, unproven in a pending one', async () => {
    const sql = 'CREATE TABLE before_it (id int);\nCREATE EXTENSION dblink;\nCREATE TABLE after_it (id int);'
    const live = await rehearse({ texts: [sql, TABLE], live: 1 })
    expect(live.failure).toBeNull()
    expect(live.provided).toMatchObject([{ what: 'extension', name: 'dblink', isUnproven: false }])
    const pending = await rehearse({ texts: [TABLE, sql], live: 1 })
    expect(pending.failure).toBeNull()
    expect(pending.provided).toMatchObject([{ what: 'extension', name: 'dblink', isUnproven: true }])
    const byStatements = await rehearse({ texts: [TABLE, sql], live: 1, send: 'statements' })
    expect(byStatements.failure).toBeNull()
  })

  it('a trusted extension needs nothing', async () => {
    const run = await rehearse({ texts: ['CREATE EXTENSION pg_trgm;', TABLE], live: 1 })
    expect(run).toMatchObject({ failure: null, provided: [] })
  })

  it('an extension that the server lacks is one failure by name', async () => {
    const run = await rehearse({ texts: [TABLE, 'CREATE EXTENSION postgis;', 'CREATE TABLE p (g geometry);'], live: 1 })
    expect(run.failure?.missingExtension).toBe('postgis')
    expect(outcomes(run)).toEqual(['applied', 'failed', 'not-reached'])
  })

  it('roles made by a migration: provided in the baseline, unproven in a pending one, fine where configured', async () => {
    const texts = ['CREATE ROLE app_reader NOLOGIN; CREATE TABLE r (id int);', 'CREATE ROLE app_writer NOLOGIN;']
    const run = await rehearse({ texts, live: 1 })
    expect(run.failure).toBeNull()
    expect(run.provided.map((one) => one.isUnproven)).toEqual([false, true])
    const configured = await rehearse({ texts, live: 1, roles: { attributes: ['createrole'], isConfigured: true } })
    expect(configured).toMatchObject({ failure: null, provided: [] })
  })

  it('a role that a DO block makes, also one with BYPASSRLS', async () => {
    const roles = 'DO $$ BEGIN CREATE ROLE reader NOLOGIN; CREATE ROLE service NOLOGIN BYPASSRLS; END $$;'
    const live = await rehearse({ texts: [roles, TABLE], live: 1 })
    expect(live.failure).toBeNull()
    expect(live.provided.map((one) => [one.name, one.isUnproven])).toEqual([
      ['deploy CREATEROLE', false],
      ['deploy BYPASSRLS', false],
    ])
    const pending = await rehearse({ texts: [TABLE, roles], live: 1 })
    expect(pending.failure).toBeNull()
    expect(pending.provided.every((one) => one.isUnproven)).toBe(true)
    const after = await rehearse({ texts: [roles, 'ALTER ROLE service NOLOGIN;'], live: 1 })
    expect(after.provided.map((one) => one.neededBy)).toEqual(['baseline', 'baseline', 'pending'])
  })

  it('a live history that switches all triggers off; a pending migration that does is refused', async () => {
    const pair = 'CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int REFERENCES a);'
    const off = 'ALTER TABLE b DISABLE TRIGGER ALL; UPDATE b SET id = 1; ALTER TABLE b ENABLE TRIGGER ALL;'
    const live = await rehearse({ texts: [pair, off, TABLE], live: 2 })
    expect(live.failure).toBeNull()
    expect(live.provided).toMatchObject([{ what: 'triggers', neededBy: 'baseline', isUnproven: false }])
    const pending = await rehearse({ texts: [pair, off], live: 1 })
    expect(pending.failure).toMatchObject({ error: { sqlstate: '42501' }, statement: { index: 1 } })
  })

  it.each(['batch', 'transaction', 'statements'] as const)(
    'a history that guards its ledger by a trigger, sent as %s: no rows, nothing twice, and it is said',
    async (send) => {
      const guard = `CREATE FUNCTION forbid() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'use our own runner'; END $$;
        CREATE TRIGGER forbid BEFORE INSERT ON ledger EXECUTE FUNCTION forbid();`
      const ledger = numberedLedger('ledger')
      const texts = [TABLE, guard, 'CREATE TABLE once (id int);']
      const live = await rehearse({ texts, live: 2, ledger, send })
      expect(live.failure).toBeNull()
      expect(live.provided).toMatchObject([{ what: 'ledger', name: 'public.ledger', isUnproven: false }])
      expect(live.provided[0]?.why).toContain('use our own runner')
      const pending = await rehearse({ texts, live: 1, ledger, send })
      expect(pending.failure).toBeNull()
      expect(pending.provided).toMatchObject([{ what: 'ledger', neededBy: 'pending', isUnproven: true }])
    },
  )

  it("production's database by its name", async () => {
    const run = await rehearse({ texts: [TABLE, "ALTER DATABASE shop SET timezone = 'UTC';"], live: 1 })
    expect(run.failure).toBeNull()
    expect(run.provided).toMatchObject([{ what: 'database', name: 'shop' }])
  })

  it('Supabase projects find their schemas, roles and functions', async () => {
    const run = await rehearse({
      folder: 'supabase/migrations',
      texts: [
        `CREATE TABLE public.profiles (id uuid PRIMARY KEY REFERENCES auth.users ON DELETE CASCADE);
         ALTER TABLE public.profiles ENABLE ROW LEVEL SECURITY;
         CREATE POLICY own ON public.profiles FOR SELECT TO authenticated USING (auth.uid() = id);
         GRANT ALL ON public.profiles TO anon, authenticated, service_role;`,
        `INSERT INTO storage.buckets (id, name) VALUES ('avatars', 'avatars');
         CREATE POLICY avatars ON storage.objects FOR SELECT USING (bucket_id = 'avatars');
         ALTER PUBLICATION supabase_realtime ADD TABLE public.profiles;`,
      ],
      live: 1,
    })
    expect(run.failure).toBeNull()
  })
})

describe('the baseline', () => {
  it('is the same from the cache as made anew, roles and grants included', async () => {
    const scene: Scene = {
      texts: [
        `${TABLE} GRANT SELECT ON cases TO cache_reader_${process.pid};`,
        'CREATE TABLE b (id int REFERENCES cases);',
      ],
      live: 1,
      roles: SPLIT,
      useCache: true,
    }
    const first = await rehearse(scene)
    const second = await rehearse(scene)
    expect(first.isBaselineCached).toBe(false)
    expect(second.isBaselineCached).toBe(true)
    expect({ ...second, isBaselineCached: false }).toEqual(first)
  })

  it('in split roles counts what belongs to someone else', async () => {
    expect((await rehearse({ texts: [TABLE, 'SELECT 1;'], live: 1, roles: SPLIT })).roles.foreignOwned).toBe(1)
    expect((await rehearse({ texts: [TABLE], live: 0, roles: SPLIT })).roles.foreignOwned).toBe(0)
  })

  it('names a relation of roles.owns that it does not make', async () => {
    await expect(stage({ texts: [TABLE], live: 1, roles: { ...SPLIT, owns: ['public.nowhere'] } })).rejects.toThrow(
      /roles.owns names public.nowhere/,
    )
  })

  it('forks worlds that know nothing of each other', async () => {
    const { rehearsing, pending } = await stage({
      texts: [TABLE, 'CREATE TABLE a (id int); CREATE ROLE forked;'],
      live: 1,
      roles: { attributes: ['createrole'] },
    })
    await using open = rehearsing
    await using one = await open.fork()
    await using two = await open.fork()
    expect((await one.apply(pending)).failure).toBeNull()
    expect((await two.apply(pending)).failure).toBeNull()
  })
})

const isInstalled = (await import('node:fs')).existsSync('/usr/lib/postgresql/15/bin/postgres')

describe('PostgreSQL 15', () => {
  // Under CI nothing is skipped: a missing server fails the test instead.
  it.runIf(isInstalled || process.env['CI'] !== undefined)('rehearses as 18 does', async () => {
    const run = await rehearse({
      texts: [TABLE, 'ALTER TABLE cases ADD COLUMN a int;'],
      live: 1,
      major: 15,
      roles: SPLIT,
    })
    expect(run.server).toMatchObject({ major: 15, origin: 'installed' })
    expect(run.failure?.error.sqlstate).toBe('42501')
  })
})
