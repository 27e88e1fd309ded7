import { describe, expect, it } from 'vitest'
import { contradictionOf, type FolderSeen } from '../../../src/gate/verify/asked.ts'
import type { RunRequest } from '../../../src/gate/evidence.ts'
import { type Observation, observed } from '../../../src/gate/observation.ts'

const ROLES = { mode: 'single', isConfigured: false }
const REQUEST: RunRequest = {
  folders: [{ dir: 'db', format: 'flyway', baseline: null, ledgerTable: null }],
  since: null,
  all: false,
  branches: false,
  roles: { ...ROLES, deployRole: 'deploy' },
  major: 18,
  down: 'pending',
  lockTimeoutMs: 1,
  statementTimeoutMs: 1,
  inputs: [],
  server: 'scratch',
}
const SEEN: FolderSeen = {
  folder: 'db',
  observations: new Map(),
  format: 'flyway',
  pending: { basis: 'git', explanation: 'new since main', baseCommit: null },
  isLedgerRead: false,
  rehearsal: { major: 18, isGivenServer: false, roles: ROLES },
  querySources: null,
}
const DIGEST = 'a'.repeat(64)
const input = (as: string, sha256: string | null = DIGEST): RunRequest['inputs'][number] => ({ as, file: null, sha256 })
const looked = (...kinds: readonly string[]): ReadonlyMap<string, Observation> =>
  new Map(
    kinds.map((name) => [
      name,
      observed(
        { name, version: 1, parse: () => Promise.reject(new Error('not from outside')) },
        `f sha256:${DIGEST}`,
        {},
      ),
    ]),
  )
const told = (request: Partial<RunRequest>, seen: Partial<FolderSeen> = {}, isPartial = false): string | null =>
  contradictionOf({ request: { ...REQUEST, ...request }, isPartial, candidate: { commit: 'c1' } }, [
    { ...SEEN, ...seen },
  ])
const baseline = (version: string | null): Partial<RunRequest> => ({
  folders: REQUEST.folders.map((one) => ({ ...one, baseline: version })),
})
const pending = (basis: string, explanation = ''): Partial<FolderSeen> => ({
  pending: { basis, explanation, baseCommit: null },
})

it('what was observed is what was asked for', () => {
  expect(told({})).toBeNull()
  expect(told({}, { format: null, pending: null, rehearsal: null })).toBeNull()
})

it('what was compared with the candidate itself says so', () => {
  const compared = { basis: 'git', explanation: 'new since main' }
  const own = 'db: it was compared with the candidate itself, and does not say so'
  expect(told({}, { pending: { ...compared, baseCommit: 'c1' } })).toBe(own)
  expect(told({}, { pending: { ...compared, baseCommit: 'c1', isBaseCandidate: true } })).toBeNull()
  expect(told({}, { pending: { ...compared, baseCommit: 'b1' } })).toBeNull()
  // Outside of git there is no candidate's commit, nor one to compare with.
  const outside = { request: REQUEST, isPartial: false, candidate: { commit: null } }
  expect(contradictionOf(outside, [SEEN])).toBeNull()
})

describe('what was given is among the observations', () => {
  it.each([
    ['ledger db', 'ledger'],
    ['shape', 'shape'],
    ['answers', 'answers'],
    ['workload', 'queries'],
  ])('%s', (as, kind) => {
    const missing = `db: ${kind} was given, and there is no observation of it`
    expect(told({ inputs: [input(as)] })).toBe(missing)
    // A name is a bundle's, and may be any.
    for (const name of ['__proto__', 'constructor']) expect(told({ inputs: [input(name)] })).toBeNull()
    expect(told({ inputs: [input('config'), input(as)] }, { observations: looked('else') })).toBe(missing)
    expect(told({ inputs: [input(as)] }, { observations: looked(kind) })).toBeNull()
    // A part of the checks needs a part of the observations.
    expect(told({ inputs: [input(as)] }, {}, true)).toBeNull()
  })

  it('a workload is one of the sources of the queries', () => {
    const observations = looked('queries', 'shape')
    const given = { inputs: [input('workload')] }
    expect(told(given, { observations, querySources: ['shape'] })).toBe(
      'db: a workload was given, and the queries that were observed are none of it',
    )
    expect(told(given, { observations, querySources: ['shape', 'workload'] })).toBeNull()
    expect(told({ inputs: [input('shape')] }, { observations, querySources: ['shape'] })).toBeNull()
  })

  it('other branches', () => {
    expect(told({ branches: true })).toBe(
      'db: other branches were to be looked at, and there is no observation of them',
    )
    expect(told({ branches: true }, { observations: looked('branches') })).toBeNull()
  })

  it('a ledger for a folder that was looked at', () => {
    const stray = 'a ledger was given for a folder that was not looked at'
    expect(told({ inputs: [input('config'), input('ledger other')] })).toBe(stray)
    const nothing = (request: RunRequest) =>
      contradictionOf({ request, isPartial: false, candidate: { commit: null } }, [])
    expect(nothing({ ...REQUEST, inputs: [input('ledger db')] })).toBe(stray)
    expect(nothing(REQUEST)).toBeNull()
  })

  it('that very ledger', () => {
    const given = { inputs: [input('shape', 'c'.repeat(64)), input('ledger db')] }
    const seen = { observations: looked('ledger', 'shape'), isLedgerRead: true, ...pending('ledger') }
    expect(told(given, seen)).toBeNull()
    const other = 'db: the ledger that was observed is not the one that was given'
    expect(told({ inputs: [input('ledger db', 'b'.repeat(64))] }, seen)).toBe(other)
    expect(
      told({ inputs: [input('ledger db', 'b'.repeat(64))] }, { ...seen, isLedgerRead: false, ...pending('git') }),
    ).toBeNull()
    expect(told({ inputs: [input('ledger db', null)] }, seen)).toBeNull()
    expect(told(given, { ...seen, observations: looked('shape') }, true)).toBe(other)
  })
})

describe('what is live was decided as it was asked', () => {
  const decided = (wanted: string, basis: string): string =>
    `db: what is live was asked of ${wanted}, and decided by ${basis}`
  const after = 'after the baseline 7'

  it.each<[string, Partial<RunRequest>, Partial<FolderSeen>]>([
    ['all', { all: true, since: 'main', ...baseline('7') }, {}],
    ['baseline', { since: 'main', ...baseline('7') }, { isLedgerRead: true }],
    ['since', { since: 'main' }, { isLedgerRead: true }],
    ['ledger', {}, { isLedgerRead: true }],
    ['git', {}, {}],
  ])('%s', (wanted, request, seen) => {
    for (const basis of ['all', 'baseline', 'since', 'ledger', 'git']) {
      const expected = basis === wanted ? null : decided(wanted, basis)
      expect(told(request, { ...seen, ...pending(basis, after) })).toBe(expected)
    }
  })

  it('by no name that git has not', () => expect(told({}, pending('branch'))).toBeNull())

  it.each([after, `${after}, which is there`, `${after}; 3 files`, `${after} (V7)`])(
    'after that baseline: %s',
    (words) => {
      expect(told(baseline('7'), pending('baseline', words))).toBeNull()
    },
  )

  it.each(['after the baseline 77', 'after the baseline 8', '', `not ${after}`])('after another one: %s', (words) => {
    expect(told(baseline('7'), pending('baseline', words))).toBe(
      'db: another baseline was taken as live than was asked for',
    )
  })

  it('by the tool that was asked for', () => {
    expect(told({}, { format: 'sqlx' })).toBe('db: it was read as of another tool than was asked for')
  })
})

describe('it was rehearsed as it was asked', () => {
  const rehearsed = (change: object): Partial<FolderSeen> => ({ rehearsal: { ...SEEN.rehearsal!, ...change } })

  it('on that server, of that version', () => {
    const other = 'db: it was rehearsed on another server than was asked for'
    expect(told({}, rehearsed({ isGivenServer: true }))).toBe(other)
    expect(told({ server: 'given' })).toBe(other)
    expect(told({ server: 'given' }, rehearsed({ isGivenServer: true, major: 17 }))).toBeNull()
    expect(told({}, rehearsed({ major: 17 }))).toBe('db: it was rehearsed on PostgreSQL 17, and 18 was asked for')
    expect(told({ major: null }, rehearsed({ major: 17 }))).toBeNull()
  })

  it.each([{ mode: 'two' }, { isConfigured: true }])('as those roles, not %j', (change) => {
    const other = 'db: it was rehearsed with other roles than were asked for'
    const seen = rehearsed({ roles: { ...ROLES, ...change } })
    expect(told({}, seen)).toBe(other)
    // Production's shape says itself who migrates, and so does a request that says nothing.
    const shaped = { ...seen, observations: looked('shape') }
    expect(told({ inputs: [input('config'), input('shape')] }, shaped)).toBeNull()
    expect(told({ inputs: [input('config')] }, shaped)).toBe(other)
    for (const roles of [null, 'single', undefined]) expect(told({ roles }, seen)).toBeNull()
  })

  it.each([{}, { mode: 'single' }, { isConfigured: false }])('of roles that were asked for as %j', (roles) => {
    expect(told({ roles })).toBe('db: it was rehearsed with other roles than were asked for')
  })
})

it('a folder that was not asked for is not held against it, and the next one is', () => {
  const folders = [
    { ...SEEN, folder: 'other', format: 'sqlx' },
    { ...SEEN, format: 'sqlx' },
  ]
  expect(contradictionOf({ request: REQUEST, isPartial: false, candidate: { commit: null } }, folders)).toMatch(/^db: /)
  expect(
    contradictionOf({ request: REQUEST, isPartial: false, candidate: { commit: null } }, folders.slice(0, 1)),
  ).toBeNull()
})
