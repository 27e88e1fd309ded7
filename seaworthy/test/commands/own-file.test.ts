import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ownFile } from '../../src/commands/own-file.ts'
import { seaworthy } from './cli.ts'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'seaworthy-own-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const MEMBERS = ['kind', 'data']
const file = (name: string, text: string): string => {
  writeFileSync(path.join(dir, name), text)
  return path.join(dir, name)
}

it('takes a place that is free, an empty file, and an earlier one', async () => {
  const free = path.join(dir, 'free.json')
  expect(await ownFile(free, MEMBERS, '--out')).toBe(free)
  const empty = file('empty.json', '')
  expect(await ownFile(empty, MEMBERS, '--out')).toBe(empty)
  const earlier = file('earlier.json', '{"kind":"answers","data":{}}')
  symlinkSync(earlier, path.join(dir, 'link.json'))
  expect(await ownFile(path.join(dir, 'link.json'), MEMBERS, '--out')).toBe(earlier)
})

it('writes over nothing else', async () => {
  mkdirSync(path.join(dir, 'folder'))
  for (const other of [
    file('thesis.md', 'years of work'),
    file('package.json', '{"name":"x"}'),
    file('list.json', '[1]'),
    file('half.json', '{"kind":"answers"}'),
    path.join(dir, 'folder'),
  ]) {
    await expect(ownFile(other, MEMBERS, '--out')).rejects.toMatchObject({
      code: 'usage',
      hint: expect.stringContaining('--out'),
    })
  }
})

it('puts no file into the place of a device, nor of a link that leads nowhere', async () => {
  symlinkSync('nowhere.json', path.join(dir, 'link.json'))
  for (const [place, what] of [
    ['/dev/null', 'is a device or a pipe'],
    [path.join(dir, 'link.json'), 'is a link that leads nowhere'],
  ] as const)
    await expect(ownFile(place, MEMBERS, '-o')).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining(what),
      hint: expect.stringContaining('-o'),
    })
})

it('capture and prove say so before they connect', async () => {
  const thesis = file('thesis.md', 'years of work')
  chmodSync(thesis, 0o644)
  const nobody = 'postgresql://127.0.0.1:1/d'
  const captured = await seaworthy(['capture', nobody, '-o', 'thesis.md'], dir)
  expect(captured).toMatchObject({ code: 2, stderr: expect.stringContaining('is there already') })
  mkdirSync(path.join(dir, 'migrations'))
  file('migrations/001_a.sql', 'CREATE TABLE a ();')
  const proved = await seaworthy(['prove', '--all', '--against', nobody, '--out', 'thesis.md'], dir)
  expect(proved).toMatchObject({ code: 2, stderr: expect.stringContaining('is there already') })
  expect(readFileSync(thesis, 'utf8')).toBe('years of work')
})
