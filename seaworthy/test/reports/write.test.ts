import { execFileSync } from 'node:child_process'
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { checkReportPlaces, isReportKind, REPORT_KINDS, reportTitle, writeReport } from '../../src/reports/index.ts'
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
    await writeFile(file, 'old '.repeat(10_000))
    await writeReport(kind, file, report())
    expect(await readFile(file, 'utf8')).toMatch(/seaworthy/i)
    expect(await readFile(file, 'utf8')).not.toContain('old old')
  }
  expect((await readdir(folder)).toSorted()).toEqual(REPORT_KINDS.toSorted())
})

test('a symbolic link stays one', async () => {
  await writeFile(join(folder, 'real.json'), 'old')
  await symlink('real.json', join(folder, 'link.json'))
  await writeReport('json', join(folder, 'link.json'), report())
  expect((await lstat(join(folder, 'link.json'))).isSymbolicLink()).toBe(true)
  expect(await readFile(join(folder, 'real.json'), 'utf8')).toBe(renderJson(report()))
})

test('a pipe is written to and stays a pipe', async () => {
  const pipe = join(folder, 'pipe')
  execFileSync('mkfifo', [pipe])
  const [text] = await Promise.all([readFile(pipe, 'utf8'), writeReport('json', pipe, report())])
  expect(text).toBe(renderJson(report()))
  expect((await lstat(pipe)).isFIFO()).toBe(true)
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
  await writeFile(join(folder, 'plain'), 'old')
  const attempt = (path: string): Promise<void> => checkReportPlaces([{ kind: 'sarif', file: join(folder, path) }])
  await attempt('new.sarif')
  await attempt('plain')
  await checkReportPlaces([{ kind: 'json', file: '/dev/null' }])
  for (const [path, why] of [
    ['missing/out.sarif', 'its folder does not exist'],
    ['sub', 'it is a folder'],
    ['plain/out.sarif', 'is a file'],
  ] as const) {
    await expect(attempt(path)).rejects.toMatchObject({ code: 'usage', message: expect.stringContaining(why) })
  }
  expect((await readdir(folder)).toSorted()).toEqual(['plain', 'sub'])
  expect(await readFile(join(folder, 'plain'), 'utf8')).toBe('old')
})
