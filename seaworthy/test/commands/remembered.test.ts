import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { usePrivateCache } from '../postgres/private-places.ts'
import { Project, type Ran, seaworthy } from './cli.ts'

const cache = usePrivateCache()
afterAll(() => cache.remove())

const env = (): Record<string, string> => ({ SEAWORTHY_CACHE: process.env['SEAWORTHY_CACHE'] ?? '' })
const files = {
  'migrations/001_courts.sql': 'CREATE TABLE courts (id bigint PRIMARY KEY, name text);\n',
  'migrations/002_drop.sql': 'DROP TABLE courts;\n',
}
const check = async (project: Project, ...flags: string[]): Promise<Ran> =>
  await seaworthy(
    ['check', '--baseline', '001', '--only', 'migrations-contract', '--json', ...flags],
    project.root,
    env(),
  )

const kept = (): string[] => readdirSync(cache.places().cache).filter((name) => name.startsWith('judgement-'))

/** What a report says, without what a clock says. */
const said = (ran: Ran): unknown =>
  JSON.parse(ran.stdout, (key, value: unknown) => (['durationMs', 'evaluatedAt'].includes(key) ? null : value))

describe('a judgement that is remembered', () => {
  it('is the one that was made, finding by finding', async () => {
    using project = new Project(files)
    const first = await check(project)
    expect(kept()).toHaveLength(1)
    const second = await check(project)
    expect(kept()).toHaveLength(1)
    expect(first.code).toBe(1)
    expect(said(second)).toEqual(said(first))
  })

  it('lies where only this user can write, and not the account that servers run as', async () => {
    using project = new Project(files)
    await check(project)
    const folders = readdirSync(cache.places().cache).filter((name) => /^(?:judgement|prior)-/.test(name))
    expect(folders.length).toBeGreaterThan(1)
    for (const name of folders) {
      const { uid, mode } = statSync(path.join(cache.places().cache, name))
      expect({ uid, others: mode & 0o077 }).toEqual({ uid: process.getuid?.(), others: 0 })
    }
  })

  it('is not used for another text, another baseline, another profile, or with --no-cache', async () => {
    using project = new Project(files)
    await check(project)
    const before = kept().length
    expect((await check(project, '--no-cache')).code).toBe(1)
    expect(kept()).toHaveLength(before)
    project.write({ 'migrations/002_drop.sql': 'CREATE TABLE more (id bigint PRIMARY KEY);\n' })
    expect((await check(project)).code).toBe(0)
    project.write({ 'migrations/001_courts.sql': 'CREATE TABLE courts (id bigint PRIMARY KEY);\n' })
    await check(project)
    expect((await check(project, '--profile', 'additive')).code).toBe(1)
    expect(kept()).toHaveLength(before + 3)
  })

  it('of what is live is kept beside it, and what is pending is judged anew on top of it', async () => {
    using project = new Project(files)
    const priors = (): number => readdirSync(cache.places().cache).filter((name) => name.startsWith('prior-')).length
    const first = await check(project)
    const before = priors()
    project.write({ 'migrations/002_drop.sql': '-- said otherwise\nDROP TABLE courts;\n' })
    const second = await check(project)
    expect(priors()).toBe(before)
    const fresh = await check(project, '--no-cache')
    expect(said(second)).toEqual(said(fresh))
    expect([first.code, second.code]).toEqual([1, 1])
    project.write({ 'migrations/001_courts.sql': 'CREATE TABLE others (id bigint PRIMARY KEY);\n' })
    await check(project)
    expect(priors()).toBe(before + 1)
  })

  it('keeps the comments that answer for a finding, and what another check may say about them', async () => {
    const allowed =
      '-- seaworthy:allow lock/create-index reason="200 rows, never more"\nCREATE INDEX ON courts (name);\n'
    using project = new Project({ ...files, 'migrations/002_drop.sql': allowed })
    const before = kept().length
    const first = await check(project)
    expect(kept()).toHaveLength(before + 1)
    const second = await check(project)
    expect(kept()).toHaveLength(before + 1)
    expect([first.code, second.code]).toEqual([0, 0])
    expect(first.stdout).toContain('accepted in the file: 200 rows, never more')
    expect(said(second)).toEqual(said(first))
  })

  it('that is damaged is made anew', async () => {
    using project = new Project(files)
    await check(project)
    for (const name of kept()) {
      const file = path.join(cache.places().cache, name, 'content/kept.json')
      writeFileSync(file, readFileSync(file, 'utf8').slice(0, 40))
    }
    expect((await check(project)).code).toBe(1)
  })
})
