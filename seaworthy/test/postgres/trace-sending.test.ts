import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Traced } from '../../src/migrations/effects.ts'
import type { Failure } from '../../src/migrations/engine.ts'
import type { LedgerTable, SendMode } from '../../src/migrations/model.ts'
import { SPLIT, migrationsOf } from './rehearse.ts'
import { type TraceStage, lines, stageTrace } from './traced.ts'

const LEDGER: LedgerTable = {
  name: 'public.done',
  style: 'rows',
  keyColumn: 'version',
  createSql: ['CREATE TABLE public.done (version text)'],
  recordSql: ({ version }) => [{ text: 'INSERT INTO public.done VALUES ($1)', values: [version] }],
  forgetSql: () => [],
  readSql: 'SELECT version FROM public.done',
  parseRow: () => null,
}

const SCHEMA = `
  CREATE TABLE users (id int PRIMARY KEY, name text);
  CREATE TABLE posts (id int PRIMARY KEY, user_id int REFERENCES users DEFERRABLE INITIALLY DEFERRED);
  INSERT INTO users VALUES (1, 'a'), (2, 'b');`

/** Files that apply, in every way in which a tool sends them. */
const FILES: readonly (readonly [send: SendMode, text: string])[] = [
  ['batch', "CREATE TABLE a (id int); INSERT INTO a VALUES (1); UPDATE users SET name = 'z'"],
  ['batch', "CREATE TABLE a (id int); BEGIN; INSERT INTO a VALUES (1); COMMIT; UPDATE users SET name = 'z'"],
  [
    'batch',
    'BEGIN; CREATE TABLE a (id int); SAVEPOINT s; DROP TABLE users CASCADE; ROLLBACK TO s; COMMIT AND CHAIN; DELETE FROM users; COMMIT',
  ],
  ['batch', 'CREATE INDEX CONCURRENTLY i ON users (name)'],
  ['transaction', "CREATE TABLE a (id int); UPDATE users SET name = 'z'"],
  ['transaction', "CREATE TABLE a (id int); COMMIT; UPDATE users SET name = 'z'; CREATE TABLE b (id int)"],
  [
    'statements',
    'CREATE TABLE a (id int); CREATE INDEX CONCURRENTLY i ON users (name); BEGIN; DELETE FROM users; COMMIT; VACUUM users',
  ],
  [
    'statements',
    "SET search_path = public; CREATE TABLE a (id int); ALTER TYPE mood ADD VALUE 'high'; CREATE TABLE b (m mood DEFAULT 'high')",
  ],
  ['pieces', "CREATE TABLE a (id int); INSERT INTO a VALUES (1)--> UPDATE users SET name = 'z'"],
  ['batch', '-- nothing at all'],
]

/** Where a file fails, what stands, in the words of both runs. */
const FAILURES: readonly (readonly [send: SendMode, text: string])[] = [
  ['batch', 'CREATE TABLE a (id int); SELECT * FROM nothing'],
  ['batch', 'CREATE TABLE a (id int); COMMIT; SELECT * FROM nothing'],
  ['batch', 'CREATE TABLE a (id int); CREATE INDEX CONCURRENTLY i ON users (name)'],
  ['batch', 'CREATE TABLE a (id int'],
  ['batch', 'BEGIN; CREATE TABLE a (id int)'],
  ['batch', 'BEGIN; CREATE TABLE a (id int); ROLLBACK'],
  ['transaction', 'INSERT INTO posts VALUES (1, 99)'],
  ['statements', 'CREATE TABLE a (id int); SELECT * FROM nothing; CREATE TABLE b (id int)'],
  ['pieces', 'CREATE TABLE a (id int)--> SELECT * FROM nothing'],
]

/** What a failure says, but for how its place is counted. */
const short = (failure: Failure | null): unknown => [
  failure?.file,
  failure?.error.sqlstate,
  failure?.error.message,
  failure?.leavesHalf,
  failure?.statement?.line,
  failure?.statement?.column,
]

describe('a traced run sends what the tool sends', () => {
  let staged: TraceStage
  beforeAll(async () => {
    staged = await stageTrace({ texts: [`${SCHEMA} CREATE TYPE mood AS ENUM ('low');`], ledger: LEDGER })
  })
  afterAll(async () => await staged[Symbol.asyncDispose]())

  it.each(FILES)('by %s: %s', async (send, text) => {
    const files = migrationsOf([text], send)
    await using traced = await staged.world()
    await using plain = await staged.seeded.fork()
    const said = await traced.applyTraced(files)
    expect(said.failure).toBeNull()
    expect((await plain.apply(files)).failure).toBeNull()
    expect(await traced.catalogue()).toEqual(await plain.catalogue())
    const [ofTraced, ofPlain] = [await traced.watchRows(), await plain.watchRows()]
    expect((await ofTraced.look()).digests).toEqual((await ofPlain.look()).digests)
    expect(said.statements.every((one) => one.index > 0)).toBe(true)
  })

  it.each(FAILURES)('and fails as it does, by %s: %s', async (send, text) => {
    const files = migrationsOf([text], send)
    await using traced = await staged.world()
    await using plain = await staged.seeded.fork()
    const { failure, applied } = await traced.applyTraced(files)
    expect(applied).toBe(0)
    expect(short(failure)).toEqual(short((await plain.apply(files)).failure))
    expect(await traced.catalogue()).toEqual(await plain.catalogue())
  })

  it('tells which statements commit together', async () => {
    const text = "CREATE TABLE a (id int); COMMIT; UPDATE users SET name = 'z'; CREATE TABLE b (id int)"
    const numbers = ({ statements }: Traced): (number | null)[] => statements.map((one) => one.transaction)
    expect(numbers(await staged.trace(text, 'transaction'))).toEqual([1, 1, 2, 2])
    expect(numbers(await staged.trace(text, 'batch'))).toEqual([1, 1, 2, 2])
    expect(numbers(await staged.trace([text.slice(0, 24), 'VACUUM users'], 'statements'))).toEqual([1, null])
  })

  it('tells what only runs at COMMIT', async () => {
    const traced = await staged.trace([
      `CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM users WHERE id = 2; RETURN NULL; END $$;
       CREATE CONSTRAINT TRIGGER late AFTER UPDATE ON users DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION late()`,
      "UPDATE users SET name = 'z' WHERE id = 1",
    ])
    expect(lines(traced)).toContain('delete table public.users ?')
  })

  it('leaves the ledger out of locks and writes', async () => {
    const traced = await staged.trace(['SELECT 1', 'SELECT 2'])
    expect(traced.statements.flatMap((one) => [...one.events, ...one.locks])).toEqual([])
    expect(traced.applied).toBe(2)
  })

  it('tells a file whole that only applies whole', async () => {
    // A statement sees when it came in its own message: what the file means is another thing then.
    const text = `SELECT set_config('my.at', statement_timestamp()::text, false);
      DO $$ BEGIN IF current_setting('my.at') <> statement_timestamp()::text THEN RAISE EXCEPTION 'apart'; END IF; DELETE FROM users; END $$`
    const traced = await staged.trace(text)
    expect(traced.failure).toBeNull()
    expect(traced.statements.map((one) => one.index)).toEqual([0])
    expect(lines(traced)).toContain('delete table public.users ?')
  })

  it('looks closely at a file of many rows, and still tells each write', async () => {
    const text = Array.from({ length: 300 }, (_, at) => `INSERT INTO users VALUES (${at + 10}, 'n')`).join(';\n')
    const traced = await staged.trace(text)
    expect(traced.statements).toHaveLength(300)
    expect(traced.statements.every((one) => one.events.some((event) => event.kind === 'write'))).toBe(true)
  })
})

describe('with one transaction around all that is pending', () => {
  it('nothing stays of what fails, and everything has one number', async () => {
    await using staged = await stageTrace({
      texts: [SCHEMA],
      transaction: 'all-pending',
      send: 'pieces',
      ledger: LEDGER,
    })
    const good = await staged.trace(['CREATE TABLE a (id int)', 'DELETE FROM users'], 'pieces')
    expect(good.applied).toBe(2)
    expect(good.statements.map((one) => one.transaction)).toEqual([1, 1])
    const bad = await staged.trace(['CREATE TABLE a (id int)', 'DELETE FROM nothing'], 'pieces')
    expect(bad).toMatchObject({ applied: 0, failure: { file: 'migrations/002_step.up.sql', leavesHalf: false } })
  })
})

describe('what production has is provided to the traced run, too', () => {
  it.each<SendMode>(['batch', 'transaction', 'statements'])('by %s', async (send) => {
    await using staged = await stageTrace({ texts: [SCHEMA], send, ledger: LEDGER })
    const text = `UPDATE users SET name = 'z'; GRANT SELECT ON users TO some_reader; CREATE EXTENSION pg_stat_statements;
      GRANT SELECT ON posts TO other_reader; DELETE FROM posts`
    const traced = await staged.trace(text, send)
    expect(traced.failure).toBeNull()
    expect(traced.statements.map((one) => one.index)).toEqual([1, 2, 4, 5])
    expect(lines(traced).filter((line) => line.startsWith('update'))).toEqual(['update table public.users 2'])
    expect(staged.staged.rehearsing.provided().map((one) => one.name)).toEqual(
      expect.arrayContaining(['some_reader', 'pg_stat_statements', 'other_reader']),
    )
  })
})

describe('who does not own the tables', () => {
  it('fails as in the faithful run', async () => {
    await using staged = await stageTrace({ texts: [SCHEMA], roles: SPLIT })
    const traced = await staged.trace('ALTER TABLE users ADD COLUMN a int')
    expect(traced.failure?.owner).toEqual({ object: 'public.users', owner: 'owner', migratingRole: 'deploy' })
  })
})
