import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Project, seaworthy } from './cli.ts'

/** What was kept of the program in the cache, after a run; null where not even a folder was made. */
async function keptIn(project: Project, env: Record<string, string>): Promise<number | null> {
  mkdirSync(project.at('tmp'), { recursive: true })
  const { code } = await seaworthy(['policy'], project.root, { TMPDIR: project.at('tmp'), ...env })
  expect(code).toBe(0)
  expect(readdirSync(project.at('tmp'))).toEqual([])
  const folder = project.at('cache/compiled')
  return existsSync(folder) ? readdirSync(folder).length : null
}

describe('what Node has compiled is run again', () => {
  it('from the user’s own cache', async () => {
    using project = new Project()
    expect(await keptIn(project, { SEAWORTHY_CACHE: project.at('cache') })).toBe(1)
  })

  it.each<[string, (project: Project) => void]>([
    ['others may write to', (project) => chmodSync(project.at('cache'), 0o777)],
    ['others may write to it itself', (project) => chmodSync(project.at('cache/compiled'), 0o770)],
    ['lies in a folder that others may write to', (project) => chmodSync(project.root, 0o777)],
  ])('and never from a place that %s', async (_where, open) => {
    using project = new Project()
    mkdirSync(project.at('cache/compiled'), { recursive: true, mode: 0o700 })
    open(project)
    expect(await keptIn(project, { SEAWORTHY_CACHE: project.at('cache') })).toBe(0)
  })

  it.runIf(process.getuid?.() === 0)('and never from a place that somebody else made', async () => {
    using project = new Project()
    mkdirSync(project.at('cache/compiled'), { recursive: true, mode: 0o700 })
    chownSync(project.at('cache/compiled'), 65_534, 65_534)
    expect(await keptIn(project, { SEAWORTHY_CACHE: project.at('cache') })).toBe(0)
    expect(await keptIn(project, { SEAWORTHY_CACHE: 'cache' })).toBe(0)
  })
})
