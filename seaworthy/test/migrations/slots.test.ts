import { describe, expect, test } from 'vitest'
import * as fc from 'fast-check'
import { readTree } from '../../src/migrations/detect.ts'
import { FORMATS, formatNamed } from '../../src/migrations/formats.ts'
import type { FormatName, MigrationTree, NewFiles } from '../../src/migrations/model.ts'
import { slugOf } from '../../src/migrations/naming.ts'
import { fixture, project, readOnly, write } from './reading.ts'

const NOW = new Date('2026-11-15T08:09:10.123Z')

const read = (root: string, format: FormatName): Promise<MigrationTree> =>
  readTree(root, { folder: 'm', format, detectedBy: 'test' })

const slot = (tree: MigrationTree, taken: readonly string[] = [], name = 'Add Höchst-fee!'): NewFiles =>
  formatNamed(tree.format).nextSlot(tree, taken, name, NOW)

const pathsOf = (files: NewFiles): string[] => files.files.map((file) => file.path)

const first = (format: FormatName): string | undefined =>
  pathsOf(
    slot({ format, detectedBy: '', folder: 'm', transaction: 'per-file', migrations: [], problems: [] }, [], 'x'),
  )[0]

describe('the next slot is named as the folder names its files', () => {
  test.each([
    ['golang-migrate', ['11_add_hochst_fee.up.sql', '11_add_hochst_fee.down.sql']],
    ['numbered', ['004-add-hochst-fee.sql', '004-add-hochst-fee.down.sql']],
    ['sqlx', ['20261115080910_add_hochst_fee.sql']],
    ['sqlx-reversible', ['20261115080910_add_hochst_fee.up.sql', '20261115080910_add_hochst_fee.down.sql']],
    ['diesel', ['2026-11-15-080910-0000_add_hochst_fee/up.sql', '2026-11-15-080910-0000_add_hochst_fee/down.sql']],
    ['prisma', ['20261115080910_add_hochst_fee/migration.sql', '20261115080910_add_hochst_fee/down.sql']],
    ['drizzle', ['0002_add_hochst_fee.sql', 'meta/_journal.json']],
    ['supabase', ['20261115080910_add_hochst_fee.sql']],
  ])('%s', async (name, expected) => {
    expect(pathsOf(slot(await readOnly(fixture(name))))).toEqual(expected)
  })

  test.each([
    [['1767268800_a.up.sql'], '1794730150_x.up.sql'],
    [['20260131_a.up.sql'], '20261115_x.up.sql'],
    [['202601311200_a.up.sql'], '202611150809_x.up.sql'],
    [['0099_a.up.sql'], '0100_x.up.sql'],
    [['9_a.up.sql', '10_b.up.sql'], '11_x.up.sql'],
    [['99_a.up.sql'], '100_x.up.sql'],
    [['20270101000000_ahead_of_the_clock.up.sql'], '20270101000001_x.up.sql'],
    [['20261231235959_a.up.sql'], '20270101000000_x.up.sql'],
  ])('golang-migrate after %j', async (before, expected) => {
    const root = project(Object.fromEntries(before.map((path) => [`m/${path}`, ''])))
    expect(pathsOf(slot(await read(root, 'golang-migrate'), [], 'x'))).toEqual([expected])
  })

  test.each([
    ['2026-01-31-000000_a', '2026-11-15-080910_x/up.sql'],
    ['20260131000000_a', '20261115080910_x/up.sql'],
    ['00042_a', '00043_x/up.sql'],
    ['2026-01-31-000000-0000_a', '2026-11-15-080910-0000_x/up.sql'],
  ])('diesel after %s', async (before, expected) => {
    const tree = await read(project({ [`m/${before}/up.sql`]: '' }), 'diesel')
    expect(pathsOf(slot(tree, [], 'x'))).toEqual([expected])
  })

  test.each([
    [['01_init', '21_teams'], '22_x'],
    [['0_init'], '20261115080910_x'],
    [['0_init', '20260101000000_a'], '20261115080910_x'],
  ])('prisma after %j', async (before, expected) => {
    const tree = await read(
      project(Object.fromEntries(before.map((name) => [`m/${name}/migration.sql`, '']))),
      'prisma',
    )
    expect(slot(tree, [], 'x').version).toBe(expected)
  })

  test('a version that would not be last is not given', async () => {
    const prisma = await read(project({ 'm/98_a/migration.sql': '', 'm/99_b/migration.sql': '' }), 'prisma')
    expect(() => slot(prisma)).toThrow(/before 99_b|before 98_a/)
    const diesel = await read(project({ 'm/9_a/up.sql': '' }), 'diesel')
    expect(() => slot(diesel)).toThrow(/1 digits/)
  })

  test('an empty folder begins as the tool begins one', () => {
    expect(first('numbered')).toBe('001_x.sql')
    expect(first('golang-migrate')).toBe('20261115080910_x.up.sql')
    expect(first('sqlx')).toBe('20261115080910_x.sql')
    expect(first('diesel')).toBe('2026-11-15-080910-0000_x/up.sql')
    expect(first('prisma')).toBe('20261115080910_x/migration.sql')
    expect(first('drizzle')).toBe('0000_x.sql')
  })
})

describe('a version that somebody has taken is not given again', () => {
  test('neither in a sequence nor by time, and never one that would sort before it', async () => {
    expect(slot(await readOnly(fixture('golang-migrate')), ['0011', '14']).version).toBe('15')
    expect(slot(await readOnly(fixture('sqlx')), ['20261115080910']).version).toBe('20261115080911')
    expect(slot(await readOnly(fixture('diesel')), ['202611150809100000']).version).toBe('202611150809110000')
    expect(slot(await readOnly(fixture('prisma')), ['20261115080910_other']).version).toBe(
      '20261115080911_add_hochst_fee',
    )
    expect(slot(await readOnly(fixture('drizzle')), ['0002']).version).toBe('0003')
  })
})

test('drizzle’s journal keeps everything it had, and the new entry is newer than all of them', async () => {
  const tree = await readOnly(fixture('drizzle'))
  const before: Record<string, unknown> = JSON.parse(tree.journal ?? '')
  const entries = Array.isArray(before['entries']) ? before['entries'] : []
  expect(entries).toHaveLength(2)
  const text = slot(tree, [], 'x').files[1]?.text ?? ''
  expect(text).toContain('\n  "version": "7",\n  "dialect": "postgresql"')
  expect(JSON.parse(text)).toEqual({
    ...before,
    entries: [...entries, { idx: 2, version: '7', when: NOW.getTime(), tag: '0002_x', breakpoints: true }],
  })
  const ahead = { ...tree, journal: tree.journal?.replace('1767355200000', '1999999999999') }
  expect(slot(ahead, [], 'x').files[1]?.text).toContain('"when": 2000000000000')
  expect(() => slot({ ...tree, journal: '<<<<<<< HEAD' })).toThrow(/merge/)
})

const versions: Readonly<Record<FormatName, fc.Arbitrary<string>>> = (() => {
  const counted = fc.oneof(
    fc.integer({ min: 0, max: 9999 }).map((number) => String(number).padStart(4, '0')),
    fc.integer({ min: 0, max: 99_999 }).map(String),
  )
  const stamped = fc
    .date({ min: new Date('2019-01-01'), max: new Date('2027-12-31'), noInvalidDate: true })
    .map((date) => date.toISOString().replaceAll(/\D/g, '').slice(0, 14))
  return {
    'golang-migrate': fc.oneof(counted, stamped),
    numbered: counted,
    sqlx: fc.oneof(counted, stamped),
    diesel: stamped,
    prisma: stamped,
    drizzle: counted,
  }
})()

/** The files of a migration with that version, as the tool names them. */
const filesOf: Readonly<Record<FormatName, (version: string, index: number) => string>> = {
  'golang-migrate': (version, index) => `${version}_n${index}.up.sql`,
  numbered: (version, index) => `${version}_n${index}.sql`,
  sqlx: (version, index) => `${version}_n${index}.sql`,
  diesel: (version, index) => `${version}_n${index}/up.sql`,
  prisma: (version, index) => `${version}_n${index}/migration.sql`,
  drizzle: (version, index) => `${version}_n${index}.sql`,
}

const journalOf = (paths: readonly string[]): string =>
  JSON.stringify({
    version: '7',
    dialect: 'postgresql',
    entries: paths.map((path, index) => ({
      idx: index,
      version: '7',
      when: 1_767_268_800_000 + index,
      tag: path.slice(0, -4),
      breakpoints: true,
    })),
  })

test.each(FORMATS.map((format) => format.name))(
  '%s: the files that are written are read again as the last migration, with a version of its own',
  async (name) => {
    const format = formatNamed(name)
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(versions[name], { minLength: 0, maxLength: 6, selector: Number }),
        fc.array(versions[name], { maxLength: 3 }),
        fc.string({ maxLength: 20 }),
        async (existing, taken, words) => {
          const paths = existing.map((version, index) => filesOf[name](version, index))
          const root = project({ 'm/keep.md': '' })
          for (const path of paths) write(root, { [`m/${path}`]: 'SELECT 1;' })
          if (name === 'drizzle') write(root, { 'm/meta/_journal.json': journalOf(paths) })
          const before = await read(root, name)
          const slot = format.nextSlot(before, taken, words, NOW)
          write(root, Object.fromEntries(slot.files.map((file) => [`m/${file.path}`, file.text])))
          const after = await read(root, name)
          expect(after.problems).toEqual([])
          expect(after.migrations).toHaveLength(before.migrations.length + 1)
          const last = after.migrations.at(-1)
          expect(last?.version).toBe(slot.version)
          for (const version of [...before.migrations.map((one) => one.version), ...taken]) {
            expect(format.compareVersions(version, slot.version)).toBeLessThan(0)
          }
        },
      ),
      { numRuns: 30 },
    )
  },
)

test('a slug is never empty and holds nothing but letters, digits and joints', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (name) => {
      expect(slugOf(name)).toMatch(/^[a-z0-9]+(?:_[a-z0-9]+)*$/)
    }),
  )
  expect(slugOf('  ')).toBe('migration')
  expect(slugOf('../../etc/passwd')).toBe('etc_passwd')
})
