import { symlinkSync } from 'node:fs'
import { expect, test } from 'vitest'
import { checkedOut, withMigrations } from '../../src/commands/check/candidate.ts'
import { Repository } from '../../src/git/repository.ts'
import { readTree } from '../../src/migrations/detect.ts'
import { gitEnv, ScratchRepository } from '../git/scratch-repository.ts'

/** What a run takes for checked out when it judges `migrations`. */
async function candidateIn(scratch: ScratchRepository, folder = 'migrations') {
  const repository = await Repository.open(scratch.root, gitEnv)
  const tree = await readTree(scratch.root, { folder, format: 'numbered', detectedBy: 'the test' })
  return await withMigrations(await checkedOut(repository), repository, [tree])
}

test('a migration that git ignores is not of the commit, though git calls the tree clean', async () => {
  using scratch = new ScratchRepository()
  const commit = scratch.commit({ 'migrations/001_a.sql': 'select 1', '.gitignore': '*_local.sql\n' })
  expect(await candidateIn(scratch)).toMatchObject({ commit, isDirty: false })
  scratch.write('migrations/002_local.sql', 'drop table a')
  expect(await (await Repository.open(scratch.root, gitEnv))?.isDirty()).toBe(false)
  expect(await candidateIn(scratch)).toMatchObject({ commit, isDirty: true })
})

test('a folder that is named by a link is the folder behind it', async () => {
  using scratch = new ScratchRepository()
  scratch.write('.gitkeep', '')
  symlinkSync('migrations', `${scratch.root}/db`)
  const commit = scratch.commit({ 'migrations/001_a.sql': 'select 1' })
  expect(await candidateIn(scratch, 'db')).toMatchObject({ commit, isDirty: false })
})
