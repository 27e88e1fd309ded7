import { describe, expect, it } from 'vitest'
import { claims } from '../../../src/checks/migrations-ledger/claims.ts'
import { sampleFolder, samplePending } from '../../../src/checks/sample-folder.ts'
import type { CommitSeen, LookedAgain } from '../../../src/gate/cold/looked-again.ts'
import { notObserved, type Observation, Observations } from '../../../src/gate/observation.ts'
import { ledger } from '../../../src/observers/ledger/kind.ts'
import type { Pending } from '../../../src/observers/pending/kind.ts'
import {
  CONTEXT,
  EARLY,
  holding,
  judged,
  LATE,
  MIGRATIONS,
  newest,
  NOTHING,
  ONE,
  OTHER,
  outcome,
  PRODUCTION,
  production,
  row,
  rows,
  THIRD,
  told,
} from './claims-scene.ts'

const ROWS = 'ledger/rows migrations'
const DATABASE = 'ledger/database migrations'
const BEFORE = 'order/ledger evaluated migrations'
const SINCE = 'order/evaluated ledger migrations'

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

  it('is contradicted where production has a checksum or a name, and the bundle left them out', () => {
    const full = { name: 'x', checksum: 'c1' }
    for (const lie of [{ checksum: null }, { name: null }]) {
      const found = judged(told(rows(row('1', { ...full, ...lie }))), holding(rows(row('1', full)))).get(ROWS)
      expect(found).toMatchObject({ outcome: 'contradicted', claim: { severity: 'blocking' } })
    }
    expect(outcome(told(rows(row('1', full))), holding(rows(row('1', full))), ROWS)).toBe('confirmed')
    expect(outcome(told(newest('2')), holding(newest('2', { name: 'y' })), ROWS)).toBe('contradicted')
    // Of times production's own word counts, where the bundle has none.
    expect(outcome(told(rows(row('1', { appliedAt: null }))), holding(rows(row('1'))), ROWS)).toBe('confirmed')
    expect(outcome(told(rows(row('1'))), holding(rows(row('1', { appliedAt: null }))), ROWS)).toBe('contradicted')
  })

  it('is of the same database: another one is contradicted, and nobody gets by with one that is not named', () => {
    const [ours, theirs] = [`${PRODUCTION} of ${ONE}`, `${PRODUCTION} of ${OTHER}`]
    const of = (told1: string, seen: string) => judged(told(two, {}, told1), holding(two, seen)).get(DATABASE)
    expect(of(ours, ours)?.outcome).toBe('confirmed')
    expect(of(ours, theirs)).toMatchObject({ outcome: 'contradicted', claim: { severity: 'blocking' } })
    expect(of(ours, PRODUCTION)).toMatchObject({
      outcome: 'cannot-be-checked',
      claim: { unchecked: 'blocking' },
      why: 'this login may not ask production which database it is',
    })
    expect(of(PRODUCTION, ours)).toMatchObject({
      outcome: 'cannot-be-checked',
      claim: { unchecked: 'blocking' },
      why: 'the bundle does not say of which database',
      needs: expect.stringContaining('pg_control_system()'),
    })
    // Two that say nothing are not the same.
    expect(of(PRODUCTION, PRODUCTION)).toMatchObject({ outcome: 'cannot-be-checked', claim: { unchecked: 'blocking' } })
    // A file never says it; its rows are compared one by one.
    expect(of('file ledger.csv sha256:0', ours)).toMatchObject({
      outcome: 'cannot-be-checked',
      claim: { unchecked: 'discrepancy' },
    })
    expect(judged(told(two, {}, ours), NOTHING).get(DATABASE)?.needs).toContain('--ledger-url')
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
    expect(outcome(told(newest('2'), {}, ours), holding(newest('3'), theirs), DATABASE)).toBe('contradicted')
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
        formats: new Map(),
        otherFolders: [],
        configurations: [],
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

  it('is one of the default branch where a baseline or a ledger decided: the head of main may be deployed, no other one', () => {
    for (const basis of ['baseline', 'ledger'] as const) {
      const found = told(null, { ...git, basis })
      expect(outcome(found, base(known(true), 'b1'), ID)).toBe('confirmed')
      expect(outcome(found, base(known(true)), ID)).toBe('confirmed')
      expect(outcome(found, base(known(false)), ID)).toBe('contradicted')
      // A candidate that is on no main, and was compared with itself.
      expect(outcome(found, base(known(false), 'b1'), ID)).toBe('contradicted')
      expect(judged(found, NOTHING).get(ID)?.claim).toMatchObject({
        says: 'live files were compared with commit b1, a commit of the default branch',
        severity: 'blocking',
        unchecked: 'blocking',
      })
    }
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
    const says = judged(told(null, { explanation: '✓ nobody edited anything' }), same).get('reading/pending migrations')
    expect(says?.claim.says).toBe(
      'what is pending in migrations is what comes after a baseline (migrations: 1); whether live files were edited was not asked of git',
    )
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

  it('of git is contradicted in all that is no wording: how, with what, and whether git could tell', () => {
    const compared: Partial<Pending> = { basis: 'ledger', baseCommit: 'b1', newSinceBase: [] }
    const again = (change: Partial<Pending>): string =>
      outcome(
        told(null, compared),
        run(samplePending([THIRD], { ...compared, ...change })),
        'reading/pending migrations',
      )
    expect(again({ explanation: 'in other words' })).toBe('confirmed')
    for (const change of [
      { basis: 'baseline' },
      { baseCommit: null },
      { newSinceBase: null },
      { isBaseCandidate: true },
    ] as const)
      expect(again(change)).toBe('contradicted')
    // Who cannot tell from here has looked at less, and contradicts nothing.
    const shallow = { baseProblem: 'this is a shallow clone' }
    expect(again({ baseCommit: null, ...shallow })).toBe('cannot-be-checked')
    const blind = told(null, shallow)
    expect(outcome(blind, run(samplePending([THIRD], shallow)), 'reading/pending migrations')).toBe('confirmed')
    expect(outcome(blind, run(samplePending([THIRD])), 'reading/pending migrations')).toBe('contradicted')
    const git = (basis: Pending['basis']): Observation => samplePending([THIRD], { basis, baseCommit: 'b1' })
    expect(
      outcome(told(null, { basis: 'ci-range', baseCommit: 'b1' }), run(git('since')), 'reading/pending migrations'),
    ).toBe('confirmed')
  })
})
