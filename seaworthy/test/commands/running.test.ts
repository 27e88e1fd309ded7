import { chmodSync } from 'node:fs'
import { expect, it } from 'vitest'
import { runningIn } from '../../src/commands/admit/running.ts'
import { surroundings } from '../../src/commands/surroundings.ts'
import { gitEnv, ScratchRepository } from '../git/scratch-repository.ts'
import { Project } from './cli.ts'

const FILES = {
  'migrations/1_a.up.sql': 'SELECT 1;\n',
  'migrations/1_a.down.sql': 'SELECT 1;\n',
  'services/b/migrations/001_b.sql': 'SELECT 2;\n',
  'sqlite/migrations/001_c.sql': 'SELECT 3;\n',
}
const nobody = { images: [], buildInfo: null }
const recorded = [{ folder: 'migrations', format: 'golang-migrate' }]

async function look(project: Project, start = '.', folders: readonly (typeof recorded)[number][] = recorded) {
  const around = await surroundings(['.'], { cwd: project.root, env: { PATH: process.env['PATH'] } })
  return await runningIn(around, start, folders, nobody)
}

it('reads the folders that were judged, and every other one for PostgreSQL that lies there', async () => {
  using project = new Project(FILES)
  const running = await look(project)
  expect(running).toMatchObject({ commit: null, tree: null, isDirty: null })
  expect(running.migrations?.map(({ folder, format }) => [folder, format])).toEqual([
    ['migrations', 'golang-migrate'],
    ['services/b/migrations', 'numbered'],
  ])
  const one = await look(project, 'migrations')
  expect(one.migrations).toEqual(running.migrations?.slice(0, 1))
  project.write({ 'migrations/1_a.up.sql': 'SELECT 1; \n' })
  expect((await look(project, 'migrations')).migrations?.[0]?.digest).not.toBe(one.migrations?.[0]?.digest)
})

it('a folder that is gone is not there; a format that nobody knows makes nothing known', async () => {
  using project = new Project({ 'readme.md': '' })
  expect((await look(project)).migrations).toEqual([])
  using other = new Project(FILES)
  expect((await look(other, '.', [{ folder: 'migrations', format: 'flyway' }])).migrations).toBeUndefined()
})

it('a folder that cannot be read makes nothing known', async () => {
  using project = new Project(FILES)
  chmodSync(project.root, 0o755)
  chmodSync(project.at('services'), 0)
  // Root may read everything.
  const isRoot = process.geteuid?.() === 0
  if (isRoot) process.seteuid?.(65_534)
  try {
    expect((await look(project)).migrations).toBeUndefined()
  } finally {
    if (isRoot) process.seteuid?.(0)
    chmodSync(project.at('services'), 0o700)
  }
})

it('a migration folder that git ignores makes the tree dirty: no commit has it', async () => {
  using scratch = new ScratchRepository()
  scratch.commit({ 'migrations/1_a.up.sql': 'SELECT 1;', '.gitignore': 'more/\n' })
  const around = await surroundings(['.'], { cwd: scratch.root, env: gitEnv })
  expect(await runningIn(around, '.', recorded, nobody)).toMatchObject({ isDirty: false })
  scratch.write('more/migrations/1_b.up.sql', 'DROP TABLE a;')
  const running = await runningIn(around, '.', recorded, nobody)
  expect(running).toMatchObject({
    isDirty: true,
    migrations: [{ folder: 'migrations' }, { folder: 'more/migrations' }],
  })
})
