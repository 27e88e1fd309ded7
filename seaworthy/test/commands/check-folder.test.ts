import { execFileSync } from 'node:child_process'
import { chmodSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { findFolders } from '../../src/commands/check/folder.ts'
import { checkRequest } from '../../src/commands/check/request.ts'
import { Repository } from '../../src/git/repository.ts'
import { ScratchRepository } from '../git/scratch-repository.ts'
import { Project, seaworthy } from './cli.ts'

const ENV = {
  PATH: process.env['PATH'] ?? '',
  HOME: '/',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
}
const NOBODY = 65_534

/** Does something as a user to whom a folder of mode 000 is closed: root is let in everywhere. */
async function asOrdinaryUser<T>(project: Project, work: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return await work()
  execFileSync('chown', ['-R', String(NOBODY), project.root])
  process.seteuid?.(NOBODY)
  try {
    return await work()
  } finally {
    process.seteuid?.(0)
  }
}

describe('a folder that cannot be read', () => {
  const files = { 'db/migrations/001_a.sql': 'SELECT 1;\n', 'services/api/migrations/001_b.sql': 'SELECT 1;\n' }

  const found = async (project: Project): Promise<unknown> =>
    await asOrdinaryUser(project, async () => {
      const repository = await Repository.open(project.root, ENV)
      const loaded = { config: {}, source: null, base: project.root }
      const request = checkRequest([], {}, loaded, project.root, ENV)
      return await findFolders({ root: project.root, repository, env: ENV }, request).catch((error: unknown) => error)
    })

  it('is refused where git has files in it: a history may lie there', async () => {
    using project = new Project(files)
    const git = (...args: string[]): unknown =>
      execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', ...args], {
        cwd: project.root,
        env: ENV,
      })
    git('init', '-q', '-b', 'main')
    git('add', '-A')
    git('commit', '-q', '-m', 'first')
    chmodSync(project.at('services/api'), 0)
    const outcome = await found(project)
    chmodSync(project.at('services/api'), 0o755)
    expect(outcome).toMatchObject({ code: 'unreadable', message: expect.stringContaining('services/api') })
  })

  it('is named where git knows nothing of it', async () => {
    using project = new Project(files)
    chmodSync(project.at('services/api'), 0)
    const outcome = await found(project)
    chmodSync(project.at('services/api'), 0o755)
    expect(outcome).toMatchObject({
      folders: [{ detected: { folder: 'db/migrations' } }],
      leftOut: [{ folder: 'services/api', why: 'it cannot be read' }],
    })
  })
})

it.each(['../.git/config', '../.env'])('a link to %s is not followed: nothing of it is told', async (target) => {
  using scratch = new ScratchRepository()
  scratch.commit({ 'migrations/001_a.sql': 'CREATE TABLE a (id bigint PRIMARY KEY);\n', '.gitignore': '.env\n' })
  scratch.git('config', 'http.https://git.example/.extraheader', 'AUTHORIZATION: basic CANARY')
  writeFileSync(path.join(scratch.root, '.env'), 'PASSWORD=CANARY\n')
  symlinkSync(target, path.join(scratch.root, 'migrations/002_b.sql'))
  const report = ['--report', 'sarif=r.sarif', '--report', 'markdown=r.md']
  const ran = await seaworthy(['check', '--baseline', '001', '--evidence', 'e', ...report], scratch.root)
  expect(ran.stdout).toContain('and is not followed')
  expect(ran.code).not.toBe(0)
  const below = readdirSync(scratch.root, { recursive: true, withFileTypes: true })
  const written = below.filter((one) => one.isFile() && (one.name.startsWith('r.') || one.name.endsWith('.json')))
  const texts = written.map((one) => readFileSync(path.join(one.parentPath, one.name), 'utf8')).join('\n')
  expect(texts).toContain('002_b.sql')
  expect(ran.stdout + ran.stderr + texts).not.toContain('CANARY')
})
