import { readFileSync, readdirSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { becomes, usePrivateCache } from '../postgres/private-places.ts'
import { Project, seaworthy, start } from './cli.ts'

const cache = usePrivateCache()
afterAll(() => cache.remove())

const env = (): Record<string, string> => ({
  SEAWORTHY_CACHE: process.env['SEAWORTHY_CACHE'] ?? '',
  SEAWORTHY_RUNS: process.env['SEAWORTHY_RUNS'] ?? '',
})

const SLOW = {
  'migrations/001_courts.sql': 'CREATE TABLE courts (id bigint PRIMARY KEY);\n',
  'migrations/002_slow.sql': 'SELECT pg_sleep(100);\n',
}

/** Folders and processes of scratch servers that were started with this file's places. */
function remains(): string[] {
  const runs = process.env['SEAWORTHY_RUNS'] ?? 'unset'
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(runs)
      } catch {
        return false // It ended while we looked.
      }
    })
  return [...readdirSync(runs), ...processes]
}

describe('however a run ends, no server stays', () => {
  it('SIGINT in the middle: exit 130, and everything is cleaned up before it ends', async () => {
    using project = new Project(SLOW)
    const running = start(['check', '--all'], project.root, env())
    await running.says('applying 002')
    expect(remains().length).toBeGreaterThan(0)
    running.kill('SIGINT')
    const { code, stderr } = await running.done
    expect(code).toBe(130)
    expect(stderr).toContain('Cancelled')
    expect(await becomes(() => remains().length === 0)).toBe(true)
  })

  it('SIGINT twice stops at once', async () => {
    using project = new Project(SLOW)
    const running = start(['check', '--all'], project.root, env())
    await running.says('applying 002')
    running.kill('SIGINT')
    await running.says('Stopping')
    running.kill('SIGINT')
    expect((await running.done).code).toBe(130)
    expect(await becomes(() => remains().length === 0)).toBe(true)
  })

  it('SIGKILL: the watchdog ends the server and removes its folder', async () => {
    using project = new Project(SLOW)
    const running = start(['check', '--all'], project.root, env())
    await running.says('applying 002')
    expect(remains().length).toBeGreaterThan(0)
    running.kill('SIGKILL')
    expect((await running.done).code).toBeNull()
    expect(await becomes(() => remains().length === 0)).toBe(true)
  })

  it('two runs at once do not notice each other, and share the cache', async () => {
    using project = new Project({
      'migrations/001_courts.sql': 'CREATE TABLE courts (id bigint PRIMARY KEY); GRANT SELECT ON courts TO reader;\n',
      'migrations/002_city.sql': 'ALTER TABLE courts ADD COLUMN city text;\n',
    })
    const runs = [1, 2, 3].map(async () => await seaworthy(['check', '--baseline', '001'], project.root, env()))
    for (const { code, stderr } of await Promise.all(runs)) expect({ code, stderr }).toMatchObject({ code: 0 })
    const again = await seaworthy(['check', '--baseline', '001'], project.root, env())
    expect(again.stdout).toContain('baseline from the cache')
    expect(await becomes(() => remains().length === 0)).toBe(true)
  })
})
