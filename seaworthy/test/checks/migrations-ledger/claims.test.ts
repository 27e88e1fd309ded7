import { describe, expect, it } from 'vitest'
import { claims } from '../../../src/checks/migrations-ledger/claims.ts'
import { sampleFolder, sampleMigration, samplePending } from '../../../src/checks/sample-folder.ts'
import type { Action } from '../../../src/gate/check.ts'
import { judgeClaim } from '../../../src/gate/cold/claim.ts'
import type { ClaimContext, CommitSeen, LookedAgain } from '../../../src/gate/cold/looked-again.ts'
import { notObserved, type Observation, Observations, observed } from '../../../src/gate/observation.ts'
import { DEFAULT_POLICY } from '../../../src/gate/policy.ts'
import { type Ledger, ledger, type LedgerRow } from '../../../src/observers/ledger/kind.ts'
import type { Pending } from '../../../src/observers/pending/kind.ts'

const CONTEXT: ClaimContext = {
  subject: 'migrations',
  evaluatedAt: '2026-11-21T12:00:00.000Z',
  witness: 'bundle sha256:m',
  action: 'pull-request',
  settings: DEFAULT_POLICY.settings,
}
const MIGRATIONS = ['001', '002', '003'].map((version) => sampleMigration(version, 'x', 'SELECT 1'))
const THIRD = MIGRATIONS[2]!.up.file
const [EARLY, LATE] = ['2026-11-20T12:00:00.000Z', '2026-11-22T12:00:00.000Z']
const PRODUCTION = 'postgresql://db/app public.ledger'
const [ONE, OTHER] = [`sha256:${'1'.repeat(64)}`, `sha256:${'2'.repeat(64)}`]

const row = (key: string, change: Partial<LedgerRow> = {}): LedgerRow => ({
  key,
  name: 'x',
  checksum: null,
  appliedAt: EARLY,
  isDirty: false,
  ...change,
})
const rows = (...of: LedgerRow[]): Ledger => ({ style: 'rows', rows: of })
const newest = (key: string, change: Partial<LedgerRow> = {}): Ledger => ({
  style: 'high-water',
  rows: [row(key, { name: null, appliedAt: null, ...change })],
})

const told = (of: Ledger | null, change: Partial<Pending> = {}, witness = PRODUCTION): Observations =>
  new Observations([
    sampleFolder(MIGRATIONS),
    samplePending([THIRD], change),
    ...(of === null ? [] : [observed(ledger, witness, of)]),
  ])

const NOTHING: LookedAgain = {
  commit: { failed: 'no clone' },
  inputs: [],
  run: { failed: 'no run' },
  brought: new Map(),
  production: new Map(),
}
const production = (seen: Observation): LookedAgain => ({
  ...NOTHING,
  production: new Map([['migrations', new Observations([seen])]]),
})
const holding = (of: Ledger, witness = PRODUCTION): LookedAgain => production(observed(ledger, witness, of))

const judged = (of: Observations, again: LookedAgain, action: Action = 'pull-request') =>
  new Map(
    claims(of, { ...CONTEXT, action }).map(({ claim, look }) => [
      claim.id,
      { claim, ...judgeClaim(claim, look(again)) },
    ]),
  )
const outcome = (of: Observations, again: LookedAgain, id: string, action?: Action): string =>
  judged(of, again, action).get(id)?.outcome ?? 'none'

const ROWS = 'ledger/rows migrations'
const BEFORE = 'order/ledger evaluated migrations'
const SINCE = 'order/evaluated ledger migrations'
const LIVE = 'ledger/live migrations'
const PENDING = 'order/evaluated pending migrations'

describe("production's ledger, row by row", () => {
  const two = rows(row('1'), row('2'))

  it('is confirmed where every row is still there, and contradicted by one that is gone or another one', () => {
    expect(outcome(told(two), holding(two), ROWS)).toBe('confirmed')
    for (const seen of [
      rows(row('1')),
      rows(),
      rows(row('1'), row('2', { name: 'y' })),
      rows(row('1'), row('2', { isDirty: true })),
      rows(row('1'), row('2', { appliedAt: LATE })),
    ]) {
      expect(outcome(told(two), holding(seen), ROWS)).toBe('contradicted')
    }
    // A version that is there twice, and once in the bundle.
    expect(outcome(told(rows(row('1'), row('1'))), holding(rows(row('1'))), ROWS)).toBe('contradicted')
  })

  it('asks nothing of columns that a snapshot did not have', () => {
    const bare = { name: null, checksum: null, appliedAt: null }
    expect(outcome(told(rows(row('1', bare))), holding(rows(row('1'))), ROWS)).toBe('confirmed')
  })

  it('of another database is contradicted, if both say which one they are', () => {
    const ours = told(two, {}, `${PRODUCTION} of ${ONE}`)
    expect(outcome(ours, holding(two, `${PRODUCTION} of ${ONE}`), ROWS)).toBe('confirmed')
    expect(outcome(ours, holding(two, `${PRODUCTION} of ${OTHER}`), ROWS)).toBe('contradicted')
    expect(outcome(ours, holding(two), ROWS)).toBe('contradicted')
  })

  it('cannot be checked without production, and that stands in the way', () => {
    const found = judged(told(two), NOTHING).get(ROWS)
    expect(found).toMatchObject({ outcome: 'cannot-be-checked', claim: { unchecked: 'blocking' } })
    expect(found?.needs).toContain('--ledger-url')
    const failed = production(notObserved(ledger, PRODUCTION, 'the password is wrong'))
    expect(judged(told(two), failed).get(ROWS)?.why).toBe('the password is wrong')
    expect(claims(told(null), CONTEXT).filter(({ claim }) => claim.id === ROWS)).toEqual([])
  })

  it('of one row, the newest version: once it has moved on, what was live then is still applied', () => {
    expect(judged(told(newest('2')), holding(newest('2'))).get(ROWS)).toMatchObject({
      outcome: 'confirmed',
      why: 'the same was seen',
    })
    expect(judged(told(newest('2')), holding(newest('10'))).get(ROWS)).toMatchObject({
      outcome: 'confirmed',
      why: 'all of it is there; since then came version 10 in the place of 2',
    })
    // A version that stands dirty may have taken anything back; one that was dirty then may be anything now.
    expect(judged(told(newest('2')), holding(newest('3', { isDirty: true }))).get(ROWS)).toMatchObject({
      outcome: 'cannot-be-checked',
      why: expect.stringContaining('is at version 3 now, marked dirty'),
    })
    expect(outcome(told(newest('2', { isDirty: true })), holding(newest('3')), ROWS)).toBe('cannot-be-checked')
    const [ours, theirs] = [`${PRODUCTION} of ${ONE}`, `${PRODUCTION} of ${OTHER}`]
    expect(outcome(told(newest('2'), {}, ours), holding(newest('3'), theirs), ROWS)).toBe('contradicted')
    expect(outcome(told(newest('2')), holding(newest('1')), ROWS)).toBe('contradicted')
    expect(outcome(told(newest('2')), holding(newest('2', { isDirty: true })), ROWS)).toBe('contradicted')
    expect(outcome(told(newest('2')), holding({ style: 'high-water', rows: [] }), ROWS)).toBe('contradicted')
    expect(judged(told({ style: 'high-water', rows: [] }), holding(newest('1'))).get(ROWS)?.why).toBe(
      'all of it is there; since then came version 1',
    )
    expect(outcome(told(newest('2')), holding(newest('x')), ROWS)).toBe('contradicted')
  })

  it('of one row has no times: what came is somebody’s to say, and nobody is sent where he has been', () => {
    const none = { outcome: 'cannot-be-checked', why: expect.stringContaining('keeps no times') }
    for (const again of [holding(newest('2')), holding(newest('3')), NOTHING])
      expect(judged(told(newest('2')), again).get(BEFORE)).toMatchObject({
        ...none,
        needs: expect.stringContaining('Nothing'),
        claim: { unchecked: 'discrepancy' },
      })
    expect(outcome(told(newest('2')), holding(newest('2')), SINCE)).toBe('confirmed')
    const since = judged(told(newest('2')), holding(newest('3'))).get(SINCE)
    // That version 3 was there before, and left out, cannot be shut out: it stands in the way until somebody answers.
    expect(since).toMatchObject({ ...none, claim: { unchecked: 'blocking' } })
    expect(since?.needs).toContain('seaworthy review answer')
    expect(since?.needs).not.toContain('run again')
    expect(judged(told(newest('2')), NOTHING).get(SINCE)?.needs).toContain('--ledger-url')
    const bare = { appliedAt: null }
    expect(judged(told(rows(row('1', bare))), holding(rows(row('1', bare)))).get(BEFORE)).toMatchObject(none)
    const half = rows(row('1', bare), row('2'))
    expect(judged(told(half), holding(half)).get(BEFORE)?.why).toContain('rows without a time: 1')
    expect(judged(told(half), holding(half)).get(BEFORE)?.needs).not.toContain('run again')
  })
})

describe('when rows were applied', () => {
  it('before the verdict, on the word of production; the own word may only contradict itself', () => {
    expect(outcome(told(rows(row('1'))), holding(rows(row('1'))), BEFORE)).toBe('confirmed')
    expect(outcome(told(rows(row('1'))), NOTHING, BEFORE)).toBe('cannot-be-checked')
    expect(outcome(told(rows(row('1'), row('2', { appliedAt: LATE }))), NOTHING, BEFORE)).toBe('contradicted')
    expect(outcome(told(rows(row('1'))), holding(rows(row('1', { appliedAt: LATE }))), BEFORE)).toBe('contradicted')
    expect(
      outcome(
        told(rows(row('1', { appliedAt: null }), row('2'))),
        holding(rows(row('1', { appliedAt: null }), row('2'))),
        BEFORE,
      ),
    ).toBe('cannot-be-checked')
    expect(outcome(told(rows(row('1', { appliedAt: null }), row('2', { appliedAt: LATE }))), NOTHING, BEFORE)).toBe(
      'contradicted',
    )
    expect(outcome(told(rows()), holding(rows()), BEFORE)).toBe('confirmed')
    expect(outcome(told(rows()), NOTHING, BEFORE)).toBe('cannot-be-checked')
    expect(outcome(told(rows(row('1'))), holding(rows(row('2'))), BEFORE)).toBe('confirmed')
  })

  it('afterwards, for those that the bundle has not: else it left out what was there', () => {
    const one = told(rows(row('1')))
    expect(outcome(one, holding(rows(row('1'))), SINCE)).toBe('confirmed')
    expect(outcome(one, holding(rows(row('1'), row('2', { appliedAt: LATE }))), SINCE)).toBe('confirmed')
    expect(outcome(one, holding(rows(row('1'), row('2'))), SINCE)).toBe('contradicted')
    expect(outcome(one, holding(rows(row('1'), row('2', { appliedAt: LATE }), row('3'))), SINCE)).toBe('contradicted')
    expect(outcome(one, holding(rows(row('1'), row('2', { appliedAt: null }))), SINCE)).toBe('cannot-be-checked')
    expect(outcome(one, holding(rows(row('1'), row('2', { appliedAt: null }), row('3'))), SINCE)).toBe('contradicted')
    expect(judged(one, NOTHING).get(SINCE)).toMatchObject({
      outcome: 'cannot-be-checked',
      claim: { unchecked: 'blocking' },
    })
  })
})

describe('what was taken as live', () => {
  it('is applied in production', () => {
    expect(outcome(told(null), holding(rows(row('1'), row('2'))), LIVE)).toBe('confirmed')
    expect(outcome(told(null), holding(rows(row('1'))), LIVE)).toBe('contradicted')
    expect(outcome(told(null), holding(rows(row('1'), row('2', { isDirty: true }))), LIVE)).toBe('contradicted')
    expect(outcome(told(null), holding(newest('2')), LIVE)).toBe('confirmed')
    expect(outcome(told(null), holding(newest('1')), LIVE)).toBe('contradicted')
    const all = new Observations([sampleFolder(MIGRATIONS), samplePending(MIGRATIONS.map((one) => one.up.file))])
    expect(outcome(all, NOTHING, LIVE)).toBe('none')
  })

  it('stands in the way where a person named it, or a deploy goes by it, and else is to be noted: main may be ahead', () => {
    const severities = (basis: Pending['basis'], action: Action, of: Ledger | null = null) => {
      const found = judged(told(of, { basis }), NOTHING, action)
      return [LIVE, PENDING].map((id) => {
        const claim = found.get(id)?.claim
        return claim === undefined ? 'none' : `${claim.severity}, ${claim.unchecked}`
      })
    }
    const [strict, lenient] = ['blocking, blocking', 'discrepancy, discrepancy']
    for (const basis of ['baseline', 'all', 'outside-git', 'ledger'] as const)
      expect(severities(basis, 'pull-request')).toEqual([strict, strict])
    for (const basis of ['since', 'merge-base', 'ci-range'] as const) {
      expect(severities(basis, 'pull-request')).toEqual([lenient, lenient])
      expect(severities(basis, 'deploy')).toEqual([strict, strict])
    }
    // Row by row the ledger of the bundle says so too, and nobody may leave that unchecked.
    expect(severities('ledger', 'deploy', rows(row('1')))).toEqual(['blocking, discrepancy', 'none'])
    expect(severities('since', 'deploy', rows(row('1')))).toEqual(['blocking, discrepancy', 'blocking, discrepancy'])
  })

  it('by git, for a deploy: a migration that was judged by nobody, since an older commit had it, is missing there', () => {
    const since = told(null, { basis: 'since', baseCommit: 'b1' })
    const found = judged(since, holding(rows(row('1'))), 'deploy').get(LIVE)
    expect(found).toMatchObject({
      outcome: 'contradicted',
      why: 'only the bundle has 2',
      claim: { severity: 'blocking' },
    })
  })
})

describe('what was taken as pending', () => {
  const all = (basis: Pending['basis'] = 'all') =>
    told(null, { basis, files: MIGRATIONS.map((one) => one.up.file), explanation: 'every migration' })
  const since = told(null, { basis: 'since', baseCommit: 'b1' })
  const later = { appliedAt: LATE }

  it('with nothing as live: production has nothing that came before the verdict', () => {
    expect(judged(all(), holding(rows(row('1')))).get(PENDING)).toMatchObject({
      outcome: 'contradicted',
      claim: { severity: 'blocking', says: expect.stringContaining('nothing was applied') },
    })
    // One that the folder does not have.
    expect(outcome(all(), holding(rows(row('77'))), PENDING)).toBe('contradicted')
    expect(outcome(all('outside-git'), holding(rows(row('1'))), PENDING)).toBe('contradicted')
    expect(outcome(all(), holding(rows()), PENDING)).toBe('confirmed')
    expect(outcome(all(), holding(rows(row('1', later))), PENDING)).toBe('confirmed')
    expect(outcome(all(), holding({ style: 'high-water', rows: [] }), PENDING)).toBe('confirmed')
    expect(judged(all(), holding(newest('1'))).get(PENDING)).toMatchObject({
      outcome: 'cannot-be-checked',
      claim: { unchecked: 'blocking' },
      needs: expect.stringContaining('seaworthy review answer'),
    })
  })

  it('of a deploy: production has nothing besides what was live that came before the verdict', () => {
    const has = (...of: LedgerRow[]) => outcome(since, holding(rows(row('1'), row('2'), ...of)), PENDING, 'deploy')
    expect(has()).toBe('confirmed')
    expect(has(row('3', later))).toBe('confirmed')
    expect(has(row('3'))).toBe('contradicted')
    expect(has(row('77'))).toBe('contradicted')
    expect(outcome(since, holding(newest('2')), PENDING, 'deploy')).toBe('confirmed')
    expect(outcome(since, holding(newest('1')), PENDING, 'deploy')).toBe('confirmed')
    expect(outcome(since, holding(newest('3')), PENDING, 'deploy')).toBe('cannot-be-checked')
  })

  it('of a pull request by git: others may have deployed something else meanwhile', () => {
    const has = (...of: LedgerRow[]) => outcome(since, holding(rows(row('1'), row('2'), ...of)), PENDING)
    expect(has(row('77'))).toBe('confirmed')
    expect(has(row('3'))).toBe('contradicted')
    expect(outcome(since, holding(newest('2')), PENDING)).toBe('confirmed')
    expect(outcome(since, holding(newest('3')), PENDING)).toBe('cannot-be-checked')
    expect(outcome(told(null, { basis: 'since', files: [] }), NOTHING, PENDING)).toBe('none')
  })
})

describe('what was compared with', () => {
  const ID = 'repository/base migrations'
  const git = { basis: 'since', baseCommit: 'b1' } as const
  const base = (seen: CommitSeen['bases'], commit = 'c1'): LookedAgain => ({
    ...NOTHING,
    commit: {
      done: {
        commit,
        tree: 't',
        committedAt: EARLY,
        exchanged: [],
        isOnBranch: true,
        migrations: new Map(),
        otherFolders: [],
        bases: seen,
      },
      witness: 'clone',
    },
  })
  const known = (isInDefaultBranch: boolean | null) => new Map([['b1', { isKnown: true, isInDefaultBranch }]])

  it('is an earlier commit of the default branch, and never the candidate itself', () => {
    expect(outcome(told(null, git), base(known(true)), ID)).toBe('confirmed')
    expect(outcome(told(null, git), base(known(false)), ID)).toBe('contradicted')
    expect(outcome(told(null, git), base(known(true), 'b1'), ID)).toBe('contradicted')
    for (const again of [
      base(known(null)),
      base(new Map()),
      base(new Map([['b1', { isKnown: false, isInDefaultBranch: null }]])),
      NOTHING,
    ]) {
      expect(outcome(told(null, git), again, ID)).toBe('cannot-be-checked')
    }
    expect(outcome(told(null), NOTHING, ID)).toBe('none')
    expect(judged(told(null, git), NOTHING).get(ID)?.claim.severity).toBe('blocking')
    expect(judged(told(null, git), base(known(true), 'b1')).get(ID)?.why).toBe(
      'the bundle says an earlier commit of the default branch, and the candidate itself, in which nothing is new then, was seen',
    )
  })

  it('is no claim where a baseline or a ledger decided: the head of main is deployed, and git only tells edited files', () => {
    for (const basis of ['baseline', 'ledger'] as const)
      expect(outcome(told(null, { ...git, basis }), base(known(true), 'b1'), ID)).toBe('none')
    for (const basis of ['since', 'merge-base', 'ci-range'] as const)
      expect(outcome(told(null, { ...git, basis }), base(known(true), 'b1'), ID)).toBe('contradicted')
  })
})

describe('what was read', () => {
  const run = (...seen: Observation[]): LookedAgain => ({
    ...NOTHING,
    run: {
      done: {
        subjects: [{ name: 'migrations', observations: new Observations(seen) }],
        evaluation: {
          verdict: 'pass',
          results: [],
          accepted: [],
          allowed: [],
          overruled: [],
          obligations: [],
          policyFindings: [],
        },
      },
      witness: 'the gate',
    },
  })

  it('of the folder and of git is the same, however it was found and said', () => {
    const same = run(
      sampleFolder(MIGRATIONS, { detectedBy: 'the configuration' }),
      samplePending([THIRD], { explanation: 'in other words', newSinceBase: null }),
    )
    expect(outcome(told(null), same, 'reading/tree migrations')).toBe('confirmed')
    expect(outcome(told(null), same, 'reading/pending migrations')).toBe('confirmed')
    const changed = samplePending([THIRD], {
      newSinceBase: [THIRD],
      changedBaseline: [{ file: 'a.sql', change: 'edited', version: null }],
    })
    const other = run(sampleFolder(MIGRATIONS.slice(0, 2)), changed)
    expect(outcome(told(null), other, 'reading/tree migrations')).toBe('contradicted')
    expect(outcome(told(null), other, 'reading/pending migrations')).toBe('contradicted')
    expect(outcome(told(null), run(), 'reading/tree migrations')).toBe('cannot-be-checked')
    expect(claims(new Observations([]), CONTEXT)).toEqual([])
  })
})
