import { mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Ledger } from '../../../src/migrations/model.ts'
import { ScratchRepository } from '../../git/scratch-repository.ts'
import { ask, feature, file, up } from './folder.ts'

describe('by default', () => {
  test('what is new against the merge base: committed, staged and untracked', async () => {
    const { scratch, base } = feature()
    using _ = scratch
    const seen = await ask(scratch.root)
    expect(seen).toMatchObject({ basis: 'merge-base', baseCommit: base, changedBaseline: [] })
    expect(seen.files).toEqual([file('3'), file('4'), file('5')])
    expect(seen.newSinceBase).toEqual(seen.files)
    expect(seen.explanation).toBe(`new since main (merge base ${base.slice(0, 7)})`)
  })

  test('files that are there and could not be read are not removed', async () => {
    using scratch = new ScratchRepository()
    const goose = '-- +goose Up\nselect 1;\n-- +goose Down\nselect 2;\n'
    scratch.commit(Object.fromEntries(['1', '2', '3', '4', '5'].map((version) => [`m/${version}_x.sql`, goose])))
    expect(await ask(scratch.root, { format: 'numbered' })).toMatchObject({ files: [], changedBaseline: [] })
    rmSync(join(scratch.root, 'm/5_x.sql'))
    const { changedBaseline } = await ask(scratch.root, { format: 'numbered' })
    expect(changedBaseline).toMatchObject([{ file: 'm/5_x.sql', change: 'removed' }])
  })

  test('what main got in the meantime is neither ours nor removed', async () => {
    const { scratch, base } = feature()
    using _ = scratch
    scratch.git('stash', '-q', '-u')
    scratch.git('checkout', '-q', 'main')
    scratch.commit({ ...up('9'), ...up('2', 'edited on main') })
    scratch.git('checkout', '-q', 'feature')
    expect(await ask(scratch.root)).toMatchObject({ baseCommit: base, files: [file('3')], changedBaseline: [] })
  })

  test('an ignored file is in the folder, and so it is pending', async () => {
    using scratch = new ScratchRepository()
    scratch.commit({ ...up('1'), '.gitignore': '*_secret.up.sql\n' })
    scratch.write('m/2_secret.up.sql', 'select 2')
    expect((await ask(scratch.root)).files).toEqual(['m/2_secret.up.sql'])
  })

  test('a lie in the index hides no edit', async () => {
    using scratch = new ScratchRepository()
    scratch.commit(up('1'))
    scratch.git('update-index', '--assume-unchanged', file('1'))
    scratch.write(file('1'), 'DROP TABLE users')
    expect((await ask(scratch.root)).changedBaseline).toEqual([{ file: file('1'), change: 'edited', version: '1' }])
  })

  test('on the default branch: uncommitted, and unpushed where there is a remote', async () => {
    using scratch = new ScratchRepository()
    scratch.commit(up('1'))
    scratch.write(file('2'), 'select 2')
    expect((await ask(scratch.root)).files).toEqual([file('2')])
    const clone = scratch.clone('work-clone')
    writeFileSync(join(clone, file('7')), 'select 7')
    scratch.git('-C', clone, 'add', '-A')
    scratch.git('-C', clone, 'commit', '-q', '-m', 'unpushed')
    expect(await ask(clone)).toMatchObject({ files: [file('7')], basis: 'merge-base' })
  })

  test('no commit yet, outside of git, --all: every migration', async () => {
    using scratch = new ScratchRepository()
    scratch.write(file('1'), 'select 1')
    expect(await ask(scratch.root)).toMatchObject({ files: [file('1')], baseCommit: null, basis: 'merge-base' })
    expect(await ask(scratch.root, { isGit: false })).toMatchObject({ files: [file('1')], basis: 'outside-git' })
    scratch.commit()
    expect(await ask(scratch.root, { choice: { all: true } })).toMatchObject({ files: [file('1')], basis: 'all' })
    expect((await ask(scratch.root)).files).toEqual([])
  })

  test('a migration folder in a submodule is compared with its own history', async () => {
    using inner = new ScratchRepository()
    inner.commit(up('1'))
    using scratch = new ScratchRepository()
    scratch.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', `file://${inner.root}`, 'sub')
    scratch.commit()
    scratch.write('sub/m/2_x.up.sql', 'select 2')
    expect((await ask(scratch.root, { folder: 'sub/m' })).files).toEqual(['sub/m/2_x.up.sql'])
  })

  test('a SHA-256 repository, a detached head, the folder as root', async () => {
    using scratch = new ScratchRepository(['init', '-q', '-b', 'main', '--object-format=sha256'])
    scratch.commit({ '1_x.up.sql': 'select 1' })
    scratch.git('checkout', '-q', '--detach')
    scratch.commit({ '2_x.up.sql': 'select 2' })
    expect(await ask(scratch.root, { folder: '.' })).toMatchObject({ files: ['2_x.up.sql'], changedBaseline: [] })
  })
})

describe('where git cannot tell, nothing is "nothing pending"', () => {
  test('shallow clones, of the default branch and of another one', async () => {
    const { scratch } = feature()
    using _ = scratch
    scratch.commit()
    scratch.git('checkout', '-q', 'main')
    const main = scratch.clone('shallow-main', '--depth', '1')
    await expect(ask(main)).rejects.toMatchObject({
      code: 'git',
      message: expect.stringMatching(/shallow/),
      hint: expect.stringMatching(/--unshallow.*fetch-depth: 0/s),
    })
    const branch = scratch.clone('shallow-branch', '--depth', '1', '--branch', 'feature')
    await expect(ask(branch)).rejects.toMatchObject({ code: 'git', hint: expect.stringMatching(/--unshallow/) })
    const both = scratch.clone('shallow-both', '--depth', '1', '--no-single-branch', '--branch', 'feature')
    await expect(ask(both)).rejects.toMatchObject({ code: 'git', message: expect.stringMatching(/shallow/) })
  })

  test('an unrelated history', async () => {
    using scratch = new ScratchRepository()
    scratch.commit(up('1'))
    scratch.git('checkout', '-q', '--orphan', 'other')
    scratch.commit(up('2'))
    await expect(ask(scratch.root)).rejects.toMatchObject({
      code: 'git',
      message: expect.stringMatching(/share no commit/),
    })
  })

  test('no default branch', async () => {
    using scratch = new ScratchRepository(['init', '-q', '-b', 'one'])
    scratch.commit(up('1'))
    scratch.git('checkout', '-q', '-b', 'two')
    await expect(ask(scratch.root)).rejects.toMatchObject({ code: 'git', hint: expect.stringMatching(/--since REF/) })
  })

  test('--since outside of git, and a name that git does not know', async () => {
    using scratch = new ScratchRepository()
    scratch.commit(up('1'))
    await expect(ask(scratch.root, { choice: { since: 'v1' }, isGit: false })).rejects.toMatchObject({ code: 'git' })
    for (const since of ['v1', '--all', '']) {
      await expect(ask(scratch.root, { choice: { since } })).rejects.toMatchObject({
        code: 'git',
        message: expect.stringMatching(/no commit/),
      })
    }
  })
})

describe('what happened to live files', () => {
  test('edited, line endings, removed, renamed; a down file is no migration', async () => {
    using scratch = new ScratchRepository()
    const down = { 'm/3_x.down.sql': 'drop' }
    scratch.commit({
      ...up('1'),
      ...up('2', 'a;\nb;\n'),
      ...up('3'),
      ...up('4', 'select 4;'),
      ...up('5'),
      ...up('6'),
      ...down,
    })
    scratch.write(file('1'), 'select 99')
    scratch.write(file('2'), 'a;\r\nb;\r\n')
    scratch.remove(file('3'))
    scratch.remove('m/3_x.down.sql')
    renameSync(join(scratch.root, file('4')), join(scratch.root, 'm/04_y.up.sql'))
    renameSync(join(scratch.root, file('5')), join(scratch.root, 'm/50_x.up.sql'))
    const seen = await ask(scratch.root)
    expect(seen.changedBaseline).toEqual([
      { file: file('1'), change: 'edited', version: '1' },
      { file: file('2'), change: 'line-endings', version: '2' },
      { file: file('3'), change: 'removed', version: '3' },
      { file: file('5'), change: 'removed', version: '5' },
      { file: file('4'), change: 'renamed', version: '4' },
    ])
    expect(seen.files).toEqual(['m/50_x.up.sql'])
    expect(seen.explanation).toContain('1 renamed with the same content')
  })

  test('another file in the same slot is new, and the old one removed', async () => {
    using scratch = new ScratchRepository()
    scratch.commit(up('1'))
    scratch.remove(file('1'))
    scratch.write('m/1_y.up.sql', 'something else')
    const seen = await ask(scratch.root)
    expect(seen.files).toEqual(['m/1_y.up.sql'])
    expect(seen.changedBaseline).toMatchObject([{ file: file('1'), change: 'removed' }])
  })

  test('a checkout with core.autocrlf has changed nothing', async () => {
    using scratch = new ScratchRepository()
    scratch.commit(up('1', 'a;\nb;\n'))
    scratch.git('config', 'core.autocrlf', 'true')
    scratch.remove(file('1'))
    scratch.git('checkout', '-q', '--', 'm')
    expect((await ask(scratch.root)).changedBaseline).toEqual([])
  })

  test('a folder that was moved as a whole brings nothing new', async () => {
    using scratch = new ScratchRepository()
    scratch.commit({ 'db/old/1_x.up.sql': 'a', 'db/old/2_x.up.sql': 'b' })
    scratch.git('mv', 'db/old', 'm')
    scratch.write('m/3_x.up.sql', 'c')
    expect(await ask(scratch.root)).toMatchObject({
      files: ['m/3_x.up.sql'],
      explanation: expect.stringMatching(/moved here from db\/old/),
    })
  })

  test('a file that lay elsewhere at the base was never live: only one whole folder can have moved', async () => {
    using scratch = new ScratchRepository()
    scratch.commit({ 'db/old/1_x.up.sql': 'a', 'db/old/2_x.up.sql': 'b', 'docs/example/3_x.up.sql': 'DROP TABLE a' })
    scratch.git('mv', 'db/old', 'm')
    scratch.git('mv', 'docs/example/3_x.up.sql', 'm/3_x.up.sql')
    expect((await ask(scratch.root)).files).toEqual([file('3')])
    scratch.write('m/2_x.up.sql', 'edited on the way')
    scratch.remove('m/3_x.up.sql')
    // Half of it is left where it was: a copy, and nothing of it is known to be live.
    scratch.write('db/old/2_x.up.sql', 'b')
    expect((await ask(scratch.root)).files).toEqual([file('1'), file('2')])
    scratch.remove('db/old/2_x.up.sql')
    expect(await ask(scratch.root)).toMatchObject({
      files: [],
      changedBaseline: [{ file: file('2'), change: 'edited' }],
    })
  })

  test('a copy of a folder that is still there is new', async () => {
    using scratch = new ScratchRepository()
    scratch.commit({ 'fixture/1_x.up.sql': 'a' })
    scratch.write('m/1_x.up.sql', 'a')
    expect(await ask(scratch.root)).toMatchObject({ files: [file('1')], changedBaseline: [] })
  })

  test('a file that is a symbolic link is what it leads to', async () => {
    using scratch = new ScratchRepository()
    scratch.write('shared/x.sql', 'select 1')
    scratch.write('m/2_x.up.sql', '2')
    symlinkSync('../shared/x.sql', join(scratch.root, file('1')))
    scratch.commit()
    expect(await ask(scratch.root)).toMatchObject({ files: [], changedBaseline: [] })
    scratch.write('shared/x.sql', 'select 2')
    expect((await ask(scratch.root)).changedBaseline).toMatchObject([{ change: 'edited' }])
  })

  test('folder-per-migration formats compare their up files', async () => {
    using scratch = new ScratchRepository()
    const first = 'm/20260101000000_init'
    scratch.commit({ [`${first}/migration.sql`]: 'a', 'm/migration_lock.toml': 'provider = "postgresql"' })
    renameSync(join(scratch.root, first), join(scratch.root, `${first}2`))
    // Prisma applies a renamed folder once more.
    const renamed = await ask(scratch.root, { format: 'prisma' })
    expect(renamed.files).toEqual([`${first}2/migration.sql`])
    expect(renamed.changedBaseline).toMatchObject([{ file: `${first}/migration.sql`, change: 'removed' }])
    using diesel = new ScratchRepository()
    diesel.commit({ 'm/2026-01-01-000000_a/up.sql': 'a', 'm/2026-01-01-000000_a/down.sql': 'b' })
    diesel.write('m/2026-01-01-000000_a/up.sql', 'c')
    diesel.write('m/2026-01-02-000000_b/up.sql', 'c')
    const seen = await ask(diesel.root, { format: 'diesel' })
    expect(seen.files).toEqual(['m/2026-01-02-000000_b/up.sql'])
    expect(seen.changedBaseline).toMatchObject([{ change: 'edited', version: '20260101000000' }])
  })
})

const row = (key: string, isDirty = false) => ({ key, name: null, checksum: null, appliedAt: null, isDirty })

describe('--since, a ledger', () => {
  test('since a tag, also one on a side branch', async () => {
    const { scratch, base } = feature()
    using _ = scratch
    scratch.git('tag', 'v1', `${base}~1`)
    const seen = await ask(scratch.root, { choice: { since: 'v1' } })
    expect(seen).toMatchObject({ basis: 'since', explanation: expect.stringMatching(/^new since v1 \(/) })
    expect(seen.files).toEqual(['2', '3', '4', '5'].map(file))
    scratch.git('stash', '-q', '-u')
    scratch.git('checkout', '-q', '-b', 'hotfix', 'v1')
    scratch.commit({ ...up('3'), ...up('8'), ...up('1', 'edited on the side branch') })
    scratch.git('checkout', '-q', 'feature')
    // 3 was picked over and is live; 8 and the edit of 1 are only there, and not undone by us.
    expect(await ask(scratch.root, { choice: { since: 'hotfix' } })).toMatchObject({
      files: [file('2')],
      changedBaseline: [],
    })
  })

  test('a ledger: what it lacks; baseline and since go before it', async () => {
    using scratch = new ScratchRepository()
    scratch.commit({ ...up('001'), ...up('002'), ...up('003'), ...up('004') })
    const rows: Ledger = { style: 'rows', rows: [row('1'), row('3'), row('4', true)] }
    expect(await ask(scratch.root, { ledger: rows })).toMatchObject({
      basis: 'ledger',
      files: [file('002'), file('004')],
    })
    const highWater: Ledger = { style: 'high-water', rows: [row('3')] }
    expect((await ask(scratch.root, { ledger: highWater })).files).toEqual([file('004')])
    expect((await ask(scratch.root, { ledger: { style: 'high-water', rows: [row('3', true)] } })).files).toEqual([
      file('003'),
      file('004'),
    ])
    expect((await ask(scratch.root, { ledger: { style: 'high-water', rows: [] } })).files).toHaveLength(4)
    expect((await ask(scratch.root, { ledger: rows, choice: { baseline: '1' } })).basis).toBe('baseline')
    expect((await ask(scratch.root, { ledger: rows, choice: { since: 'HEAD' } })).basis).toBe('since')
    expect((await ask(scratch.root, { ledger: rows, choice: { all: true, baseline: '1' } })).basis).toBe('all')
  })

  test('a candidate that is the head of main is compared with itself, and says so', async () => {
    using scratch = new ScratchRepository()
    const first = scratch.commit(up('001'))
    const head = scratch.commit({ ...up('001', 'SELECT 7;\n'), ...up('002') })
    const rows: Ledger = { style: 'rows', rows: [row('1')] }
    const own = { baseCommit: head, isBaseCandidate: true, changedBaseline: [] }
    expect(await ask(scratch.root, { ledger: rows })).toMatchObject({
      ...own,
      explanation: `not in production's ledger; live files compared with main (merge base ${head.slice(0, 7)}), which is the candidate itself`,
    })
    expect(await ask(scratch.root, {})).toMatchObject({ ...own, basis: 'merge-base' })
    const earlier = await ask(scratch.root, { choice: { since: first } })
    expect([earlier.baseCommit, earlier.isBaseCandidate, earlier.explanation]).toEqual([
      first,
      undefined,
      `new since ${first} (${first.slice(0, 7)})`,
    ])
  })

  test('with a ledger, a git that cannot compare is said, for the judge to weigh', async () => {
    using scratch = new ScratchRepository()
    scratch.commit(up('1'))
    scratch.commit(up('2'))
    const clone = scratch.clone('shallow', '--depth', '1')
    const seen = await ask(clone, { ledger: { style: 'rows', rows: [row('1')] } })
    expect(seen).toMatchObject({
      files: [file('2')],
      baseCommit: null,
      explanation: expect.stringMatching(/whether live files were edited is unknown/),
      baseProblem: expect.stringMatching(/shallow clone/),
    })
    expect((await ask(clone, { choice: { baseline: '1' } })).baseProblem).toMatch(/shallow clone/)
    expect((await ask(clone, { isGit: false, choice: { baseline: '1' } })).baseProblem ?? null).toBeNull()
    expect((await ask(scratch.root, { choice: { baseline: '1' } })).baseProblem ?? null).toBeNull()
  })
})

test('git missing is an error inside of a repository', async () => {
  const empty = realpathSync(mkdtempSync(join(tmpdir(), 'seaworthy-empty-')))
  using scratch = new ScratchRepository()
  scratch.commit(up('1'))
  await expect(ask(scratch.root, { env: { PATH: empty } })).rejects.toMatchObject({
    code: 'git',
    message: expect.stringMatching(/no git command/),
  })
  rmSync(empty, { recursive: true })
})
