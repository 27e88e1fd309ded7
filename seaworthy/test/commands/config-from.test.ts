import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { configuration, surroundings } from '../../src/commands/surroundings.ts'
import { Project } from './cli.ts'

const env = {
  PATH: process.env['PATH'],
  HOME: '/nowhere',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
}

const git = (project: Project, ...args: string[]): void => {
  const me = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org']
  execFileSync('git', [...me, ...args], { cwd: project.root, env, stdio: 'ignore' })
}

/** A repository whose main branch is strict in the middle of the tree and lax at its top. */
function nested(): Project {
  const project = new Project({
    'seaworthy.config.json': '{"profile":"online"}',
    'services/courts/seaworthy.config.json': '{"profile":"additive"}',
    'services/courts/db/migrations/001_courts.sql': 'CREATE TABLE courts (id int);\n',
  })
  git(project, 'init', '-q', '-b', 'main')
  git(project, 'add', '-A')
  git(project, 'commit', '-qm', 'first')
  git(project, 'checkout', '-q', '-b', 'feature')
  return project
}

async function profileAt(project: Project, folder: string, dirs: readonly string[], fromRef?: string) {
  const context = { cwd: project.at(folder), env }
  const around = await surroundings(dirs, context)
  const { config, base } = await configuration(dirs, { fromRef }, around, context)
  return { profile: config.profile, base }
}

describe('a configuration from a base revision', () => {
  it('is the nearest one above, as without --config-from: from a folder below it, and for a folder that is named', async () => {
    using project = nested()
    for (const [folder, dirs] of [
      ['services/courts/db', []],
      ['services/courts/db/migrations', []],
      ['.', ['services/courts/db/migrations']],
    ] as const) {
      const own = await profileAt(project, folder, dirs)
      expect(own.profile).toBe('additive')
      expect(await profileAt(project, folder, dirs, 'main')).toEqual(own)
    }
    expect((await profileAt(project, '.', [], 'main')).profile).toBe('online')
  })

  it('does not give way to one that the candidate put nearer', async () => {
    using project = nested()
    project.write({ 'services/courts/db/seaworthy.config.json': '{"profile":"online"}' })
    git(project, 'add', '-A')
    git(project, 'commit', '-qm', 'nearer')
    expect((await profileAt(project, 'services/courts/db', [])).profile).toBe('online')
    expect((await profileAt(project, 'services/courts/db', [], 'main')).profile).toBe('additive')
  })
})
