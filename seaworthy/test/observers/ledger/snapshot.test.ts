import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { formatNamed } from '../../../src/migrations/formats.ts'
import type { FormatName, Ledger, LedgerTable } from '../../../src/migrations/model.ts'
import { ledger } from '../../../src/observers/ledger/kind.ts'
import { observeLedger } from '../../../src/observers/ledger/observe.ts'
import { never } from '../../postgres/private-places.ts'
import { ledgerTableFor } from '../../../src/observers/ledger/table.ts'

const folder = mkdtempSync(join(tmpdir(), 'seaworthy-ledger-'))
afterAll(() => rmSync(folder, { recursive: true }))

let count = 0
async function read(content: string | Buffer, format: FormatName, ledgerTable: string | null = null): Promise<Ledger> {
  count += 1
  const file = join(folder, `ledger-${count}`)
  writeFileSync(file, content)
  return readFile(file, ledgerTableFor(formatNamed(format), ledgerTable))
}

async function readFile(file: string, table: LedgerTable | null): Promise<Ledger> {
  const observation = await observeLedger({ file, url: null, table, env: {}, signal: never })
  if (observation.status !== 'observed') throw new Error('not observed')
  return ledger.parse(observation.data)
}

const row = (key: string, change: object = {}) => ({
  key,
  name: null,
  checksum: null,
  appliedAt: null,
  isDirty: false,
  ...change,
})
const HASH = 'ab'.repeat(32)

describe('a ledger of a runner of one’s own', () => {
  const expected = {
    style: 'rows',
    rows: [
      row('122', { name: 'cases', checksum: HASH, appliedAt: '2026-05-01T10:00:00.000Z' }),
      row('123', { name: 'multi\nline, "quoted"' }),
    ],
  }

  test('CSV as COPY writes it', async () => {
    const csv = `version,name,applied_at,checksum\n0122,cases,2026-05-01 12:00:00+02,${HASH}\n123,"multi\nline, ""quoted""",,\n`
    expect(await read(csv, 'golang-migrate')).toEqual(expected)
    expect(await read(`\uFEFF${csv.replaceAll('\n', '\r\n')}`, 'numbered')).toMatchObject({
      rows: [{ key: '122' }, { key: '123' }],
    })
  })

  test('JSON, as a list and as lines', async () => {
    const rows = [
      { version: 122, name: 'cases', applied_at: '2026-05-01T10:00:00Z', checksum: HASH },
      { version: '123', name: 'multi\nline, "quoted"', applied_at: null, checksum: null },
    ]
    expect(await read(JSON.stringify(rows, null, 2), 'golang-migrate')).toEqual(expected)
    expect(await read(rows.map((one) => JSON.stringify(one)).join('\n'), 'golang-migrate')).toEqual(expected)
    expect((await read(JSON.stringify(rows[0]), 'numbered')).rows).toHaveLength(1)
  })

  test('a version that no double holds exactly', async () => {
    expect((await read('[{"version": 20260101120000123}]', 'numbered')).rows[0]?.key).toBe('20260101120000123')
  })
})

test('the ledgers of the tools', async () => {
  expect(await read('version,dirty\n42,f\n', 'golang-migrate')).toEqual({ style: 'high-water', rows: [row('42')] })
  expect(await read('version,dirty\n42,t\n', 'golang-migrate', 'my_migrations')).toMatchObject({
    style: 'high-water',
    rows: [{ isDirty: true }],
  })
  const sqlx =
    'version,description,installed_on,success,checksum,execution_time\n7,add x,2026-05-01 10:00:00+00,t,\\xABCD,12\n'
  expect((await read(sqlx, 'sqlx')).rows).toEqual([
    row('7', { name: 'add x', checksum: 'abcd', appliedAt: '2026-05-01T10:00:00.000Z' }),
  ])
  const prisma = `id,checksum,finished_at,migration_name,logs,rolled_back_at,started_at,applied_steps_count\na,${HASH},,20260101000000_x,"line\nline",,2026-05-01 10:00:00+00,0\n`
  expect((await read(prisma, 'prisma')).rows).toMatchObject([{ key: '20260101000000_x', isDirty: true }])
  expect((await read('version,run_on\n00000000000000,2026-05-01 10:00:00\n', 'diesel')).rows[0]?.key).toBe(
    '00000000000000',
  )
  expect((await read('id,hash,created_at\n1,abc,1700000000000\n', 'drizzle')).rows[0]?.key).toBe('1700000000000')
})

test('nothing applied yet is said by a header alone, or by []', async () => {
  expect(await read('version,dirty\n', 'golang-migrate')).toEqual({ style: 'high-water', rows: [] })
  expect((await read('[]', 'sqlx')).rows).toEqual([])
  expect((await read('version,name,applied_at,checksum\n', 'numbered')).rows).toEqual([])
})

describe('a file that is no ledger says what was found', () => {
  const bad: [string, string | Buffer, FormatName, RegExp][] = [
    ['empty', '', 'sqlx', /empty/],
    ['only white space', ' \n\n', 'sqlx', /empty/],
    ['no header', '42,f\n', 'golang-migrate', /header.*42,f/],
    ['a header of another table', 'id,name\n', 'numbered', /no column version, only id, name: it is no ledger/],
    ['rows of another table', 'id,email\n1,a@b\n', 'sqlx', /version, checksum.*missing/],
    ['a version that is none', 'version,dirty\nabc,f\n', 'golang-migrate', /no whole number/],
    ['several rows of high water', 'version,dirty\n1,f\n2,f\n', 'golang-migrate', /one row.*are 2/],
    ['JSON of something else', '{"error": "not found"}', 'golang-migrate', /version/],
    ['a list of numbers', '[1, 2]', 'golang-migrate', /entry 1/],
    ['broken JSON', '[{"version": 1', 'golang-migrate', /cannot be parsed/],
    ['a broken JSON line', '{"version": 1}\n{"ver', 'golang-migrate', /line 2/],
    ['a web page', '<html>\n<body>', 'golang-migrate', /header/],
    ['an image', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1]), 'golang-migrate', /UTF-8/],
    ['UTF-16', Buffer.from('\uFEFFversion,dirty\n', 'utf16le'), 'golang-migrate', /PowerShell/],
    ['Latin-1', Buffer.from('version,name\n1,\xfcber\n', 'latin1'), 'numbered', /UTF-8/],
    ['an unclosed quote', 'version,name\n1,"x\n', 'numbered', /never closed/],
  ]
  test.each(bad)('%s', async (_name, content, format, message) => {
    await expect(read(content, format)).rejects.toMatchObject({
      code: 'unreadable',
      message: expect.stringMatching(message),
    })
    await expect(read(content, format)).rejects.toMatchObject({
      message: expect.stringMatching(/ledger file .*ledger-\d+/),
      hint: expect.any(String),
    })
  })

  test('missing, a folder, too large', async () => {
    const table = formatNamed('sqlx').ledger
    await expect(readFile(join(folder, 'nope'), table)).rejects.toMatchObject({
      code: 'unreadable',
      message: expect.stringMatching(/nope cannot be read: there is no such file or folder$/),
    })
    mkdirSync(join(folder, 'dir'))
    await expect(readFile(join(folder, 'dir'), table)).rejects.toMatchObject({ code: 'unreadable' })
    const large = join(folder, 'large')
    writeFileSync(large, 'version')
    truncateSync(large, 51 * 1024 * 1024)
    await expect(readFile(large, table)).rejects.toMatchObject({ code: 'limit' })
  })
})
