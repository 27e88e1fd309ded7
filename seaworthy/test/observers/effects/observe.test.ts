import { describe, expect, it } from 'vitest'
import { Observations } from '../../../src/gate/observation.ts'
import { type Effects, effects } from '../../../src/observers/effects/kind.ts'
import { compareRuns } from '../../../src/observers/effects/interference.ts'
import { observeEffects } from '../../../src/observers/effects/observe.ts'
import { type Scene, stage } from '../../postgres/rehearse.ts'

const LIVE = `
  CREATE TABLE users (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text NOT NULL, nickname text, age int);
  CREATE FUNCTION purge() RETURNS void LANGUAGE sql AS 'DELETE FROM users';
  INSERT INTO users (email) VALUES ('a@example.org');`

async function seenOf(scene: Scene): Promise<{ seen: Effects; applied: number | null }> {
  const staged = await stage(scene)
  await using rehearsing = staged.rehearsing
  const { tree, pending } = staged
  const input = { tree, pending, seed: { script: null, seed: 1 }, signal: new AbortController().signal }
  const { observation, run } = await observeEffects(rehearsing, input)
  return { seen: new Observations([observation]).need(effects), applied: run?.applied ?? null }
}

const after = async (...pending: string[]) => await seenOf({ texts: [LIVE, ...pending], live: 1 })

describe.each([18, 15])('the effects of a release on PostgreSQL %i', (major) => {
  const on = async (...pending: string[]) => await seenOf({ texts: [LIVE, ...pending], live: 1, major })

  it('who is let in no more, whatever the spelling; a failed look is no bug of ours', async () => {
    const { seen } = await on(
      "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I CONNECTION LIMIT 0', current_database()); END $$;",
    )
    expect(seen.refusals).toMatchObject([{ role: 'deploy', error: { sqlstate: '53300' } }])
    expect(seen.traceUnproven).toEqual(expect.stringContaining('the server did not let us look: too many connections'))
    expect(seen.rows).toEqual([])
  })

  it('made-up rows name large objects where others do', async () => {
    const live = `CREATE DOMAIN lo AS oid; CREATE TABLE avatars (picture lo NOT NULL, other oid);
      INSERT INTO avatars VALUES (lo_from_bytea(0, 'one picture'), 7);`
    const seenAfter = async (sql: string) => (await seenOf({ texts: [live, sql], live: 1, major })).seen
    expect(await seenAfter('SELECT lo_get(picture) FROM avatars;')).toMatchObject({ conflicts: [], failure: null })
    const unlinked = await seenAfter('SELECT lo_unlink(p) FROM (SELECT DISTINCT picture AS p FROM avatars) AS d;')
    expect(unlinked).toMatchObject({ conflicts: [], rows: [{ object: 'large objects' }] })
    expect(unlinked.rows[0]?.lost).toBeGreaterThan(1)
    expect((await seenAfter('SELECT lo_get(other) FROM avatars;')).failure).toMatchObject({
      error: { sqlstate: '42704' },
    })
  })

  it('a file sent as one message is the text of what ran inside of it, and no interference', async () => {
    const { seen } = await on(
      `BEGIN; CREATE TEMP TABLE kept ON COMMIT DROP AS SELECT u.id, interval '1 day' AS d FROM users u WHERE u.age > 1;
       UPDATE users SET age = 2 WHERE id IN (SELECT id FROM kept); COMMIT;`,
    )
    expect(seen).toMatchObject({ traceUnproven: null, interference: [], failure: null })
  })

  it('the same for the same release, whatever is made up on the way', async () => {
    const live = `CREATE TABLE logins (id int PRIMARY KEY, at timestamptz DEFAULT now(), token uuid DEFAULT gen_random_uuid());
      INSERT INTO logins VALUES (1);`
    const release = `UPDATE logins SET token = gen_random_uuid(), at = clock_timestamp();
      CREATE FUNCTION anew() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.at := clock_timestamp(); NEW.token := gen_random_uuid(); RETURN NEW; END $$;
      CREATE TRIGGER anew BEFORE INSERT OR UPDATE ON logins FOR EACH ROW EXECUTE FUNCTION anew();`
    const once = async () => (await seenOf({ texts: [live, release], live: 1, major })).seen
    const [one, other] = [await once(), await once()]
    expect(one.rows[0]?.columns).toHaveLength(2)
    expect(one.probes?.flatMap((probe) => probe.after.altered)).not.toEqual([])
    expect(other).toEqual(one)
  })

  it('where sequences stand', async () => {
    const { seen } = await on("SELECT setval('users_id_seq', (SELECT min(id) FROM users), false);")
    expect(seen.sequences).toMatchObject([
      {
        object: 'sequence public.users_id_seq',
        after: { last: '1', isCalled: false },
        columns: [{ column: 'column public.users.id', farthest: seen.sequences[0]?.before.last }],
      },
    ])
    expect((await on("INSERT INTO users (email) VALUES ('b@example.org');")).seen.sequences).toHaveLength(1)
    expect((await on('SELECT 1;')).seen.sequences).toEqual([])
  })

  it('rows that a function deletes are lost, and the statement that called it is named', async () => {
    const { seen } = await on('SELECT purge();')
    const lost = seen.rows.find((one) => one.object === 'table public.users')
    expect(lost?.lost).toBeGreaterThan(1)
    const [statement] = seen.steps[0]?.statements ?? []
    expect(statement?.events).toContainEqual(
      expect.objectContaining({ kind: 'write', operation: 'delete', object: 'table public.users' }),
    )
    expect(seen).toMatchObject({ traceUnproven: null, interference: [], conflicts: [], failure: null })
  })

  it('what is dropped inside of a DO block is in the difference and in the trace', async () => {
    const { seen } = await on("DO $$ BEGIN EXECUTE 'dr' || 'op table users'; END $$;")
    expect(seen.difference.removed.map((one) => one.object)).toContain('table public.users')
    expect(seen.steps[0]?.statements[0]?.events).toContainEqual(
      expect.objectContaining({ kind: 'dropped', object: 'table public.users', isDirect: true }),
    )
  })

  it('a column that no row could have a value for fails: no made-up row is to blame', async () => {
    const { seen, applied } = await on('ALTER TABLE users ADD COLUMN tenant int NOT NULL;')
    expect(applied).toBe(0)
    expect(seen).toMatchObject({ conflicts: [], failure: { error: { sqlstate: '23502' } } })
  })

  it('NOT NULL on a column with made-up NULLs is a conflict, and the run goes on', async () => {
    const { seen, applied } = await on(
      "UPDATE users SET nickname = 'x' WHERE email = 'a@example.org' AND nickname IS NULL;",
      'ALTER TABLE users ALTER COLUMN nickname SET NOT NULL;',
      'CREATE TABLE notes (id int);',
    )
    expect(applied).toBe(3)
    expect(seen.conflicts).toMatchObject([{ failure: { file: 'migrations/003_step.up.sql' } }])
    expect(seen.difference.added.map((one) => one.object)).toContain('table public.notes')
    expect(seen.traceUnproven).toBeNull()
  })

  it('NOT NULL on a NULL that a migration inserted fails', async () => {
    const { seen, applied } = await on('ALTER TABLE users ALTER COLUMN nickname SET NOT NULL;')
    expect(applied).toBe(0)
    expect(seen).toMatchObject({ conflicts: [], failure: { error: { sqlstate: '23502' } } })
  })
})

it('with nothing pending there is the schema as it is', async () => {
  const { seen, applied } = await after()
  expect(applied).toBeNull()
  expect(seen.before.map((one) => one.object)).toContain('table public.users')
  expect(seen.steps).toEqual([])
})

it('a history that does not apply has no effects to observe', async () => {
  const staged = await stage({ texts: ['CREATE TABLE a (id nonsense);', 'SELECT 1;'], live: 1 })
  await using rehearsing = staged.rehearsing
  const { tree, pending } = staged
  const input = { tree, pending, seed: { script: null, seed: 1 }, signal: new AbortController().signal }
  const { observation, run } = await observeEffects(rehearsing, input)
  expect(observation.status).toBe('failed')
  expect(run).toBeNull()
})

describe('two runs are compared', () => {
  const run = {
    after: [{ object: 'table public.a', definition: 'x' }],
    digests: [{ object: 'table public.a', digest: '1' }],
  }

  it('the same twice is no difference', () => {
    expect(compareRuns(run, run)).toEqual([])
  })

  it('another definition, another object and other rows are each told', () => {
    expect(compareRuns(run, { ...run, after: [{ object: 'table public.a', definition: 'y' }] })).toHaveLength(1)
    expect(compareRuns(run, { ...run, after: [] })).toEqual([
      expect.stringContaining('only there after the faithful run'),
    ])
    expect(compareRuns({ ...run, after: [] }, run)).toEqual([
      expect.stringContaining('only there after the traced run'),
    ])
    expect(compareRuns(run, { ...run, digests: [] })).toEqual([expect.stringContaining('rows of table public.a')])
    expect(compareRuns({ ...run, digests: [] }, run)).toHaveLength(1)
  })
})
