import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { freshCheckout } from '../../src/git/fresh-checkout.ts'
import { Repository } from '../../src/git/repository.ts'
import { gitEnv, ScratchRepository } from './scratch-repository.ts'

async function opened(root: string): Promise<Repository> {
  const repository = await Repository.open(root, gitEnv)
  if (repository === null) throw new Error('no repository')
  return repository
}

const filesOf = (root: string): ReadonlySet<string> =>
  new Set(readdirSync(path.join(root, '.git'), { recursive: true, encoding: 'utf8' }))

describe('a fresh checkout', () => {
  it('has the files of the commit byte by byte, whatever the commit says of filters and line endings', async () => {
    using scratch = new ScratchRepository()
    scratch.git('config', 'filter.evil.smudge', 'touch /nonexistent/ran; sed s/a/b/')
    scratch.write('.git/info/attributes', 'a.txt -text\n')
    const base = scratch.commit({ 'a.txt': 'aaa\n', 'b.txt': 'b\n' })
    const commit = scratch.commit({ '.gitattributes': '*.txt filter=evil eol=crlf text\n', 'a.txt': 'aaa\r\nx\n' })
    scratch.write('.git/hooks/post-checkout', '#!/bin/sh\ntouch "$PWD/hook-ran"\n')
    // A global configuration knows the filter as well.
    const global = path.join(scratch.root, '../global.config')
    writeFileSync(global, '[filter "evil"]\n\tsmudge = sed s/a/b/\n[core]\n\tautocrlf = true\n')
    const folder = path.join(scratch.root, '../fresh')
    const env = { ...gitEnv, GIT_CONFIG_GLOBAL: global }
    const before = filesOf(scratch.root)
    const from = await opened(scratch.root)
    const checkout = await freshCheckout({ from, commit, base, hasBranches: true, folder, env })
    expect(readFileSync(path.join(folder, 'a.txt'), 'utf8')).toBe('aaa\r\nx\n')
    expect(readFileSync(path.join(folder, 'b.txt'), 'utf8')).toBe('b\n')
    expect(readdirSync(folder).toSorted()).toEqual(['.git', '.gitattributes', 'a.txt', 'b.txt'])
    expect(await checkout.head()).toMatchObject({ commit, branch: null })
    expect(await checkout.isDirty()).toBe(false)
    expect(await checkout.defaultBranch()).toEqual({ name: 'main', commit: base })
    expect((await checkout.branches()).map((one) => one.name).toSorted()).toEqual(['clone/main', 'main'])
    expect(filesOf(scratch.root)).toEqual(before)
  })

  it('of a commit that is not there, or of a shallow clone', async () => {
    using scratch = new ScratchRepository()
    scratch.commit({ 'a.txt': 'a\n' })
    const commit = scratch.commit({ 'a.txt': 'b\n' })
    const shallow = await opened(scratch.clone('shallow', '--depth=1'))
    const wish = { from: shallow, base: null, hasBranches: false, env: gitEnv }
    const checkout = await freshCheckout({ ...wish, commit, folder: path.join(scratch.root, '../one') })
    expect(await checkout.isShallow()).toBe(true)
    expect(await checkout.branches()).toEqual([])
    await expect(
      freshCheckout({ ...wish, commit: '0'.repeat(40), folder: path.join(scratch.root, '../two') }),
    ).rejects.toMatchObject({ code: 'git', hint: expect.stringContaining('git fetch origin COMMIT') })
  })
})

describe('a partial clone', () => {
  it('lacks files, and nobody fetches them into it, whatever its settings name', async () => {
    using scratch = new ScratchRepository()
    const base = scratch.commit({ 'a.txt': 'a\n' })
    const commit = scratch.commit({ 'a.txt': 'b\n' })
    scratch.git('config', 'uploadpack.allowFilter', 'true')
    const root = scratch.clone('partial', '--filter=blob:none', '--no-checkout')
    const ran = path.join(root, '../ran')
    scratch.git('-C', root, 'config', 'remote.origin.uploadpack', `touch ${ran}; git-upload-pack`)
    const before = filesOf(root)
    const env = { ...gitEnv, GIT_ALLOW_PROTOCOL: 'file', GIT_NO_LAZY_FETCH: '0' }
    const from = await Repository.open(root, env)
    if (from === null) throw new Error('no repository')
    expect([await from.isPartial(), await (await opened(scratch.root)).isPartial()]).toEqual([true, false])
    const lacking = {
      code: 'git',
      message: `the repository at ${root} is a partial clone and lacks files of the commit: nothing is fetched into it (git fetch --refetch --no-filter origin brings them)`,
    }
    await expect(from.read(commit, 'a.txt')).rejects.toMatchObject(lacking)
    const folder = path.join(root, '../fresh')
    await expect(freshCheckout({ from, commit, base, hasBranches: false, folder, env })).rejects.toMatchObject(lacking)
    expect(existsSync(ran)).toBe(false)
    expect(filesOf(root)).toEqual(before)
  })
})

describe('what a clone says of a commit', () => {
  it('its tree and time, its branches, and whose history it is in', async () => {
    using scratch = new ScratchRepository()
    const first = scratch.commit({ 'a.txt': 'a\n' })
    const second = scratch.commit({ 'a.txt': 'b\n' })
    const repository = await opened(scratch.root)
    const tree = scratch.git('rev-parse', `${second}^{tree}`)
    expect(await repository.describe(second)).toEqual({
      tree,
      committedAt: expect.stringMatching(/^2026-09-\d\dT[\d:]+(?:Z|\+00:00)$/),
    })
    expect(await repository.isAncestor(first, second)).toBe(true)
    expect(await repository.isAncestor(second, first)).toBe(false)
    expect(await repository.isOnBranch(second)).toBe(true)
    scratch.git('reset', '-q', '--hard', first)
    expect(await repository.isOnBranch(second)).toBe(false)
    await expect(repository.isAncestor('0'.repeat(40), first)).rejects.toMatchObject({ code: 'git' })
  })
})
