import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Rehearsing } from '../../../src/migrations/engine.ts'
import type { Migration } from '../../../src/migrations/model.ts'
import { type DownTrial, rehearsalDown } from '../../../src/observers/rehearsal-down/kind.ts'
import { observeDowns } from '../../../src/observers/rehearsal-down/observe.ts'
import { type CatalogueServer, startCatalogueServer } from '../../postgres/catalogue-server.ts'
import { type Pair, migrationsOf, plainRehearsing } from './plain-rehearsing.ts'

const BASELINE = `
  CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL DEFAULT 'x', age integer);
  CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint REFERENCES users);
  CREATE VIEW grown AS SELECT id FROM users;
`

let server: CatalogueServer
beforeAll(async () => {
  server = await startCatalogueServer(null)
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
})

const trialsOf = async (rehearsing: Rehearsing, pending: Migration[]): Promise<readonly DownTrial[]> => {
  const observation = await observeDowns(rehearsing, { baseline: [], pending, extent: 'pending' })
  if (observation.status !== 'observed') throw new Error(observation.reason)
  return (await rehearsalDown.parse(structuredClone(observation.data))).trials
}

const tryPairs = async (...pairs: Pair[]): Promise<readonly DownTrial[]> =>
  await trialsOf(plainRehearsing(server, BASELINE), migrationsOf(...pairs))

const objects = (entries: readonly { object: string }[] | undefined): string[] =>
  (entries ?? []).map((one) => one.object)

describe('a down that does not take its up back', () => {
  it('forgets an index', async () => {
    const [trial] = await tryPairs([
      'ALTER TABLE users ADD COLUMN b text; CREATE INDEX IF NOT EXISTS users_age ON users (age)',
      'ALTER TABLE users DROP COLUMN b',
    ])
    expect(trial).toMatchObject({ outcome: 'reverted', missing: [], changed: [] })
    expect(objects(trial?.leftOver)).toEqual(['index public.users_age'])
  })

  it('drops the wrong table', async () => {
    const [trial] = await tryPairs(['CREATE TABLE IF NOT EXISTS invoices (id bigint)', 'DROP TABLE orders'])
    expect(trial?.outcome).toBe('reverted')
    expect(objects(trial?.leftOver)).toContain('table public.invoices')
    expect(objects(trial?.missing)).toContain('table public.orders')
    expect(objects(trial?.missing)).toContain('constraint orders_user_id_fkey on public.orders')
  })

  it('is empty', async () => {
    const [trial] = await tryPairs(['CREATE TABLE invoices (id bigint)', ''])
    expect(trial?.outcome).toBe('up-again-failed')
    expect(trial?.failure?.error.sqlstate).toBe('42P07')
    expect(objects(trial?.leftOver)).toContain('table public.invoices')
  })

  it('has a syntax error', async () => {
    const [trial] = await tryPairs(['CREATE TABLE invoices (id bigint)', 'DROP TABEL invoices'])
    expect(trial?.outcome).toBe('down-failed')
    expect(trial?.failure?.error.sqlstate).toBe('42601')
    expect(trial?.failure?.file).toBe('migrations/001_x.down.sql')
  })

  it.each([
    ['another default', "email text NOT NULL DEFAULT 'y'"],
    ['no NOT NULL', "email text DEFAULT 'x'"],
    ['another type', "email varchar(80) NOT NULL DEFAULT 'x'"],
  ])('restores a column with %s', async (_what, definition) => {
    const [trial] = await tryPairs([
      'ALTER TABLE users DROP COLUMN email',
      `ALTER TABLE users ADD COLUMN ${definition}`,
    ])
    expect(trial).toMatchObject({ outcome: 'reverted', leftOver: [], missing: [] })
    expect(trial?.changed.map(({ after }) => after.object)).toEqual(['column public.users.email'])
  })

  it.each([
    ['a function', 'CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS $$SELECT 1$$', 'function public.f()'],
    [
      'a role',
      "DO $$BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'left_role') THEN CREATE ROLE left_role; END IF; END$$",
      'role left_role',
    ],
    ['a grant', 'GRANT SELECT ON users TO PUBLIC', 'privileges on table public.users for PUBLIC'],
  ])('leaves %s', async (_what, up, object) => {
    const [trial] = await tryPairs([up, 'SELECT 1'])
    expect(trial?.outcome).toBe('reverted')
    expect(objects(trial?.leftOver)).toEqual([object])
  })

  it('leaves a type, so that the up fails the second time', async () => {
    const [trial] = await tryPairs([
      "CREATE TYPE mood AS ENUM ('low'); CREATE TABLE feelings (m mood)",
      'DROP TABLE feelings',
    ])
    expect(trial?.outcome).toBe('up-again-failed')
    expect(trial?.failure?.error.sqlstate).toBe('42710')
    expect(objects(trial?.leftOver)).toEqual(['type public.mood'])
  })
})

describe('a down that does', () => {
  it('gives no difference, the order of columns aside', async () => {
    const rehearsing = plainRehearsing(server, BASELINE)
    const trials = await trialsOf(
      rehearsing,
      migrationsOf(
        ['ALTER TABLE users DROP COLUMN email', "ALTER TABLE users ADD COLUMN email text NOT NULL DEFAULT 'x'"],
        ['CREATE TABLE invoices (id serial PRIMARY KEY, user_id bigint REFERENCES users)', 'DROP TABLE invoices'],
        [
          "CREATE TYPE mood AS ENUM ('low'); ALTER TABLE invoices ADD COLUMN m mood",
          'ALTER TABLE invoices DROP COLUMN m; DROP TYPE mood',
        ],
        [
          'CREATE OR REPLACE VIEW grown AS SELECT id, age FROM users',
          'DROP VIEW grown; CREATE VIEW grown AS SELECT id FROM users',
        ],
      ),
    )
    for (const trial of trials) {
      expect(trial).toMatchObject({ outcome: 'reverted', failure: null, leftOver: [], missing: [], changed: [] })
    }
    expect(trials).toHaveLength(4)
    expect(rehearsing.forks()).toBe(1)
  })

  it('is not blamed for a role that the rehearsal provided', async () => {
    const rehearsing = plainRehearsing(server, BASELINE, ['Reporting'])
    const [trial] = await trialsOf(
      rehearsing,
      migrationsOf(['GRANT SELECT ON users TO "Reporting"', 'REVOKE SELECT ON users FROM "Reporting"']),
    )
    expect(rehearsing.provided()).toHaveLength(1)
    expect(trial).toMatchObject({ outcome: 'reverted', leftOver: [], missing: [], changed: [] })
  })
})

describe('one after another', () => {
  it('judges each down in the state that production would have', async () => {
    const trials = await tryPairs(
      ['CREATE TABLE a (id bigint)', 'DROP TABLE nothing'],
      ['CREATE TABLE IF NOT EXISTS b (id bigint)', 'DROP TABLE b; DROP TABLE orders'],
      [
        'ALTER TABLE orders ADD COLUMN note text; ALTER TABLE a ADD COLUMN note text',
        'ALTER TABLE orders DROP COLUMN note; ALTER TABLE a DROP COLUMN note',
      ],
      ['CREATE TABLE c (id bigint)', null],
      ['ALTER TABLE c ADD COLUMN x int', 'ALTER TABLE c DROP COLUMN x'],
    )
    expect(trials.map((trial) => trial.outcome)).toEqual([
      'down-failed',
      'reverted',
      'reverted',
      'no-down-file',
      'reverted',
    ])
    expect(objects(trials[1]?.missing)).toContain('table public.orders')
    expect(trials[2]).toMatchObject({ leftOver: [], missing: [], changed: [] })
    expect(trials[4]).toMatchObject({ leftOver: [], missing: [], changed: [] })
  })

  it('ends at an up that fails', async () => {
    const trials = await tryPairs(
      ['CREATE TABLE a (id bigint)', 'DROP TABLE a'],
      ['ALTER TABLE nowhere ADD COLUMN x int', 'SELECT 1'],
      ['CREATE TABLE b (id bigint)', 'DROP TABLE b'],
    )
    expect(trials.map((trial) => trial.outcome)).toEqual(['reverted', 'up-failed', 'not-reached'])
    expect(trials[1]?.failure?.error.sqlstate).toBe('42P01')
  })

  it('says so when what passed does not apply a second time', async () => {
    let forks = 0
    const plain = plainRehearsing(server, BASELINE)
    const rehearsing: Rehearsing = {
      ...plain,
      fork: async () => {
        forks += 1
        const world = await plain.fork()
        return forks === 1
          ? world
          : { ...world, apply: async () => await world.apply(migrationsOf(['SELECT 1 / 0', null])) }
      },
    }
    const trials = await trialsOf(
      rehearsing,
      migrationsOf(['CREATE TABLE a (id bigint)', 'broken'], ['CREATE TABLE b (id bigint)', 'DROP TABLE b']),
    )
    expect(trials.map((trial) => trial.outcome)).toEqual(['down-failed', 'not-reached'])
    expect(trials[1]?.failure?.error.sqlstate).toBe('22012')
  })
})

describe('what could not be looked at', () => {
  it('needs no world where there is no down file', async () => {
    const rehearsing = plainRehearsing(server, BASELINE)
    const trials = await trialsOf(rehearsing, migrationsOf(['broken', null], ['broken', null]))
    expect(trials.map((trial) => trial.outcome)).toEqual(['no-down-file', 'no-down-file'])
    expect(rehearsing.forks()).toBe(0)
  })

  it('is an observation that failed when the server goes away', async () => {
    const plain = plainRehearsing(server, BASELINE)
    const rehearsing: Rehearsing = {
      ...plain,
      fork: async () => await Promise.reject(new Error('no space left on device')),
    }
    const pending = migrationsOf(['SELECT 1', 'SELECT 1'])
    const observation = await observeDowns(rehearsing, { baseline: [], pending, extent: 'pending' })
    expect(observation).toMatchObject({ status: 'failed', kind: 'rehearsal-down' })
    expect(observation).toHaveProperty('reason', expect.stringContaining('no space left on device'))
  })

  it('is an observation that failed when the history does not apply', async () => {
    const plain = plainRehearsing(server, BASELINE)
    await using world = await plain.fork()
    const { failure } = await world.apply(migrationsOf(['SELECT 1 / 0', null]))
    const rehearsing: Rehearsing = { ...plain, baseline: { ...plain.baseline, failure } }
    const pending = migrationsOf(['SELECT 1', 'SELECT 1'])
    expect(await observeDowns(rehearsing, { baseline: [], pending, extent: 'pending' })).toMatchObject({
      status: 'failed',
    })
  })

  it('throws the reason of a cancelled run', async () => {
    const controller = new AbortController()
    controller.abort(new Error('cancelled'))
    const pending = migrationsOf(['SELECT 1', 'SELECT 1'])
    const request = { baseline: [], pending, extent: 'all' as const, signal: controller.signal }
    await expect(observeDowns(plainRehearsing(server, BASELINE), request)).rejects.toThrow('cancelled')
  })
})
