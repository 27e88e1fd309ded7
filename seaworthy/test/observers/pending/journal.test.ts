import { expect, test } from 'vitest'
import { formatNamed } from '../../../src/migrations/formats.ts'
import { pending, type Pending } from '../../../src/observers/pending/kind.ts'
import { observePending } from '../../../src/observers/pending/observe.ts'
import { ScratchRepository, gitEnv } from '../../git/scratch-repository.ts'
import { treeAt } from '../read-tree.ts'

const journal = (...times: readonly number[]): string =>
  JSON.stringify({
    version: '7',
    dialect: 'postgresql',
    entries: times.map((when, idx) => ({ idx, version: '7', when, tag: `000${idx}_x`, breakpoints: true })),
  })

async function ask(root: string): Promise<Pending> {
  const tree = await treeAt(root, 'm', 'drizzle')
  const request = { root, isGit: true, tree, format: formatNamed('drizzle'), choice: {}, env: gitEnv }
  const observation = await observePending(request)
  if (observation.status !== 'observed') throw new Error('not observed')
  return pending.parse(observation.data)
}

test('drizzle: another time in the journal is an edit of a live migration, of a new one it is none', async () => {
  using scratch = new ScratchRepository()
  scratch.commit({ 'm/0000_x.sql': 'select 0', 'm/0001_x.sql': 'select 1', 'm/meta/_journal.json': journal(10, 20) })
  scratch.write('m/0002_x.sql', 'select 2')
  scratch.write('m/meta/_journal.json', journal(10, 20, 30))
  expect(await ask(scratch.root)).toMatchObject({ files: ['m/0002_x.sql'], changedBaseline: [] })
  scratch.write('m/meta/_journal.json', journal(10, 25, 40))
  expect((await ask(scratch.root)).changedBaseline).toEqual([
    { file: 'm/0001_x.sql', change: 'edited', version: '0001' },
  ])
  scratch.write('m/0001_x.sql', 'select 3')
  expect((await ask(scratch.root)).changedBaseline).toHaveLength(1)
})
