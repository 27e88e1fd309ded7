import path from 'node:path'
import { expect, it } from 'vitest'
import { leftInTree } from '../../src/commands/verify/left-in-tree.ts'
import { gitEnv, ScratchRepository } from '../git/scratch-repository.ts'
import { Project } from './cli.ts'

it('a review in a working tree makes it dirty, and that is said with the next step', async () => {
  using repository = new ScratchRepository()
  using outside = new Project({ 'r.json': '{}' })
  repository.commit({ '.gitignore': 'ignored\n', 'kept.json': '{}' })
  const at = (name: string): string => path.join(repository.root, name)
  const left = async (...files: string[]) => await leftInTree(files, gitEnv)
  for (const name of ['r[1].json', 'docs/REVIEW.md', 'ignored/r.json']) repository.write(name, '{}')
  expect(await left(at('ignored/r.json'), outside.at('r.json'), at('kept.json'), at('gone/r.json'))).toBeNull()
  const said = await left(outside.at('r.json'), at('r[1].json'), at('docs/REVIEW.md'))
  expect(said).toContain(`takes no dirty one: ${at('r[1].json')}, ${at('docs/REVIEW.md')}. Move it out`)
  expect(said).toContain('--review ../seaworthy-review.json')
  repository.write('kept.json', '{"edited":true}')
  expect(await left(at('kept.json'))).toContain('kept.json')
})
