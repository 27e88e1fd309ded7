import { mkdtempSync, unlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { deflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { type FoundCommit, lookAtCommit } from '../../src/commands/verify/cold-commit.ts'
import type { ToldBases } from '../../src/commands/verify/cold-request.ts'
import { Repository } from '../../src/git/repository.ts'
import { gitEnv, ScratchRepository } from '../git/scratch-repository.ts'

/** Looks at a commit with one folder of migrations, `db`. */
async function lookingAt(
  scratch: ScratchRepository,
  commit: string,
  wish: { readonly bases?: ToldBases } = {},
): Promise<FoundCommit> {
  const clone = await Repository.open(scratch.root, gitEnv)
  if (clone === null) throw new Error('no repository')
  const tree = scratch.git('rev-parse', `${commit}^{tree}`)
  const migrations = [{ folder: 'db', format: 'numbered', digest: 'sha256:0' }]
  return await lookAtCommit({
    clone,
    candidate: { commit, tree, isDirty: false, images: [], buildInfo: null, migrations },
    bases: wish.bases ?? NONE_TOLD,
    hasBranches: false,
    folder: path.join(mkdtempSync(path.join(scratch.root, '../look-')), 'checkout'),
    env: gitEnv,
  })
}

const NONE_TOLD: ToldBases = { commits: [], isNoneKnown: false }

describe('the commit, as a clone has it', () => {
  it('with other content under the id of a file is not run, and said to have it', async () => {
    using scratch = new ScratchRepository()
    const commit = scratch.commit({ 'db/0001_a.up.sql': 'CREATE TABLE a (id int);\n' })
    const honest = await lookingAt(scratch, commit)
    expect(honest).toMatchObject({ seen: { done: { commit, exchanged: [] } }, checkout: expect.any(Repository) })
    const id = scratch.git('rev-parse', `${commit}:db/0001_a.up.sql`)
    const file = path.join(scratch.root, '.git/objects', id.slice(0, 2), id.slice(2))
    unlinkSync(file)
    writeFileSync(file, deflateSync('blob 14\0DROP TABLE a;\n'))
    const exchanged = await lookingAt(scratch, commit)
    expect(exchanged).toMatchObject({
      seen: { done: { commit, exchanged: ['the file db/0001_a.up.sql'] } },
      checkout: null,
    })
  })

  it('is compared with what was told, else with what the clone itself knows; who knew of nothing is told nothing', async () => {
    using scratch = new ScratchRepository()
    const live = scratch.commit({ 'db/001_a.sql': 'CREATE TABLE a (id int);\n' })
    scratch.git('checkout', '-q', '-b', 'feature')
    const edit = scratch.commit({ 'db/001_a.sql': 'CREATE TABLE b (id int);\n' })
    const commit = scratch.commit({ 'db/002_b.sql': 'SELECT 1;\n' })
    const base = async (bases: ToldBases): Promise<string | null> => {
      const { checkout } = await lookingAt(scratch, commit, { bases })
      return (await checkout?.defaultBranch())?.commit ?? null
    }
    expect(await base(NONE_TOLD)).toBe(live)
    expect(await base({ commits: [edit], isNoneKnown: false })).toBe(edit)
    expect(await base({ commits: [], isNoneKnown: true })).toBeNull()
    expect(await base({ commits: ['0'.repeat(40)], isNoneKnown: false })).toBeNull()
  })

  it('has the format that anybody finds in the folder, whatever the certificate says', async () => {
    using scratch = new ScratchRepository()
    const decoy = { 'db/20261121_next.sql': 'SELECT 1;\n', 'db/20261120_before.sql': 'SELECT 1;\n' }
    const numbered = scratch.commit({ ...decoy, 'db/20261119_first.sql': 'SELECT 1;\n' })
    const formats = async (commit: string) => {
      const { seen } = await lookingAt(scratch, commit)
      return 'done' in seen ? seen.done : null
    }
    expect(await formats(numbered)).toMatchObject({ formats: new Map([['db', 'numbered']]) })
    const diesel = scratch.commit({
      'diesel.toml': '[print_schema]\n',
      'db/2026-11-21-000000_next/up.sql': 'DROP TABLE a;\n',
      'db/2026-11-21-000000_next/down.sql': '',
    })
    expect(await formats(diesel)).toMatchObject({
      formats: new Map([['db', 'diesel']]),
      migrations: new Map([['db', expect.objectContaining({ format: 'numbered' })]]),
    })
    scratch.git('rm', '-rq', 'db')
    const none = scratch.commit({ 'db/deep/schema.sql': 'SELECT 1;\n' })
    expect(await formats(none)).toMatchObject({ formats: new Map() })
    scratch.git('rm', '-rq', 'db')
    const nowhere = scratch.commit({ 'db.sql': 'SELECT 1;\n' })
    expect(await formats(nowhere)).toMatchObject({ formats: new Map() })
  })

  it('has the configurations that came with the release, above its folders', async () => {
    using scratch = new ScratchRepository()
    scratch.commit({ 'db/001_a.sql': 'SELECT 1;\n', 'seaworthy.config.ts': 'a', 'db/seaworthy.config.mjs': 'same' })
    scratch.git('checkout', '-q', '-b', 'feature')
    const files = { 'seaworthy.config.ts': 'b', 'db/seaworthy.config.js': 'new', 'other/seaworthy.config.ts': 'new' }
    const commit = scratch.commit(files)
    const { seen } = await lookingAt(scratch, commit)
    expect(seen).toMatchObject({ done: { configurations: ['db/seaworthy.config.js', 'seaworthy.config.ts'] } })
    // Without anything to compare with, all of them may have come with it.
    const bases = { commits: [], isNoneKnown: true }
    expect(await lookingAt(scratch, commit, { bases })).toMatchObject({
      seen: { done: { configurations: ['db/seaworthy.config.js', 'db/seaworthy.config.mjs', 'seaworthy.config.ts'] } },
    })
  })
})
