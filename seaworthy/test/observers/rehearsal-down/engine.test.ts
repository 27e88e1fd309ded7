import { expect, it } from 'vitest'
import type { RehearsalRequest } from '../../../src/migrations/engine.ts'
import { formatNamed } from '../../../src/migrations/formats.ts'
import type { Migration } from '../../../src/migrations/model.ts'
import { rehearsalDown } from '../../../src/observers/rehearsal-down/kind.ts'
import { observeDowns } from '../../../src/observers/rehearsal-down/observe.ts'
import { postgresEngine } from '../../../src/postgres/engine.ts'
import { openScratchHost } from '../../../src/postgres/scratch-host.ts'
import { migrationsOf } from './plain-rehearsing.ts'

const requestFor = (baseline: Migration[], pending: Migration[]): RehearsalRequest => ({
  tree: {
    format: 'golang-migrate',
    detectedBy: 'test',
    folder: 'migrations',
    transaction: 'per-file',
    migrations: [...baseline, ...pending],
    problems: [],
  },
  baseline,
  pending,
  roles: {
    mode: 'single',
    isConfigured: true,
    deployRole: 'deploy',
    ownerRole: 'owner',
    attributes: [],
    memberOf: [],
    owns: [],
  },
  major: null,
  serverUrl: null,
  useCache: false,
  lockTimeoutMs: 2_000,
  statementTimeoutMs: 10_000,
  signal: new AbortController().signal,
  progress: () => undefined,
})

it('tries the downs behind the real engine, with its ledger, its roles and what it provides', async () => {
  const [first, ...pending] = migrationsOf(
    ['CREATE TABLE users (id bigint PRIMARY KEY)', 'DROP TABLE users'],
    ['GRANT SELECT ON users TO reporting', 'REVOKE SELECT ON users FROM reporting'],
    ['BEGIN; CREATE TABLE orders (id serial); COMMIT;', 'BEGIN; DROP TABLE orders; DROP TABLE nothing; COMMIT;'],
    ["ALTER TABLE orders ADD COLUMN note text DEFAULT 'x'", 'ALTER TABLE orders DROP COLUMN note'],
    ['CREATE INDEX IF NOT EXISTS by_note ON orders (note)', 'SELECT 1'],
  )
  const request = requestFor(first === undefined ? [] : [first], pending)
  const ledger = formatNamed('golang-migrate').ledger
  const engine = postgresEngine(async (wanted) => await openScratchHost(wanted, process.cwd()), ledger)
  await using rehearsing = await engine.open(request)
  const observation = await observeDowns(rehearsing, { baseline: request.baseline, pending, extent: 'pending' })
  const { trials } = await rehearsalDown.parse('data' in observation ? observation.data : null)

  expect(trials.map((trial) => trial.outcome)).toEqual(['reverted', 'down-failed', 'reverted', 'reverted'])
  expect(trials[1]?.failure?.error.sqlstate).toBe('42P01')
  expect(trials.map(({ leftOver, missing, changed }) => [leftOver, missing, changed].map((one) => one.length))).toEqual(
    [
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
      [1, 0, 0],
    ],
  )
  expect(trials[3]?.leftOver[0]?.object).toBe('index public.by_note')
})
