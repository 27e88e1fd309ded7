import { describe, expect, test } from 'vitest'
import { migration, sample, withLedger, withPending, withTree } from '../../../src/checks/migrations-ledger/sample.ts'
import { judge } from '../../../src/checks/migrations-ledger/judge.ts'
import { migrationsLedger } from '../../../src/checks/migrations-ledger/index.ts'
import type { Finding } from '../../../src/gate/finding.ts'
import { type Observations, observed } from '../../../src/gate/observation.ts'
import { branches } from '../../../src/observers/branches/kind.ts'
import { type LedgerRow, ledger } from '../../../src/observers/ledger/kind.ts'
import { type Migration, type MigrationTree, migrationTree } from '../../../src/observers/migration-tree/kind.ts'

/** What was found, in short: code and whether it refuses, leaves unproven, warns or notes. */
const told = (set: Observations): string[] => judge(set).findings.map((finding) => `${finding.code} ${sort(finding)}`)
const sort = (finding: Finding): string => (finding.outcome === 'none' ? finding.severity : finding.outcome)
const only = (set: Observations): Finding => {
  const { findings } = judge(set)
  expect(findings).toHaveLength(1)
  const [finding] = findings
  if (finding === undefined) throw new Error('no finding')
  return finding
}

type Format = MigrationTree['format']
const FORMATS: readonly Format[] = ['golang-migrate', 'numbered', 'sqlx', 'diesel', 'prisma', 'drizzle']
const alone = withPending(sample.without(ledger).without(branches), { basis: 'merge-base' })

const row = (key: string, change: Partial<LedgerRow> = {}): LedgerRow => ({
  key,
  name: null,
  checksum: null,
  appliedAt: null,
  isDirty: false,
  ...change,
})

/** The sample's last applied row (123) with something else in it. */
const changed = (change: Partial<LedgerRow>, format: Format = 'numbered'): Observations =>
  withLedger(withTree(sample, { format }), {
    rows: sample.need(ledger).rows.map((one, index) => (index === 2 ? { ...one, ...change } : one)),
  })

const withMore = (count: number): Observations =>
  withLedger(sample, {
    rows: [
      ...sample.need(ledger).rows,
      ...Array.from({ length: count }, (_, index) => row(String(900 + index), { name: 'x' })),
    ],
  })

const standingAt = (key: string, isDirty = false): Observations =>
  withLedger(sample, { style: 'high-water', rows: [row(key, { isDirty })] })

const LATE = ['migrations/122_cases.up.sql', 'migrations/124_deadlines.up.sql']
const late = (format: Format, set: Observations, files: readonly string[] = LATE): string[] =>
  told(withPending(withTree(set, { format }), { files, newSinceBase: LATE }))

const withBaseline = (rows: number, files: readonly string[]): string[] =>
  told(
    withLedger(withPending(sample, { basis: 'baseline', files }), {
      rows: sample.need(ledger).rows.slice(0, rows),
    }),
  )

const toldOfChange = (change: 'renamed' | 'line-endings', format: Format): string[] =>
  told(
    withPending(withTree(alone, { format }), {
      changedBaseline: [{ file: 'migrations/121_x.up.sql', change, version: '121' }],
    }),
  )

const taking = (version: string, leftOut = 0): Observations =>
  sample.with(
    observed(branches, 'git', {
      branches: ['origin/x'],
      taken: [{ branch: 'origin/x', version, name: 'fees', file: `migrations/${version}_fees.up.sql` }],
      leftOut,
    }),
  )

describe('the folder by itself', () => {
  test.each(FORMATS)('a healthy folder of %s has nothing to read, and something is proved', (format) => {
    const judgement = judge(withTree(alone, { format }))
    expect(judgement.findings).toEqual([])
    expect(judgement.proved[0]).toContain('4 versions are unique')
  })

  test('a duplicate is called one, with both names, the version and a place', () => {
    const twins = [...sample.need(migrationTree).migrations, migration('124', 'outcomes')]
    const finding = only(withTree(alone, { migrations: twins }))
    expect(finding.message).toMatch(/^duplicate version 124: 124_deadlines\.up\.sql and 124_outcomes\.up\.sql/)
    expect(finding.where?.file).toBe('migrations/124_outcomes.up.sql')
    expect(judge(withTree(alone, { migrations: twins })).proved.join()).not.toContain('unique')
  })

  test('drizzle goes by its journal: two files with one number and two times only warn', () => {
    const twin: Migration = { ...migration('124', 'outcomes'), ledgerKey: '125' }
    const migrations = [...sample.need(migrationTree).migrations, twin]
    expect(told(withPending(withTree(alone, { format: 'drizzle', migrations }), { files: [twin.up.file] }))).toEqual([
      'ledger/duplicate-version warning',
    ])
  })

  test('a down file of another name is run all the same', () => {
    const [first, ...others] = sample.need(migrationTree).migrations
    if (first === undefined) throw new Error('no migration')
    const file = 'migrations/121_other.down.sql'
    const down = { ...first.up, file }
    const problems = [{ kind: 'misnamed-file' as const, file, message: 'another name', hint: null, isOpaque: false }]
    expect(told(withTree(alone, { migrations: [{ ...first, down }, ...others], problems }))).toEqual([
      'ledger/misnamed-file warning',
    ])
  })

  test('settings that are understood warn, and those that are not leave unproven', () => {
    const problem = { kind: 'bad-metadata' as const, file: 'migrations/x', message: 'm', hint: null, isOpaque: false }
    expect(told(withTree(alone, { problems: [problem] }))).toEqual(['ledger/bad-metadata warning'])
    expect(told(withTree(alone, { problems: [{ ...problem, isOpaque: true }] }))).toEqual([
      'ledger/bad-metadata unproven',
    ])
  })
})

describe('another name', () => {
  test.each(FORMATS)('%s: names are words, however they are joined', (format) => {
    expect(told(changed({ name: 'Hearings' }, format))).toEqual([])
  })

  test('refused where the runner compares names', () => {
    const finding = only(changed({ name: 'hearing_outcomes' }))
    expect(finding.message).toContain('"hearing_outcomes" there, "hearings" here')
    expect(told(changed({ name: 'hearing_outcomes' }, 'golang-migrate'))).toEqual([
      'ledger/applied-under-another-name fail',
    ])
  })

  test('story 1: a duplicate, and production knows neither of the two', () => {
    const twins = [...sample.need(migrationTree).migrations, migration('123', 'outcomes')]
    const set = withPending(withTree(changed({ name: 'results' }), { migrations: twins }), {
      basis: 'baseline',
      files: ['migrations/123_hearings.up.sql', 'migrations/123_outcomes.up.sql', 'migrations/124_deadlines.up.sql'],
    })
    expect(told(set)).toEqual(['ledger/duplicate-version fail', 'ledger/applied-under-another-name fail'])
    expect(judge(set).findings[1]?.message).toContain('"results" there, "hearings" and "outcomes" here')
  })

  test('sqlx compares no names: a renamed file is fine, another file in the slot is not', () => {
    expect(told(changed({ name: 'x' }, 'sqlx'))).toEqual([])
    expect(told(changed({ name: 'x', checksum: 'aa' }, 'sqlx'))).toEqual(['ledger/applied-under-another-name fail'])
  })

  test('Prisma: the same time stamp with other words is another migration', () => {
    const own: Migration = {
      ...migration('1', 'init'),
      version: '20260101000000_init',
      ledgerKey: '20260101000000_init',
    }
    const set = withPending(withTree(sample, { format: 'prisma', migrations: [own] }), {
      files: [own.up.file],
      newSinceBase: null,
    })
    expect(told(withLedger(set, { rows: [row('20260101000000_start', { name: 'start' })] }))).toEqual([
      'ledger/applied-under-another-name fail',
    ])
  })
})

describe('another content', () => {
  test.each(FORMATS)('%s: refused', (format) => {
    expect(told(changed({ checksum: 'aa' }, format))).toEqual(['ledger/checksum-mismatch fail'])
  })

  test.each([
    ['sqlx', 'fail'],
    ['numbered', 'fail'],
    ['prisma', 'warning'],
    ['drizzle', 'warning'],
  ] as const)('%s: other line endings alone: %s', (format, outcome) => {
    const { checksumOtherEndings } = migration('123', 'hearings')
    expect(told(changed({ checksum: checksumOtherEndings }, format))).toEqual([`ledger/line-ending-drift ${outcome}`])
  })

  test('not one of several checksums fits: it is their form that is not known', () => {
    const rows = sample.need(ledger).rows.map((one) => ({ ...one, checksum: 'aa' }))
    expect(told(withLedger(sample, { rows }))).toEqual(['ledger/unknown-checksums unproven'])
    expect(told(withLedger(withTree(sample, { format: 'sqlx' }), { rows }))).toHaveLength(3)
  })

  test('the ledger speaks once where git would say the same', () => {
    const edited = { file: 'migrations/123_hearings.up.sql', change: 'edited' as const, version: '123' }
    expect(told(withPending(changed({ checksum: 'aa' }), { changedBaseline: [edited] }))).toEqual([
      'ledger/checksum-mismatch fail',
    ])
    // Mended: the file is again what production applied.
    expect(told(withPending(sample, { changedBaseline: [edited] }))).toEqual([])
    expect(told(withPending(alone, { changedBaseline: [edited] }))).toEqual(['ledger/baseline-edited fail'])
  })
})

const ALL = sample.need(migrationTree).migrations.map((one) => one.up.file)

describe('a ledger that decides what is pending is asked again', () => {
  test.each(['rows', 'high-water'] as const)(
    '%s: nothing pending, too much pending, or a dirty row taken as done',
    (style) => {
      const rows = (isDirty: boolean): LedgerRow[] =>
        style === 'rows'
          ? ['121', '122', '123'].map((key) => row(key, { isDirty: isDirty && key === '123' }))
          : [row('123', { isDirty })]
      const set = withLedger(sample, { style, rows: rows(false) })
      expect(told(set)).toEqual([])
      for (const files of [[], ALL, ALL.slice(2)]) {
        expect(told(withPending(set, { files }))).toEqual(['unproven/ledger-and-pending-disagree unproven'])
      }
      expect(told(withLedger(sample, { style, rows: rows(true) }))).toEqual([
        'ledger/dirty fail',
        'unproven/ledger-and-pending-disagree unproven',
      ])
    },
  )

  test.each(['rows', 'high-water'] as const)(
    '%s: an empty ledger is believed only where nothing was there before',
    (style) => {
      const set = withPending(withLedger(sample, { style, rows: [] }), { files: ALL })
      expect(told(set)).toEqual(['unproven/ledger-empty unproven'])
      expect(judge(set).proved.join()).not.toContain('ledger')
      expect(told(withPending(set, { newSinceBase: ALL }))).toEqual([])
      expect(told(withPending(set, { newSinceBase: null }))).toEqual([])
      expect(told(withPending(set, { newSinceBase: ALL, files: [] }))).toEqual([
        'unproven/ledger-and-pending-disagree unproven',
      ])
    },
  )
})

describe('git that could not say whether live files were edited', () => {
  const blind = { baseProblem: 'this is a shallow clone', baseCommit: null, newSinceBase: null }

  test('leaves that unproven, unless the ledger has a checksum for each of them', () => {
    expect(only(withPending(alone, { ...blind, basis: 'baseline' }))).toMatchObject({
      code: 'unproven/base-not-known',
      outcome: 'unproven',
      message: expect.stringMatching(/hearings\.up\.sql, .* is not known: this is a shallow clone/),
      hint: expect.stringMatching(/--unshallow.*fetch-depth: 0/),
    })
    expect(told(withPending(sample, blind))).toEqual([])
    expect(told(withPending(changed({ checksum: null }), blind))).toEqual(['unproven/base-not-known unproven'])
    expect(told(withPending(standingAt('123'), blind))).toEqual(['unproven/base-not-known unproven'])
  })

  test('says nothing where nothing is live, or where there is no git', () => {
    expect(told(withPending(withLedger(sample, { rows: [] }), { ...blind, files: ALL }))).toEqual([])
    expect(told(withPending(alone, { ...blind, baseProblem: null }))).toEqual([])
  })
})

describe('applied, and not here', () => {
  test('each by name, many in one finding', () => {
    expect(told(withMore(2))).toHaveLength(2)
    expect(judge(withMore(1)).findings[0]?.message).toContain('migration 900 x is applied')
    expect(only(withMore(40)).message).toMatch(/^40 migrations are \(900 x, .* and 36 more\)/)
  })

  test('golang-migrate: the newest version is gone, or dirty', () => {
    expect(told(standingAt('123'))).toEqual([])
    expect(only(withPending(standingAt('130'), { files: [] })).message).toContain('no migration found for version')
    const from123 = { files: ['migrations/123_hearings.up.sql', 'migrations/124_deadlines.up.sql'] }
    expect(only(withPending(standingAt('123', true), from123))).toMatchObject({
      code: 'ledger/dirty',
      hint: expect.stringContaining('migrate force'),
    })
    const empty = withPending(withLedger(sample, { style: 'high-water', rows: [] }), { files: ALL, newSinceBase: ALL })
    expect(told(empty)).toEqual([])
    expect(judge(empty).proved.join()).toContain('nothing is applied yet')
  })
})

describe('pending, and older than what is live', () => {
  test.each([
    ['sqlx', 'warning'],
    ['diesel', 'warning'],
    ['prisma', 'warning'],
    ['drizzle', 'fail'],
    ['numbered', 'warning'],
  ] as const)('%s, by its ledger: %s', (format, outcome) => {
    const rows = sample.need(ledger).rows.filter((one) => one.key !== '122')
    expect(late(format, withLedger(sample, { rows }))).toEqual([`ledger/pending-older-than-applied ${outcome}`])
  })

  test('golang-migrate, by its one row: what is new below it was passed over', () => {
    const set = withLedger(sample, { style: 'high-water', rows: [row('123')] })
    expect(late('golang-migrate', set, LATE.slice(1))).toEqual(['ledger/pending-older-than-applied fail'])
    // A second run on the release that is live already: 122 and 123 are new for git, and both were applied.
    const files = ['122_cases', '123_hearings', '124_deadlines'].map((name) => `migrations/${name}.up.sql`)
    expect(told(withPending(set, { newSinceBase: files }))).toEqual([])
  })

  test.each([
    ['golang-migrate', ['ledger/pending-older-than-applied fail']],
    ['drizzle', ['ledger/pending-older-than-applied fail']],
    ['numbered', ['ledger/pending-older-than-applied warning']],
    ['sqlx', []],
    ['prisma', []],
    ['diesel', []],
  ] as const)('%s, without a ledger', (format, expected) => {
    expect(late(format, withPending(alone, { basis: 'merge-base' }))).toEqual(expected)
  })
})

describe('a baseline and a ledger', () => {
  test('that say the same, that do not, and one that is ahead', () => {
    expect(withBaseline(3, ['migrations/124_deadlines.up.sql'])).toEqual([])
    expect(withBaseline(2, ['migrations/124_deadlines.up.sql'])).toEqual(['ledger/baseline-not-applied fail'])
    expect(withBaseline(3, ['migrations/123_hearings.up.sql', 'migrations/124_deadlines.up.sql'])).toEqual([
      'ledger/already-applied note',
    ])
  })

  test('the one row of golang-migrate', () => {
    const set = withPending(withLedger(sample, { style: 'high-water', rows: [row('122')] }), { basis: 'since' })
    expect(told(set)).toEqual(['ledger/baseline-not-applied fail'])
  })
})

test('other names and line endings of live files, by tool', () => {
  expect(toldOfChange('renamed', 'golang-migrate')).toEqual(['ledger/baseline-renamed warning'])
  expect(toldOfChange('line-endings', 'sqlx')).toEqual(['ledger/baseline-line-endings fail'])
  expect(toldOfChange('line-endings', 'golang-migrate')).toEqual(['ledger/baseline-line-endings warning'])
})

describe('other branches', () => {
  test('only what is pending can collide', () => {
    expect(told(taking('123'))).toEqual([])
    expect(only(taking('0124')).message).toContain('0124_fees.up.sql on origin/x')
  })

  test('branches that were left out are said', () => {
    expect(told(taking('1', 7))).toEqual(['ledger/branches-left-out warning'])
  })
})

test('every code that a test or a mutant met is explained; every refusal has a hint', () => {
  expect(migrationsLedger.explanations.map((one) => one.code)).toContain('ledger/pending-older-than-applied')
  for (const finding of judge(changed({ checksum: 'aa' })).findings) expect(finding.hint).not.toBeNull()
})

test('what is new and taken as live by a baseline alone is told', () => {
  const files = ['migrations/124_deadlines.up.sql']
  const set = withPending(alone, { basis: 'baseline', files: [], newSinceBase: files })
  expect(told(set)).toEqual(['ledger/baseline-is-new warning'])
  expect(only(set).message).toBe(
    '124_deadlines.up.sql is new since 1a2b3c4 and taken as live because the baseline says so: it was not judged',
  )
  expect(told(withPending(set, { files }))).toEqual([])
  expect(told(withPending(set, { newSinceBase: null }))).toEqual([])
})
