import { describe, expect, test } from 'vitest'
import { type Branches, branches } from '../../../src/observers/branches/kind.ts'
import { observeBranches } from '../../../src/observers/branches/observe.ts'
import { upFileOf } from '../../../src/observers/branches/up-file.ts'
import { ScratchRepository, gitEnv } from '../../git/scratch-repository.ts'
import { treeAt } from '../read-tree.ts'

async function ask(root: string, env: NodeJS.ProcessEnv = {}): Promise<Branches> {
  const observation = await observeBranches({ root, tree: await treeAt(root, 'm'), env: { ...gitEnv, ...env } })
  if (observation.status !== 'observed') throw new Error(observation.reason)
  return branches.parse(observation.data)
}

test('versions on local and remote branches that are not here under the same name', async () => {
  using scratch = new ScratchRepository()
  scratch.commit({ 'm/1_a.up.sql': '', 'm/1_a.down.sql': '' })
  scratch.git('checkout', '-q', '-b', 'theirs')
  scratch.commit({ 'm/2_fees.up.sql': '', 'm/2_fees.down.sql': '', 'm/notes.md': '', 'other/3_x.up.sql': '' })
  scratch.git('update-ref', 'refs/remotes/origin/same', 'theirs')
  scratch.git('checkout', '-q', '-b', 'ours', 'main')
  scratch.commit({ 'm/2_outcomes.up.sql': '' })
  const seen = await ask(scratch.root)
  expect(seen.branches.toSorted()).toEqual(['main', 'origin/same', 'theirs'])
  const taken = { version: '2', name: 'fees', file: 'm/2_fees.up.sql' }
  expect(seen.taken.toSorted((a, b) => (a.branch < b.branch ? -1 : 1))).toEqual([
    { branch: 'origin/same', ...taken },
    { branch: 'theirs', ...taken },
  ])
  expect(seen.leftOut).toBe(0)
})

test('what was pushed of this very branch is not another one; on a CI neither', async () => {
  using scratch = new ScratchRepository()
  scratch.commit({ 'm/1_a.up.sql': '' })
  scratch.git('checkout', '-q', '-b', 'ours')
  scratch.commit({ 'm/2_old_name.up.sql': '' })
  scratch.git('update-ref', 'refs/remotes/origin/ours', 'ours')
  scratch.git('mv', 'm/2_old_name.up.sql', 'm/2_new_name.up.sql')
  expect((await ask(scratch.root)).taken).toEqual([])
  scratch.commit()
  scratch.git('checkout', '-q', '--detach')
  expect((await ask(scratch.root, { GITHUB_HEAD_REF: 'ours' })).taken).toEqual([])
  expect((await ask(scratch.root)).taken).not.toEqual([])
})

describe('could not look is not observed', () => {
  test.each([['--depth', '1', '--no-single-branch'], ['--single-branch']])('a clone with %s', async (...options) => {
    using scratch = new ScratchRepository()
    scratch.commit({ 'm/1_a.up.sql': '' })
    scratch.git('branch', 'other')
    const root = scratch.clone('copy', ...options)
    const observation = await observeBranches({ root, tree: await treeAt(root, 'm'), env: gitEnv })
    expect(observation).toMatchObject({ status: 'failed', hint: expect.stringMatching(/refs\/heads/) })
  })
})

test('more than 500 branches: the newest ones, and how many were left out', async () => {
  using scratch = new ScratchRepository()
  const commit = scratch.commit({ 'm/1_a.up.sql': '' })
  scratch.git('checkout', '-q', '-b', 'fresh')
  scratch.commit({ 'm/2_b.up.sql': '' })
  scratch.git('checkout', '-q', 'main')
  const lines = Array.from({ length: 520 }, (_, index) => `${commit} refs/heads/old-${index}\n`)
  scratch.write(
    '.git/packed-refs',
    `# pack-refs with: peeled fully-peeled \n${lines.toSorted((a, b) => (a.slice(41) < b.slice(41) ? -1 : 1)).join('')}`,
  )
  const seen = await ask(scratch.root)
  expect(seen.branches).toHaveLength(500)
  expect(seen.leftOut).toBe(21)
  expect(seen.taken).toMatchObject([{ branch: 'fresh', version: '2' }])
})

test('what a file name says, by format', () => {
  expect(upFileOf('golang-migrate', '0123_a_b.up.sql')).toEqual({ version: '0123', name: 'a_b' })
  expect(upFileOf('golang-migrate', '0123_a.down.sql')).toBeNull()
  expect(upFileOf('golang-migrate', 'sub/0123_a.up.sql')).toBeNull()
  expect(upFileOf('golang-migrate', '0021_x_up.sql')).toBeNull()
  expect(upFileOf('numbered', '9-x.sql')).toEqual({ version: '9', name: 'x' })
  expect(upFileOf('numbered', '9.sql')).toEqual({ version: '9', name: '' })
  expect(upFileOf('numbered', '2026-01-31_x.sql')).toEqual({ version: '20260131', name: 'x' })
  expect(upFileOf('numbered', 'seed.sql')).toBeNull()
  expect(upFileOf('sqlx', '20260101_x.up.sql')).toEqual({ version: '20260101', name: 'x' })
  expect(upFileOf('diesel', '2026-01-31-120000_x/up.sql')).toEqual({ version: '20260131120000', name: 'x' })
  expect(upFileOf('diesel', '2026-01-31-120000_x/down.sql')).toBeNull()
  expect(upFileOf('prisma', '20260101_x/migration.sql')).toEqual({ version: '20260101_x', name: 'x' })
  expect(upFileOf('drizzle', '0001_x.sql')).toEqual({ version: '0001', name: 'x' })
  expect(upFileOf('drizzle', 'meta/0001_snapshot.json')).toBeNull()
})
