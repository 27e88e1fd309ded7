import { chmodSync, readFileSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { deflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { freshCheckout } from '../../src/git/fresh-checkout.ts'
import { exchangedIn } from '../../src/git/genuine-content.ts'
import { Repository } from '../../src/git/repository.ts'
import { gitEnv, ScratchRepository } from './scratch-repository.ts'

/** Two commits with files in folders, a link, a program and a name that is no text. */
function scene(init?: readonly string[]): { scratch: ScratchRepository; base: string; commit: string } {
  const scratch = new ScratchRepository(init)
  scratch.write('name\nof two lines', 'x')
  symlinkSync('sub/a.sql', path.join(scratch.root, 'link'))
  symlinkSync('nowhere', path.join(scratch.root, 'dangling'))
  const base = scratch.commit({ 'sub/a.sql': 'SELECT 1;\n', 'sub/deep/b.sql': 'SELECT 2;\n', empty: '' })
  scratch.write('run.sh', '#!/bin/sh\n')
  chmodSync(path.join(scratch.root, 'run.sh'), 0o755)
  const commit = scratch.commit({ 'sub/a.sql': 'SELECT 3;\n', 'sub/same.sql': 'SELECT 2;\n' })
  return { scratch, base, commit }
}

/** Puts other content under the id of an object. */
function exchange(scratch: ScratchRepository, id: string, type: string, content: string | Uint8Array): void {
  const file = path.join(scratch.root, '.git/objects', id.slice(0, 2), id.slice(2))
  unlinkSync(file)
  const bytes = Buffer.from(content)
  writeFileSync(file, deflateSync(Buffer.concat([Buffer.from(`${type} ${bytes.length}\0`), bytes])))
}

async function exchanged(
  { scratch, base, commit }: ReturnType<typeof scene>,
  afterwards: () => void = () => {},
): Promise<string[]> {
  const from = await Repository.open(scratch.root, gitEnv)
  if (from === null) throw new Error('no repository')
  const folder = path.join(scratch.root, '../fresh')
  const checkout = await freshCheckout({ from, commit, base, hasBranches: false, folder, env: gitEnv })
  afterwards()
  return await exchangedIn(commit, base, { cwd: checkout.root, env: gitEnv })
}

describe('what is checked out is what the commit has', () => {
  it.each([[undefined], [['init', '-q', '-b', 'main', '--object-format=sha256']]])(
    'nothing exchanged (%j)',
    async (init) => {
      const made = scene(init)
      using _ = made.scratch
      expect(await exchanged(made)).toEqual([])
      made.scratch.git('gc', '-q')
      expect(await exchangedIn(made.commit, made.base, { cwd: made.scratch.root, env: gitEnv })).toEqual([])
    },
  )

  it('another content under the id of a file, wherever that file lies', async () => {
    const made = scene()
    using _ = made.scratch
    exchange(made.scratch, made.scratch.git('rev-parse', `${made.commit}:sub/deep/b.sql`), 'blob', 'SELECT 9;\n')
    expect((await exchanged(made)).toSorted()).toEqual([
      'the file sub/deep/b.sql',
      `the file sub/deep/b.sql at ${made.base}`,
      'the file sub/same.sql',
    ])
  })

  it('another target under the id of a link, another file in the base', async () => {
    const made = scene()
    using _ = made.scratch
    exchange(made.scratch, made.scratch.git('rev-parse', `${made.commit}:link`), 'blob', 'sub/b.sql')
    exchange(made.scratch, made.scratch.git('rev-parse', `${made.base}:sub/a.sql`), 'blob', 'SELECT 9;\n')
    expect((await exchanged(made)).toSorted()).toEqual([
      'the file link',
      `the file link at ${made.base}`,
      `the file sub/a.sql at ${made.base}`,
    ])
  })

  it('another tree or another commit under its id', async () => {
    const [ofTree, ofCommit] = [scene(), scene()]
    using _ = ofTree.scratch
    using __ = ofCommit.scratch
    const id = ofTree.scratch.git('rev-parse', `${ofTree.commit}:sub`)
    const raw = Buffer.concat([
      Buffer.from('100644 a.sql\0'),
      Buffer.from(ofTree.scratch.git('rev-parse', `${ofTree.commit}:sub/a.sql`), 'hex'),
    ])
    exchange(ofTree.scratch, id, 'tree', raw)
    expect(await exchanged(ofTree)).toContain('the folder sub')
    const text = ofCommit.scratch.git('cat-file', 'commit', ofCommit.commit)
    // Git notices by itself while it checks out.
    const afterwards = (): void => exchange(ofCommit.scratch, ofCommit.commit, 'commit', `${text}\nand more\n`)
    expect(await exchanged(ofCommit, afterwards)).toContain(`the commit ${ofCommit.commit}`)
  })

  it('a file that was changed, added or taken away since', async () => {
    const made = scene()
    using _ = made.scratch
    expect(await exchanged(made)).toEqual([])
    const fresh = path.join(made.scratch.root, '../fresh')
    writeFileSync(path.join(fresh, 'sub/a.sql'), 'SELECT 4;\n')
    writeFileSync(path.join(fresh, 'sub/new.sql'), readFileSync(path.join(fresh, 'sub/same.sql')))
    unlinkSync(path.join(fresh, 'empty'))
    unlinkSync(path.join(fresh, 'link'))
    writeFileSync(path.join(fresh, 'link'), 'sub/a.sql')
    expect((await exchangedIn(made.commit, null, { cwd: fresh, env: gitEnv })).toSorted()).toEqual([
      'the file empty',
      'the file link',
      'the file sub/a.sql',
      'the file sub/new.sql, which it does not have',
    ])
  })
})
