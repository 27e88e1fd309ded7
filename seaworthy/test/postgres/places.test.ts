import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { canReach, findPlaces } from '../../src/postgres/places.ts'

const isRoot = process.geteuid?.() === 0
const nobody = { name: 'nobody', uid: 65_534, gid: 65_534 }
let folder: string
beforeEach(() => {
  folder = mkdtempSync('/var/tmp/swp-')
  chmodSync(folder, 0o755)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('the places', () => {
  test('are there without anybody choosing', () => {
    const { cache, runs } = findPlaces({ SEAWORTHY_CACHE: join(folder, 'cache') })
    expect(cache).toBe(join(folder, 'cache'))
    expect(statSync(cache).mode & 0o077).toBe(isRoot ? 0o011 : 0)
    expect(existsSync(runs)).toBe(true)
  })

  test('a cache that cannot be used gives way to another', () => {
    const places = findPlaces({ SEAWORTHY_CACHE: '/proc/no/such', XDG_CACHE_HOME: join(folder, 'xdg') })
    const expected = isRoot
      ? ['/var/cache/seaworthy', '/var/tmp/seaworthy-root', join(tmpdir(), 'seaworthy-root')]
      : [join(folder, 'xdg/seaworthy')]
    expect(expected).toContain(places.cache)
  })

  test.runIf(isRoot)('under a folder that the account cannot pass through they are not', () => {
    chmodSync(folder, 0o700)
    expect(findPlaces({ SEAWORTHY_CACHE: join(folder, 'cache') }).cache).not.toContain(folder)
    expect(() => findPlaces({ SEAWORTHY_RUNS: folder })).toThrow('where no server can run')
  })

  test('run folders must leave room for the name of a socket', () => {
    const long = join(folder, 'x'.repeat(90))
    mkdirSync(long, { mode: 0o777 })
    expect(() => findPlaces({ SEAWORTHY_CACHE: folder, SEAWORTHY_RUNS: long })).toThrow('where no server can run')
    expect(() => findPlaces({ SEAWORTHY_CACHE: folder, SEAWORTHY_RUNS: '/no/such' })).toThrow('/no/such')
  })

  test('are reachable if every folder on the way is', () => {
    const inner = join(folder, 'inner')
    mkdirSync(inner, { mode: 0o755 })
    expect(canReach(inner, nobody)).toBe(true)
    chmodSync(folder, 0o700)
    expect(canReach(inner, nobody)).toBe(false)
    expect(canReach(inner, null)).toBe(true)
  })
})
