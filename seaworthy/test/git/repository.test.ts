import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Repository } from '../../src/git/repository.ts'
import { gitEnv, ScratchRepository } from './scratch-repository.ts'

async function open(folder: string, env: NodeJS.ProcessEnv = gitEnv): Promise<Repository> {
  const repository = await Repository.open(folder, env)
  if (repository === null) throw new Error('no repository')
  return repository
}

describe('finding the repository', () => {
  test('from a folder deep inside, by its real path', async () => {
    using scratch = new ScratchRepository()
    scratch.write('a/b/c.sql', 'select 1')
    const link = `${scratch.root}-link`
    symlinkSync(scratch.root, link)
    expect((await open(join(link, 'a/b'))).root).toBe(scratch.root)
  })

  test('outside of any is null', async () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'seaworthy-nogit-')))
    expect(await Repository.open(folder, gitEnv)).toBeNull()
    rmSync(folder, { recursive: true })
  })

  test('without a git command: null outside, an error inside', async () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'seaworthy-nogit-')))
    const env = { PATH: folder }
    expect(await Repository.open(folder, env)).toBeNull()
    rmSync(folder, { recursive: true })
    using scratch = new ScratchRepository()
    await expect(Repository.open(scratch.root, env)).rejects.toMatchObject({
      code: 'git',
      message: expect.stringMatching(/no git command/),
    })
  })

  test('a .git that leads nowhere is an error, not "outside git"', async () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'seaworthy-nogit-')))
    writeFileSync(join(folder, '.git'), 'gitdir: /nowhere/at/all\n')
    await expect(Repository.open(folder, gitEnv)).rejects.toMatchObject({ code: 'git' })
    rmSync(folder, { recursive: true })
  })

  test('a bare repository has no working tree', async () => {
    using scratch = new ScratchRepository(['init', '-q', '--bare'])
    await expect(Repository.open(scratch.root, gitEnv)).rejects.toMatchObject({ code: 'git' })
  })

  test('dubious ownership names safe.directory', async () => {
    using scratch = new ScratchRepository()
    const env = { ...gitEnv, GIT_TEST_ASSUME_DIFFERENT_OWNER: '1' }
    await expect(Repository.open(scratch.root, env)).rejects.toMatchObject({
      code: 'git',
      hint: expect.stringMatching(/safe\.directory/),
    })
  })

  test('where a git hook works is not where we look', async () => {
    using scratch = new ScratchRepository()
    using other = new ScratchRepository()
    const commit = scratch.commit({ 'a/b.sql': '' })
    other.commit({ 'c.sql': '' })
    const env = { ...gitEnv, GIT_DIR: join(other.root, '.git'), GIT_WORK_TREE: other.root }
    const repository = await open(join(scratch.root, 'a'), env)
    expect(repository.root).toBe(scratch.root)
    expect((await repository.head())?.commit).toBe(commit)
    // A hook in the repository itself hands down a relative GIT_DIR only.
    expect((await open(join(scratch.root, 'a'), { ...gitEnv, GIT_DIR: '../.git' })).root).toBe(scratch.root)
  })
})

describe('what is checked out', () => {
  test('no commit yet', async () => {
    using scratch = new ScratchRepository()
    const repository = await open(scratch.root)
    expect(await repository.head()).toBeNull()
    expect(await repository.currentBranch()).toBe('main')
    expect(await repository.defaultBranch()).toBeNull()
  })

  test('commit, tree, branch, dirt', async () => {
    using scratch = new ScratchRepository()
    const commit = scratch.commit({ 'a.sql': 'select 1' })
    const repository = await open(scratch.root)
    expect(await repository.head()).toEqual({ commit, tree: scratch.git('rev-parse', 'HEAD^{tree}'), branch: 'main' })
    expect(await repository.isDirty()).toBe(false)
    scratch.write('b.sql', '')
    expect(await repository.isDirty()).toBe(true)
    scratch.git('checkout', '-q', '--detach')
    expect((await repository.head())?.branch).toBeNull()
  })

  test('no setting and no mark hides that the tree is dirty', async () => {
    using scratch = new ScratchRepository()
    scratch.commit({ 'a.sql': 'select 1', 'b.sql': 'select 2' })
    const repository = await open(scratch.root)
    scratch.git('config', 'status.showUntrackedFiles', 'no')
    scratch.write('c.sql', '')
    expect(await repository.isDirty()).toBe(true)
    rmSync(join(scratch.root, 'c.sql'))
    for (const mark of ['assume-unchanged', 'skip-worktree']) {
      scratch.git('update-index', `--${mark}`, 'a.sql')
      scratch.write('a.sql', 'drop table a')
      expect(await repository.isDirty()).toBe(true)
      scratch.write('a.sql', 'select 1')
      scratch.git('update-index', `--no-${mark}`, 'a.sql')
      expect(await repository.isDirty()).toBe(false)
    }
    scratch.git('update-index', '--skip-worktree', 'b.sql')
    rmSync(join(scratch.root, 'b.sql'))
    expect(await repository.isDirty()).toBe(false)
  })

  test('a filter of the repository is not run, and hides no edit', async () => {
    using scratch = new ScratchRepository()
    scratch.commit({ 'deploy.sh': 'echo deploy' })
    const ran = join(scratch.root, '..', 'ran')
    scratch.git('config', 'filter.x.clean', `touch ${ran}; echo echo deploy`)
    scratch.git('config', 'filter.x.required', 'true')
    mkdirSync(join(scratch.root, '.git/info'), { recursive: true })
    writeFileSync(join(scratch.root, '.git/info/attributes'), 'deploy.sh filter=x\n')
    const repository = await open(scratch.root)
    expect(await repository.isDirty()).toBe(false)
    scratch.write('deploy.sh', 'echo banana')
    expect(await repository.isDirty()).toBe(true)
    expect(existsSync(ran)).toBe(false)
    scratch.git('config', 'filter.a=b.clean', 'cat')
    scratch.write('deploy.sh', 'echo deploy')
    expect(await repository.isDirty()).toBe(true)
  })

  test('another working tree than the folder is no repository of it', async () => {
    using scratch = new ScratchRepository()
    using other = new ScratchRepository()
    scratch.commit()
    other.commit()
    scratch.git('config', 'core.worktree', other.root)
    await expect(open(scratch.root)).rejects.toMatchObject({
      code: 'git',
      message: expect.stringContaining('another folder for the working tree'),
    })
  })

  test('a grafted history is not believed', async () => {
    using scratch = new ScratchRepository()
    const base = scratch.commit()
    scratch.git('checkout', '-q', '--orphan', 'lonely')
    const lonely = scratch.commit()
    mkdirSync(join(scratch.root, '.git/info'), { recursive: true })
    writeFileSync(join(scratch.root, '.git/info/grafts'), `${lonely} ${base}\n`)
    expect(await (await open(scratch.root)).mergeBase(lonely, base)).toBeNull()
  })

  test('a SHA-256 repository', async () => {
    using scratch = new ScratchRepository(['init', '-q', '-b', 'main', '--object-format=sha256'])
    const commit = scratch.commit({ 'a.sql': 'select 1' })
    expect(commit).toHaveLength(64)
    const repository = await open(scratch.root)
    expect((await repository.head())?.commit).toBe(commit)
    const [entry] = await repository.list(commit, '.')
    expect((await repository.contents([entry!.oid]))[0]?.toString()).toBe('select 1')
  })

  test('a name is never an option', async () => {
    using scratch = new ScratchRepository()
    scratch.commit()
    const repository = await open(scratch.root)
    const written = join(scratch.root, 'out')
    for (const ref of ['--all', `--output=${written}`, '', '-h', 'nope', 'a\0b']) {
      expect(await repository.resolve(ref)).toBeNull()
    }
    expect(existsSync(written)).toBe(false)
    await expect(repository.read('--all', 'a')).rejects.toMatchObject({
      code: 'git',
      message: expect.stringMatching(/no commit by the name/),
    })
  })
})

describe('reading commits', () => {
  const names = [
    'mig/a b.sql',
    'mig/ü.sql',
    'mig/"quoted".sql',
    'mig/tab\there.sql',
    'mig/line\nbreak.sql',
    'mig/*.sql',
  ]

  test('every path comes back as it is', async () => {
    using scratch = new ScratchRepository()
    const commit = scratch.commit(Object.fromEntries(names.map((name) => [name, name])))
    const repository = await open(scratch.root)
    const entries = await repository.list(commit, 'mig')
    expect(entries.map((entry) => entry.path).toSorted()).toEqual(names.toSorted())
    const contents = await repository.contents(entries.map((entry) => entry.oid))
    expect(contents.map(String)).toEqual(entries.map((entry) => entry.path))
    expect(await repository.list(commit, 'missing')).toEqual([])
    expect(await repository.list(commit, 'mi')).toEqual([])
    writeFileSync(join(scratch.root, 'mig/untracked.sql'), '')
    const below = await open(join(scratch.root, 'mig'))
    expect(await below.tracked([...names, 'mig/untracked.sql', 'mig', 'mi'])).toEqual(new Set(names))
  })

  test('binary, empty and missing objects, in the order asked', async () => {
    using scratch = new ScratchRepository()
    scratch.write('bin', Buffer.from([0, 10, 255, 10]))
    const commit = scratch.commit({ empty: '' })
    const repository = await open(scratch.root)
    const got = await repository.contents([`${commit}:bin`, `${commit}:nope`, `${commit}:empty`, `${commit}^{tree}`])
    expect(got[0]).toEqual(Buffer.from([0, 10, 255, 10]))
    expect(got[1]).toBeNull()
    expect(got[2]).toHaveLength(0)
    expect(got[3]).toBeNull()
  })

  test('a submodule is one entry', async () => {
    using inner = new ScratchRepository()
    inner.commit({ 'x.sql': '' })
    using scratch = new ScratchRepository()
    scratch.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', `file://${inner.root}`, 'sub')
    const commit = scratch.commit()
    const entries = await (await open(scratch.root)).list(commit, '.')
    expect(entries.find((entry) => entry.path === 'sub')?.mode).toBe('160000')
  })

  test('what changed, committed or not, tracked or not', async () => {
    using scratch = new ScratchRepository()
    scratch.write('.gitignore', 'ignored.sql\n')
    const base = scratch.commit({ 'm/1.sql': '1', 'm/2.sql': '2', 'm/3.sql': '3', 'other.sql': 'x' })
    scratch.commit({ 'm/1.sql': 'changed' })
    scratch.write('m/2.sql', 'edited')
    scratch.remove('m/3.sql')
    scratch.write('m/4 ü.sql', 'new')
    scratch.write('m/ignored.sql', 'new')
    scratch.write('other.sql', 'y')
    const repository = await open(scratch.root)
    expect(await repository.changes(base, 'm')).toEqual({
      changed: ['m/1.sql', 'm/2.sql', 'm/3.sql'],
      untracked: ['m/4 ü.sql'],
    })
    expect((await repository.changes(base, '.')).changed).toContain('other.sql')
  })

  test('no hook, external diff, textconv or file-system monitor is started', async () => {
    using scratch = new ScratchRepository()
    const base = scratch.commit({ 'm/1.sql': '1', '.gitattributes': '*.sql diff=evil\n' })
    const trace = join(scratch.root, '../ran')
    const evil = join(scratch.root, '../evil.sh')
    writeFileSync(evil, `#!/bin/sh\necho ran >> ${trace}\ncat "$1"\n`)
    chmodSync(evil, 0o755)
    for (const key of ['diff.external', 'diff.evil.command', 'diff.evil.textconv', 'core.fsmonitor', 'core.pager']) {
      scratch.git('config', key, evil)
    }
    scratch.write('m/1.sql', '2')
    const repository = await open(scratch.root, { ...gitEnv, GIT_EXTERNAL_DIFF: evil, GIT_PAGER: evil })
    expect((await repository.changes(base, '.')).changed).toEqual(['m/1.sql'])
    expect(await repository.isDirty()).toBe(true)
    expect(existsSync(trace)).toBe(false)
  })
})

describe('branches and bases', () => {
  test('merge base, none, and the default branch', async () => {
    using scratch = new ScratchRepository()
    const base = scratch.commit()
    scratch.git('checkout', '-q', '-b', 'feature')
    const tip = scratch.commit()
    const repository = await open(scratch.root)
    expect(await repository.mergeBase(tip, base)).toBe(base)
    expect(await repository.defaultBranch()).toEqual({ name: 'main', commit: base })
    scratch.git('checkout', '-q', '--orphan', 'lonely')
    expect(await repository.mergeBase(scratch.commit(), base)).toBeNull()
  })

  test('a clone: origin/HEAD, all branches newest first, no symbolic names', async () => {
    using scratch = new ScratchRepository(['init', '-q', '-b', 'trunk'])
    const old = scratch.commit()
    scratch.git('branch', 'old')
    const tip = scratch.commit()
    const repository = await open(scratch.clone('full'))
    expect(await repository.defaultBranch()).toEqual({ name: 'origin/trunk', commit: tip })
    const branches = await repository.branches()
    expect(branches.map((branch) => branch.name).toSorted()).toEqual(['origin/old', 'origin/trunk', 'trunk'])
    expect(branches.at(-1)).toEqual({ name: 'origin/old', ref: 'refs/remotes/origin/old', commit: old })
    expect(await repository.fetchesAllBranches('origin')).toBe(true)
    expect(await repository.isShallow()).toBe(false)
    const single = await open(scratch.clone('single', '--depth', '1'))
    expect(await single.isShallow()).toBe(true)
    expect(await single.fetchesAllBranches('origin')).toBe(false)
  })

  test('an only branch of any name is the default one; of two strange ones, neither', async () => {
    using scratch = new ScratchRepository(['init', '-q', '-b', 'trunk'])
    const tip = scratch.commit()
    const repository = await open(scratch.root)
    expect(await repository.defaultBranch()).toEqual({ name: 'trunk', commit: tip })
    scratch.git('branch', 'second')
    expect(await repository.defaultBranch()).toBeNull()
  })

  test('folder ids at many commits', async () => {
    using scratch = new ScratchRepository()
    const a = scratch.commit({ 'other/x': '1' })
    const b = scratch.commit({ 'm/1.sql': '1' })
    const repository = await open(scratch.root)
    expect(await repository.folderIds([a, b], 'm')).toEqual([null, scratch.git('rev-parse', `${b}:m`)])
    expect(await repository.folderIds([b], '.')).toEqual([scratch.git('rev-parse', `${b}^{tree}`)])
  })
})

describe('a name that stands for several commits', () => {
  test('a local branch or tag called origin/main is not taken for the one of the remote', async () => {
    using scratch = new ScratchRepository()
    const base = scratch.commit()
    scratch.git('update-ref', 'refs/remotes/origin/main', base)
    const head = scratch.commit({ 'm/1.sql': '1' })
    const repository = await open(scratch.root)
    expect(await repository.resolve('origin/main')).toBe(base)
    for (const evil of ['refs/heads/origin/main', 'refs/tags/origin/main', 'refs/origin/main']) {
      scratch.git('update-ref', evil, head)
      for (const name of ['origin/main', 'origin/main~0', 'origin/main^{commit}']) {
        const refused = { code: 'git', message: expect.stringContaining(evil), hint: expect.stringContaining('full') }
        await expect(repository.resolve(name)).rejects.toMatchObject(refused)
      }
      expect(await repository.resolve('refs/remotes/origin/main')).toBe(base)
      expect(await repository.resolve(base)).toBe(base)
      scratch.git('update-ref', '-d', evil)
    }
    scratch.git('branch', 'origin/main', base)
    expect(await repository.resolve('origin/main')).toBe(base)
  })

  test('a full name stands for itself alone, and a short id that is a branch as well for nothing', async () => {
    using scratch = new ScratchRepository()
    const base = scratch.commit()
    const head = scratch.commit({ 'm/1.sql': '1' })
    scratch.git('update-ref', 'refs/heads/refs/remotes/origin/main', head)
    const repository = await open(scratch.root)
    expect(await repository.resolve('refs/remotes/origin/main')).toBeNull()
    expect(await repository.resolve(base.slice(0, 8))).toBe(base)
    scratch.git('update-ref', `refs/heads/${base.slice(0, 8)}`, head)
    await expect(repository.resolve(base.slice(0, 8))).rejects.toMatchObject({ code: 'git' })
  })
})

test('limits: an answer that is too large, a command that takes too long', async () => {
  const { runGit } = await import('../../src/git/process.ts')
  using scratch = new ScratchRepository()
  scratch.commit({ big: 'x'.repeat(100_000) })
  const call = { cwd: scratch.root, env: gitEnv }
  await expect(runGit(['show', 'HEAD:big'], { ...call, limitBytes: 1000 })).rejects.toMatchObject({ code: 'limit' })
  const slow = join(scratch.root, '../slow')
  execFileSync('mkdir', [slow])
  writeFileSync(join(slow, 'git'), '#!/bin/sh\nexec sleep 30\n', { mode: 0o755 })
  const env = { PATH: `${slow}:${process.env['PATH']}` }
  await expect(runGit(['status'], { ...call, env, timeoutMs: 200 })).rejects.toMatchObject({ code: 'limit' })
})
