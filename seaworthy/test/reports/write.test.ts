import { execFileSync } from 'node:child_process'
import { appendFile, lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  checkReportPlaces,
  isReportKind,
  REPORT_KINDS,
  reportTitle,
  writeReport,
  writeReportText,
} from '../../src/reports/index.ts'
import { renderJson } from '../../src/reports/json.ts'
import { report } from './samples.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seaworthy-reports-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

test('the kinds are listed, and nothing else is one', () => {
  expect(REPORT_KINDS).toEqual(['json', 'sarif', 'junit', 'markdown'])
  expect(REPORT_KINDS.every((kind) => isReportKind(kind) && reportTitle(kind) !== '')).toBe(true)
  for (const other of ['', 'JSON', 'badge', 'toString', '__proto__']) expect(isReportKind(other)).toBe(false)
})

test('every kind is written whole, replaces what was there, and leaves no other file', async () => {
  for (const kind of REPORT_KINDS) {
    const file = join(folder, kind)
    await writeReport(kind, file, report())
    await appendFile(file, 'old '.repeat(10_000))
    await checkReportPlaces([{ kind, file }], [])
    await writeReport(kind, file, report())
    expect(await readFile(file, 'utf8')).toMatch(/seaworthy/i)
    expect(await readFile(file, 'utf8')).not.toContain('old old')
  }
  expect((await readdir(folder)).toSorted()).toEqual(REPORT_KINDS.toSorted())
})

test('a symbolic link stays one', async () => {
  await writeFile(join(folder, 'real.json'), '')
  await symlink('real.json', join(folder, 'link.json'))
  await writeReport('json', join(folder, 'link.json'), report())
  expect((await lstat(join(folder, 'link.json'))).isSymbolicLink()).toBe(true)
  expect(await readFile(join(folder, 'real.json'), 'utf8')).toBe(renderJson(report()))
})

test('a pipe is refused at once: nobody may ever read from it', async () => {
  const pipe = join(folder, 'pipe')
  execFileSync('mkfifo', [pipe])
  const refused = { code: 'usage', message: expect.stringContaining('it is a pipe') }
  await expect(checkReportPlaces([{ kind: 'json', file: pipe }], [])).rejects.toMatchObject(refused)
  await expect(writeReport('json', pipe, report())).rejects.toMatchObject(refused)
})

test('nothing else is written over: a ledger, a key, a text, a report of another kind', async () => {
  const file = join(folder, 'theirs')
  for (const kind of REPORT_KINDS) {
    const other = kind === 'json' ? 'sarif' : 'json'
    await writeReport(other, file, report())
    const ofOther = await readFile(file, 'utf8')
    for (const text of [
      'SQLite format 3\0',
      '-----BEGIN PRIVATE KEY-----\n',
      'years of work',
      '{"name":"x"}',
      ofOther,
    ]) {
      await writeFile(file, text)
      const refused = { code: 'usage', message: expect.stringContaining(`is no ${kind} report of ours`) }
      await expect(checkReportPlaces([{ kind, file }], [])).rejects.toMatchObject(refused)
      await expect(writeReport(kind, file, report())).rejects.toMatchObject(refused)
      expect(await readFile(file, 'utf8')).toBe(text)
    }
    await rm(file)
  }
})

test('a place that is to be spared is refused by every path, there or not', async () => {
  await symlink('.', join(folder, 'again'))
  await writeFile(join(folder, 'state.db-wal'), '')
  const spared = ['state.db', 'state.db-wal'].map((name) => join(folder, name))
  for (const name of ['state.db', 'state.db-wal', 'again/state.db', 'again/state.db-wal'])
    await expect(checkReportPlaces([{ kind: 'json', file: join(folder, name) }], spared)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining("it is the ledger's place"),
    })
})

test.each([
  ['a review', '# ✅ Review: confirmed'],
  ['a drill', '## Drill: held'],
])('%s is Markdown of ours as well', async (_, text) => {
  const file = join(folder, 'ours.md')
  await writeFile(file, text)
  await writeReportText('markdown', file, 'new')
  expect(await readFile(file, 'utf8')).toBe('new')
})

test('a place that cannot be written is a usage error that says what to do, and nothing is left behind', async () => {
  await mkdir(join(folder, 'sub'))
  await writeFile(join(folder, 'plain'), '')
  const attempt = (path: string): Promise<void> => writeReport('sarif', join(folder, path), report())
  await expect(attempt('missing/out.sarif')).rejects.toMatchObject({
    code: 'usage',
    exitCode: 2,
    message: expect.stringMatching(/^cannot write the sarif report to .*: its folder does not exist$/),
    hint: expect.stringContaining('mkdir -p'),
  })
  await expect(attempt('sub')).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringContaining('it is a folder'),
  })
  await expect(attempt('plain/out.sarif')).rejects.toMatchObject({ message: expect.stringContaining('is a file') })
  await expect(attempt('x'.repeat(300))).rejects.toMatchObject({ message: expect.stringContaining('too long') })
  await attempt('y'.repeat(255))
  expect((await readdir(folder)).toSorted()).toEqual(['plain', 'sub', 'y'.repeat(255)])
})

test('a full disk is named', async () => {
  await expect(writeReport('json', '/dev/full', report())).rejects.toMatchObject({
    code: 'limit',
    message: expect.stringContaining('the disk is full'),
  })
})

test('a place is looked at before the run, and nothing is written there', async () => {
  await mkdir(join(folder, 'sub'))
  await writeFile(join(folder, 'plain'), '')
  const attempt = (path: string): Promise<void> => checkReportPlaces([{ kind: 'sarif', file: join(folder, path) }], [])
  await attempt('new.sarif')
  await attempt('plain')
  await checkReportPlaces([{ kind: 'json', file: '/dev/null' }], [])
  for (const [path, why] of [
    ['missing/out.sarif', 'its folder does not exist'],
    ['sub', 'it is a folder'],
    ['plain/out.sarif', 'is a file'],
  ] as const) {
    await expect(attempt(path)).rejects.toMatchObject({ code: 'usage', message: expect.stringContaining(why) })
  }
  expect((await readdir(folder)).toSorted()).toEqual(['plain', 'sub'])
  expect(await readFile(join(folder, 'plain'), 'utf8')).toBe('')
})
