import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findBinaries } from '../../src/postgres/binaries.ts'
import { migrationsOf } from './rehearse.ts'
import { type TraceStage, lines, stageTrace } from './traced.ts'

const SCHEMA = `
  CREATE TABLE users (id int PRIMARY KEY, name text);
  CREATE TABLE posts (id int PRIMARY KEY);
  CREATE VIEW names AS SELECT DISTINCT name FROM users;
  INSERT INTO users VALUES (1, 'a');
  CREATE FUNCTION forget() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM users; RETURN NULL; END $$;`

const NOBODY = 'SELECT id FROM users WHERE id < -5'
const HIDDEN = (sql: string): string => `DO $$ BEGIN EXECUTE '${sql.replace(' ', `' || ' `)}'; END $$`

/** What hangs something on a relation of the release, and writes to it without meeting a row. */
const OWN: readonly (readonly [what: string, sql: string, told: readonly string[]])[] = [
  [
    'a new table with a trigger',
    `CREATE TABLE n (i int); CREATE TRIGGER t AFTER INSERT ON n FOR EACH ROW EXECUTE FUNCTION forget(); INSERT INTO n ${NOBODY}`,
    ['insert table public.n'],
  ],
  [
    'one whose trigger was made where nobody reads it',
    `CREATE TABLE n (i int); ${HIDDEN('CREATE TRIGGER t AFTER UPDATE ON n FOR EACH ROW EXECUTE FUNCTION forget()')};
     UPDATE n SET i = 1; ${HIDDEN('DROP TRIGGER t ON n')}`,
    ['update table public.n'],
  ],
  [
    'a temporary one',
    `CREATE TEMP TABLE n (i int); CREATE TRIGGER t BEFORE DELETE ON n FOR EACH ROW EXECUTE FUNCTION forget();
     DO $$ BEGIN DELETE FROM n WHERE i = 1; END $$`,
    ['delete table pg_temp.n'],
  ],
  [
    'one with another name by now',
    `CREATE TABLE n (i int); CREATE TRIGGER t AFTER INSERT ON n FOR EACH ROW EXECUTE FUNCTION forget();
     ALTER TABLE n RENAME TO "m n"; INSERT INTO "m n" ${NOBODY}`,
    ['insert table public.n', 'insert table public."m n"'],
  ],
  [
    'a partition, by a trigger of its parent',
    `CREATE TABLE n (i int) PARTITION BY LIST (i); CREATE TRIGGER t AFTER INSERT ON n FOR EACH ROW EXECUTE FUNCTION forget();
     CREATE TABLE n_1 PARTITION OF n DEFAULT; INSERT INTO n_1 ${NOBODY}`,
    ['insert table public.n_1'],
  ],
  [
    'a partition that was there before the trigger',
    `CREATE TABLE n (i int) PARTITION BY LIST (i); CREATE TABLE n_1 PARTITION OF n DEFAULT;
     CREATE TRIGGER t AFTER INSERT ON n FOR EACH ROW EXECUTE FUNCTION forget(); INSERT INTO n_1 ${NOBODY}`,
    ['insert table public.n_1'],
  ],
  [
    'a new view',
    `CREATE VIEW v AS ${NOBODY}; CREATE TRIGGER t INSTEAD OF DELETE ON v FOR EACH ROW EXECUTE FUNCTION forget(); DELETE FROM v`,
    ['delete view public.v'],
  ],
  [
    'a table that rows of before follow by a key',
    `CREATE TABLE n (id int PRIMARY KEY); ALTER TABLE posts ADD COLUMN n_id int REFERENCES n ON DELETE CASCADE;
     ${HIDDEN('DELETE FROM n')}`,
    ['delete table public.n'],
  ],
  [
    'a table that one of before inherits from',
    `CREATE TABLE n (id int); ALTER TABLE posts INHERIT n; DELETE FROM n WHERE id < -5`,
    ['delete table public.n'],
  ],
  [
    'a table whose trigger of ours is gone',
    `CREATE TABLE n (i int); CREATE TRIGGER t AFTER INSERT ON n FOR EACH ROW EXECUTE FUNCTION forget();
     DO $$ DECLARE t name; BEGIN
       FOR t IN SELECT tgname FROM pg_trigger WHERE tgrelid = 'n'::regclass AND tgname LIKE 'pg_seaworthy%' LOOP
         EXECUTE format('DROP TRIGGER %I ON n', t);
       END LOOP;
     END $$;
     INSERT INTO n ${NOBODY}`,
    ['insert table public.n'],
  ],
  [
    'nothing of a table on which nothing hangs',
    `CREATE TABLE n (id int PRIMARY KEY); CREATE TABLE m (id int REFERENCES n ON DELETE CASCADE); INSERT INTO n VALUES (1);
     DELETE FROM n; CREATE VIEW v AS SELECT * FROM n; DELETE FROM v`,
    [],
  ],
]

const isInstalled = async (major: number): Promise<boolean> =>
  await findBinaries(major, process.cwd()).then(
    () => true,
    () => false,
  )
const majors = await Promise.all([18, 15].map(async (major) => ({ major, isThere: await isInstalled(major) })))

describe.each(majors)('relations of the release, on PostgreSQL $major', ({ major, isThere }) => {
  const isSkipped = !isThere && process.env['CI'] !== 'true'
  let staged: TraceStage
  beforeAll(async () => {
    if (!isSkipped) staged = await stageTrace({ texts: [SCHEMA], major })
  })
  afterAll(async () => {
    if (!isSkipped) await staged[Symbol.asyncDispose]()
  })

  it.skipIf(isSkipped).each(OWN)('are told when written to: %s', async (_what, sql, told) => {
    const traced = await staged.trace(sql)
    expect(traced.failure).toBeNull()
    const own = traced.statements.flatMap((one) => one.ownWrites ?? [])
    expect(own.map((one) => `${one.operation} ${one.object}`)).toEqual(told)
    expect(lines(traced).filter((line) => /^(?:insert|update|delete|truncate) /.test(line))).toEqual([])
  })

  it.skipIf(isSkipped)('do not hide an old view that something was hung on', async () => {
    const traced = await staged.trace(
      `CREATE TRIGGER t INSTEAD OF DELETE ON names FOR EACH ROW EXECUTE FUNCTION forget(); DELETE FROM names WHERE name = 'z'`,
    )
    expect(lines(traced)).toContain('delete view public.names ?')
  })

  it.skipIf(isSkipped)('tells a trigger that a block made in the words of the server', async () => {
    const long = `CREATE TRIGGER t /*${'x'.repeat(500)}*/ AFTER UPDATE ON users FOR EACH ROW EXECUTE FUNCTION forget()`
    const traced = await staged.trace(`DO $$ BEGIN ${long}; END $$`)
    expect(traced.statements[0]?.nested).toContain(
      'CREATE TRIGGER t AFTER UPDATE ON public.users FOR EACH ROW EXECUTE FUNCTION public.forget()',
    )
  })

  it.skipIf(isSkipped)('are left as they are', async () => {
    await using world = await staged.world()
    await using plain = await staged.seeded.fork()
    const sql = OWN.filter(([what]) => what.includes('partition')).map(([, one]) => one)[0] ?? ''
    expect((await world.applyTraced(migrationsOf([sql]))).failure).toBeNull()
    expect((await plain.apply(migrationsOf([sql]))).failure).toBeNull()
    expect(await world.catalogue()).toEqual(await plain.catalogue())
  })
})
