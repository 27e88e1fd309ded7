import { realpath } from 'node:fs/promises'
import path from 'node:path'
import { SeaworthyError } from '../../gate/error.ts'
import { Repository } from '../../git/repository.ts'

/**
 * What to say of files of ours that lie in somebody's working tree now, and make it another one than its commit. Null where git
 * ignores them, or there is none. It is a word to the wise: where git cannot be asked, nothing is said.
 */
export async function leftInTree(files: readonly string[], env: NodeJS.ProcessEnv): Promise<string | null> {
  const left = (await Promise.all(files.map(async (file) => await isLeft(file, env)))).flatMap((is, index) =>
    is ? (files[index] ?? []) : [],
  )
  if (left.length === 0) return null
  return (
    `git calls this working tree dirty now, and seaworthy admit takes no dirty one: ${left.join(', ')}. ` +
    'Move it out of the clone, or name a place outside of it next time: --review ../seaworthy-review.json --report markdown=../REVIEW.md'
  )
}

async function isLeft(file: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  try {
    const folder = await realpath(path.dirname(file))
    const repository = await Repository.open(folder, env)
    if (repository === null) return false
    return await repository.isUnclean(path.relative(repository.root, path.join(folder, path.basename(file))))
  } catch (error) {
    const isFile = error instanceof Error && 'syscall' in error
    if (isFile || error instanceof SeaworthyError) return false
    throw error
  }
}
