import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Account, serverAccount } from '../../src/postgres/account.ts'
import { copyArguments, copyTree, moveTree, sizeOf } from '../../src/postgres/copy-tree.ts'
import { giveTo } from '../../src/postgres/places.ts'
import { never } from './private-places.ts'

const account = serverAccount()
let folder: string
beforeEach(() => {
  folder = mkdtempSync('/var/tmp/seaworthy-test-copy-')
  giveTo(account, folder)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A folder with what a data folder has: nested folders, empty ones, a link, an empty file. */
function original(owner: Account | null): string {
  const from = join(folder, 'from')
  for (const path of ['', 'base', 'base/1', 'pg_tblspc']) {
    mkdirSync(join(from, path), { mode: 0o700 })
    giveTo(owner, join(from, path))
  }
  for (const [path, text] of [
    ['base/1/7', 'x'.repeat(8192)],
    ['PG_VERSION', '18'],
    ['empty', ''],
  ] as const) {
    writeFileSync(join(from, path), text)
    chmodSync(join(from, path), 0o600)
    giveTo(owner, join(from, path))
  }
  symlinkSync('/nowhere', join(from, 'pg_tblspc', '42'))
  return from
}

const ways: [string, Account | null][] =
  account === null
    ? [['ourselves', null]]
    : [
        ['ourselves', null],
        ['as the account', account],
      ]

describe.each(ways)('a copy made %s', (_way, owner) => {
  test('has the files, the modes, the links and the owner', async () => {
    const to = join(folder, 'to')
    await copyTree(original(owner), to, owner, never)
    expect(readFileSync(join(to, 'base/1/7'), 'utf8')).toHaveLength(8192)
    expect(sizeOf(to)).toBe(8194)
    expect(readlinkSync(join(to, 'pg_tblspc/42'))).toBe('/nowhere')
    for (const path of ['', 'base/1', 'pg_tblspc']) expect(statSync(join(to, path)).mode & 0o777).toBe(0o700)
    for (const path of ['base/1/7', 'empty']) expect(statSync(join(to, path)).mode & 0o777).toBe(0o600)
    expect(statSync(join(to, 'base/1/7')).uid).toBe(owner?.uid ?? process.geteuid?.())
  })

  test('of what is not there says what is wrong', async () => {
    await expect(copyTree(join(folder, 'missing'), join(folder, 'to'), owner, never)).rejects.toMatchObject({
      code: 'scratch-server',
      message: expect.stringMatching(/No such file|ENOENT/),
    })
  })

  test('stops when it is cancelled', async () => {
    const copying = copyTree(original(owner), join(folder, 'to'), owner, AbortSignal.abort(new Error('enough')))
    await expect(copying).rejects.toThrow('enough')
  })

  test('that is moved leaves nothing behind on the same file system', async () => {
    const from = original(owner)
    await moveTree(from, join(folder, 'to'), owner, never)
    expect(() => statSync(from)).toThrow('ENOENT')
    expect(sizeOf(join(folder, 'to'))).toBe(8194)
  })
})

test('cp is told to share blocks in the words that it knows', () => {
  expect(copyArguments('a', 'b', 'gnu')).toEqual(['-R', '-P', '--reflink=auto', 'a', 'b'])
  expect(copyArguments('a', 'b', 'macos')).toEqual(['-R', '-P', '-c', 'a', 'b'])
  expect(copyArguments('a', 'b', 'plain')).toEqual(['-R', '-P', 'a', 'b'])
})
