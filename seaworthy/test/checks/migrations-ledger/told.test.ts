import { describe, expect, test } from 'vitest'
import { judge } from '../../../src/checks/migrations-ledger/judge.ts'
import { migration, sample, withLedger, withPending, withTree } from '../../../src/checks/migrations-ledger/sample.ts'
import { cannotProve } from '../../../src/gate/finding.ts'
import { type Observations, observed } from '../../../src/gate/observation.ts'
import { branches } from '../../../src/observers/branches/kind.ts'
import { type LedgerRow, ledger } from '../../../src/observers/ledger/kind.ts'
import { migrationTree } from '../../../src/observers/migration-tree/kind.ts'

const FOLDER = '4 versions are unique, and every migration file has a name that its tool reads'
const BASELINE = 'no live migration was edited or removed since 1a2b3c4'
const LEDGER = "all 3 migrations of production's ledger are in the folder, 3 of them with the same checksum"
const BRANCHES = 'no pending version is taken under another name on 1 other branches'
const ROWS = sample.need(ledger).rows

const proved = (set: Observations): readonly string[] => judge(set).proved
const ALL = sample.need(migrationTree).migrations.map((one) => one.up.file)
const row = (key: string): LedgerRow => ({ key, name: null, checksum: null, appliedAt: null, isDirty: false })

describe('what is proved', () => {
  test('each by itself, and only by what was looked at', () => {
    expect(proved(sample)).toEqual([FOLDER, BASELINE, LEDGER, BRANCHES])
    expect(proved(sample.without(branches))).toEqual([FOLDER, BASELINE, LEDGER])
    const alone = withPending(sample.without(ledger).without(branches), { basis: 'merge-base' })
    expect(proved(alone)).toEqual([FOLDER, BASELINE])
    expect(proved(withPending(alone, { baseCommit: null }))).toEqual([FOLDER])
    expect(proved(withTree(sample, { migrations: [] }))).toEqual([])
    // Of a commit that was compared with itself git tells nothing.
    expect(proved(withPending(alone, { isBaseCandidate: true }))).toEqual([
      FOLDER,
      'no live migration differs from 1a2b3c4, which is the candidate itself: whether one was edited up to there cannot be told',
    ])
  })

  test('nothing of what has an error, and what has a warning all the same', () => {
    const edited = { file: 'migrations/121_courts.up.sql', change: 'edited' as const, version: '121' }
    const alone = withPending(sample.without(ledger).without(branches), { basis: 'merge-base' })
    expect(proved(withPending(alone, { changedBaseline: [edited] }))).toEqual([FOLDER])
    const taken = { branch: 'origin/x', version: '124', name: 'fees', file: 'migrations/124_fees.up.sql' }
    const seen = (leftOut: number, entries: (typeof taken)[]): Observations =>
      sample.with(observed(branches, 'git', { branches: ['origin/x', 'origin/y'], taken: entries, leftOut }))
    expect(proved(seen(0, [taken]))).toEqual([FOLDER, BASELINE, LEDGER])
    expect(judge(seen(7, [])).findings.map((one) => one.severity)).toEqual(['warning'])
    expect(proved(seen(7, []))).toEqual([
      FOLDER,
      BASELINE,
      LEDGER,
      'no pending version is taken under another name on 2 other branches',
    ])
    const gone = withLedger(sample, { rows: [...ROWS, row('900')] })
    expect(proved(gone)).toEqual([FOLDER, BASELINE, BRANCHES])
  })

  test('of one version, and of a ledger without checksums or with some', () => {
    const [first] = sample.need(migrationTree).migrations
    const one = withPending(withTree(sample, { migrations: [first!] }), { files: [], newSinceBase: [] })
    expect(proved(withLedger(one, { rows: ROWS.slice(0, 1) }))[0]).toBe(
      'the one version is unique, and every migration file has a name that its tool reads',
    )
    const without = (count: number): Observations =>
      withLedger(sample, { rows: ROWS.map((one, at) => (at < count ? { ...one, checksum: null } : one)) })
    expect(proved(without(3))[2]).toBe("all 3 migrations of production's ledger are in the folder")
    expect(proved(without(1))[2]).toBe(
      "all 3 migrations of production's ledger are in the folder, 2 of them with the same checksum",
    )
  })

  test('of the one row of golang-migrate', () => {
    const standing = (rows: LedgerRow[]): Observations => withLedger(sample, { style: 'high-water', rows })
    expect(proved(standing([row('123')]))[2]).toBe(
      "production's ledger stands at 123, which is in the folder and not dirty",
    )
    expect(proved(withPending(standing([]), { files: ALL, newSinceBase: ALL }))[2]).toBe(
      "production's ledger is empty: nothing is applied yet",
    )
  })
})

describe('observations that do not belong together', () => {
  const strangers = (set: Observations): readonly unknown[] =>
    judge(set).findings.filter((one) => one.code === 'unproven/tree-and-pending-disagree')
  const input = {
    code: 'unproven/tree-and-pending-disagree',
    subject: 'what is pending',
    hint: 'The folder changed while it was looked at: run the check again.',
  }

  test('pending files that the folder does not have', () => {
    const [gone, other] = ['migrations/125_fees.up.sql', 'migrations/126_x.up.sql']
    const where = { file: gone, line: 1, column: 1 }
    expect(strangers(withPending(sample, { files: [...ALL.slice(3), gone] }))).toEqual([
      cannotProve({
        ...input,
        message: 'migrations/125_fees.up.sql is pending and not in the folder as it was read',
        where,
      }),
    ])
    expect(strangers(withPending(sample, { files: [gone, other] }))).toEqual([
      cannotProve({
        ...input,
        message:
          'migrations/125_fees.up.sql and migrations/126_x.up.sql are pending and not in the folder as it was read',
        where,
      }),
    ])
    expect(proved(withPending(sample, { files: [...ALL.slice(3), gone] }))).not.toContain(FOLDER)
  })

  test('what is pending was taken from a ledger that nobody has', () => {
    expect(judge(sample.without(ledger)).findings).toEqual([
      cannotProve({
        code: 'unproven/ledger-and-pending-disagree',
        message: 'what is pending was taken from a ledger, and there is no ledger among the observations',
        subject: 'what is pending',
        hint: 'Run the check again, with its ledger.',
      }),
    ])
  })

  test('two migrations of one version prove nothing of the folder', () => {
    const twins = [...sample.need(migrationTree).migrations, migration('124', 'outcomes')]
    expect(proved(withTree(sample, { migrations: twins }))).not.toContain(FOLDER)
  })
})
