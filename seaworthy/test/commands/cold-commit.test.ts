import { unlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { deflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { lookAtCommit } from '../../src/commands/verify/cold-commit.ts'
import { Repository } from '../../src/git/repository.ts'
import { gitEnv, ScratchRepository } from '../git/scratch-repository.ts'

describe('the commit, as a clone has it', () => {
  it('with other content under the id of a file is not run, and said to have it', async () => {
    using scratch = new ScratchRepository()
    const commit = scratch.commit({ 'db/0001_a.up.sql': 'CREATE TABLE a (id int);\n' })
    const clone = await Repository.open(scratch.root, gitEnv)
    if (clone === null) throw new Error('no repository')
    const tree = scratch.git('rev-parse', `${commit}^{tree}`)
    const migrations = [{ folder: 'db', format: 'numbered', digest: 'sha256:0' }]
    const candidate = { commit, tree, isDirty: false, images: [], buildInfo: null, migrations }
    const look = async (name: string) =>
      await lookAtCommit({
        clone,
        candidate,
        bases: [],
        hasBranches: false,
        folder: path.join(scratch.root, '..', name),
        env: gitEnv,
      })
    const honest = await look('honest')
    expect(honest).toMatchObject({ seen: { done: { commit, exchanged: [] } }, checkout: expect.any(Repository) })
    const id = scratch.git('rev-parse', `${commit}:db/0001_a.up.sql`)
    const file = path.join(scratch.root, '.git/objects', id.slice(0, 2), id.slice(2))
    unlinkSync(file)
    writeFileSync(file, deflateSync('blob 14\0DROP TABLE a;\n'))
    const exchanged = await look('exchanged')
    expect(exchanged).toMatchObject({
      seen: { done: { commit, exchanged: ['the file db/0001_a.up.sql'] } },
      checkout: null,
    })
  })
})
