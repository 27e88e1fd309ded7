import { describe, expect, test } from 'vitest'
import { SeaworthyError } from '../../src/gate/error.ts'
import { FORMATS, formatNamed } from '../../src/migrations/formats.ts'
import type { FormatName, LedgerTable, Migration } from '../../src/migrations/model.ts'
import { numberedLedger } from '../../src/migrations/numbered.ts'
import { fixture, readOnly } from './reading.ts'

function tableOf(name: FormatName): LedgerTable {
  const { ledger } = formatNamed(name)
  if (ledger === null) throw new Error(`${name} has no ledger`)
  return ledger
}

const refused = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    if (error instanceof SeaworthyError && error.code === 'unreadable') return error.message
  }
  throw new Error('the row was taken')
}

describe('a row as each tool exports it', () => {
  test('golang-migrate: one row, and dirty while it runs', () => {
    const { parseRow, style } = tableOf('golang-migrate')
    expect(style).toBe('high-water')
    expect(parseRow({ version: '129', dirty: 'f' })).toEqual({
      key: '129',
      name: null,
      checksum: null,
      appliedAt: null,
      isDirty: false,
    })
    expect(parseRow({ version: 129, dirty: true })).toMatchObject({ key: '129', isDirty: true })
    expect(parseRow({ version: -1, dirty: 't' })).toMatchObject({ key: '-1', isDirty: true })
    expect(refused(() => parseRow({ version: 'abc', dirty: 'f' }))).toContain('no whole number')
    expect(refused(() => parseRow({ version: '1', dirty: 'maybe' }))).toContain('neither true nor false')
    expect(refused(() => parseRow({ version: '1' }))).toContain('dirty is missing')
    expect(refused(() => parseRow({ version: null, dirty: 'f' }))).toContain('NULL')
  })

  test('sqlx: the checksum is bytes, in every form that an export gives them', () => {
    const { parseRow } = tableOf('sqlx')
    const row = {
      version: '20260101120000',
      description: 'create courts',
      installed_on: '2026-01-02 03:04:05.678901+00',
      success: 't',
      execution_time: '-1',
    }
    const expected = {
      key: '20260101120000',
      name: 'create courts',
      checksum: 'ab01',
      appliedAt: '2026-01-02T03:04:05.678Z',
      isDirty: false,
    }
    expect(parseRow({ ...row, checksum: '\\xab01' })).toEqual(expected)
    expect(parseRow({ ...row, checksum: '\\\\xAB01' })).toEqual(expected)
    expect(
      parseRow({ ...row, checksum: Buffer.from('ab01', 'hex'), installed_on: new Date('2026-01-02T03:04:05.678Z') }),
    ).toEqual(expected)
    expect(parseRow({ ...row, checksum: '\\xab01', success: false })).toMatchObject({ isDirty: true })
    expect(refused(() => parseRow({ ...row, checksum: 'not hexadecimal' }))).toContain('hexadecimal')
    expect(refused(() => parseRow({ version: '1', dirty: 'f' }))).toContain('checksum is missing')
  })

  test('diesel: a version and a time without a zone', () => {
    const { parseRow } = tableOf('diesel')
    expect(parseRow({ version: '20260131000000', run_on: '2026-02-01 10:00:00.5' })).toEqual({
      key: '20260131000000',
      name: null,
      checksum: null,
      appliedAt: '2026-02-01T10:00:00.5',
      isDirty: false,
    })
  })

  test('prisma: begun and not finished is dirty, rolled back is not applied', () => {
    const { parseRow } = tableOf('prisma')
    const row = {
      migration_name: '20260101120000_init',
      checksum: 'A'.repeat(64),
      finished_at: '2026-01-01 12:00:00+00',
      rolled_back_at: '',
      started_at: 'x',
    }
    expect(parseRow(row)).toEqual({
      key: '20260101120000_init',
      name: 'init',
      checksum: 'a'.repeat(64),
      appliedAt: '2026-01-01T12:00:00.000Z',
      isDirty: false,
    })
    expect(parseRow({ ...row, finished_at: null, rolled_back_at: null })).toMatchObject({ isDirty: true })
    expect(parseRow({ ...row, finished_at: '', rolled_back_at: '2026-01-01 12:00:00+00' })).toBeNull()
    // An old engine left out leading zeros; what it wrote cannot be compared.
    expect(parseRow({ ...row, checksum: 'abc' })).toMatchObject({ checksum: null })
    expect(refused(() => parseRow({ version: '1', name: 'x' }))).toContain('migration_name')
  })

  test('drizzle: the key is when the migration was generated', () => {
    const { parseRow } = tableOf('drizzle')
    expect(parseRow({ id: 1, hash: 'ab', created_at: '1767268800000' })).toEqual({
      key: '1767268800000',
      name: null,
      checksum: 'ab',
      appliedAt: null,
      isDirty: false,
    })
    expect(refused(() => parseRow({ id: 1, hash: 'ab', created_at: null }))).toContain('NULL')
  })
})

describe('a ledger of one’s own', () => {
  const { parseRow, name, createSql, recordSql } = numberedLedger('applied_migrations')

  test('story 1: version, name, time and checksum, names in any of the usual forms', () => {
    expect(name).toBe('public.applied_migrations')
    const row = { version: '0123', applied_at: '2026-01-02T03:04:05Z', checksum: `sha256:${'A'.repeat(64)}` }
    for (const written of [
      'add_hearings',
      '123_add_hearings',
      '0123_add_hearings.up.sql',
      'db/0123_add_hearings.sql',
    ]) {
      expect(parseRow({ ...row, name: written })).toEqual({
        key: '123',
        name: 'add_hearings',
        checksum: 'a'.repeat(64),
        appliedAt: '2026-01-02T03:04:05.000Z',
        isDirty: false,
      })
    }
    expect(parseRow({ version: 7, name: '2026_report' })).toMatchObject({ key: '7', name: '2026_report' })
  })

  test('only the version is needed, even as a file name; any other checksum says nothing', () => {
    expect(parseRow({ version: 7 })).toEqual({ key: '7', name: null, checksum: null, appliedAt: null, isDirty: false })
    expect(parseRow({ version: '0007_users.up.sql' })).toMatchObject({ key: '7', name: 'users' })
    expect(parseRow({ version: '7', checksum: 'd41d8cd98f00b204e9800998ecf8427e' })).toMatchObject({ checksum: null })
    expect(refused(() => parseRow({ name: 'x' }))).toContain('version is missing')
    expect(refused(() => parseRow({ version: 'users' }))).toContain('no whole number')
  })

  test('names are quoted, whatever they hold', () => {
    expect(numberedLedger('ops.odd"name').createSql[0]).toContain('"ops"."odd""name"')
    expect(createSql[0]).toContain('"public"."applied_migrations"')
    expect(recordSql(sample)[0]?.values).toEqual(['123', 'add_hearings', 'c'])
  })
})

const sample: Migration = {
  version: '0123',
  name: 'add_hearings',
  ledgerKey: '123',
  up: { file: 'm/0123_add_hearings.up.sql', text: '', send: 'batch', pieces: null },
  down: null,
  checksum: 'c',
  checksumOtherEndings: null,
}

test.each([
  ['golang-migrate', 'golang-migrate'],
  ['sqlx', 'sqlx'],
  ['diesel', 'diesel'],
  ['prisma', 'prisma'],
  ['drizzle', 'drizzle'],
] as const)('%s: what it records is what it reads again', async (format, project) => {
  const table = tableOf(format)
  const tree = await readOnly(fixture(project))
  for (const migration of tree.migrations) {
    const statement = table.recordSql(migration).at(-1)
    const columns =
      /\(([^)]*)\)/
        .exec(statement?.text ?? '')?.[1]
        ?.replaceAll('"', '')
        .split(',') ?? []
    const placed = /values\s*\((.*)\)$/i.exec(statement?.text ?? '')?.[1]?.split(/,\s*/) ?? []
    const row: Record<string, unknown> = { finished_at: new Date(), rolled_back_at: null }
    for (const [index, column] of columns.entries()) {
      const place = /\$(\d)/.exec(placed[index] ?? '')?.[1]
      if (place !== undefined) row[column.trim()] = statement?.values[Number(place) - 1]
    }
    expect(table.parseRow(row)).toMatchObject({
      key: migration.ledgerKey,
      checksum: format === 'golang-migrate' ? null : migration.checksum,
      isDirty: false,
    })
  }
})

test('every format but plain numbered files has a ledger', () => {
  expect(FORMATS.filter((format) => format.ledger === null).map((format) => format.name)).toEqual(['numbered'])
})
