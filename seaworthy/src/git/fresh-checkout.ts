import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { SeaworthyError } from '../gate/error.ts'
import { partialClone, runGit } from './process.ts'
import { Repository } from './repository.ts'

export interface CheckoutRequest {
  readonly from: Repository
  /** Full ids. `base` becomes the branch `main` of the new repository, so that what is new is told as it was told before. */
  readonly commit: string
  readonly base: string | null
  /** Whether the other branches are to be known there, as remote ones. */
  readonly hasBranches: boolean
  /** A folder that is not there yet. */
  readonly folder: string
  readonly env: NodeJS.ProcessEnv
}

/**
 * The files are those of the commit, byte by byte: nothing that the commit says (`.gitattributes`) starts a filter of this
 * machine or writes other line endings. `info/attributes` goes before every other place.
 */
const AS_COMMITTED = '* -text -eol -filter -ident -working-tree-encoding\n'

/**
 * Checks a commit out into a new repository of its own, which borrows the objects of another one: nothing is written there,
 * no hook and no template runs, submodules stay empty. The caller removes the folder.
 * @throws SeaworthyError('git') if the commit is not there or cannot be checked out, 'limit' if that takes too long.
 */
export async function freshCheckout(request: CheckoutRequest): Promise<Repository> {
  const { from, commit, base, folder, env } = request
  await mkdir(folder, { mode: 0o700 })
  const inside = async (args: readonly string[], stdin?: string): Promise<string> =>
    await must(args, { cwd: folder, env, ...(stdin === undefined ? {} : { stdin }) })
  const there = { cwd: from.root, env }
  const [objects, shallow] = await Promise.all([
    must(['rev-parse', '--path-format=absolute', '--git-path', 'objects'], there),
    must(['rev-parse', '--path-format=absolute', '--git-path', 'shallow'], there),
  ])
  if (objects.includes('\n')) throw new SeaworthyError('git', 'the path of the repository holds a line break')
  const format = commit.length === 64 ? 'sha256' : 'sha1'
  await inside(['init', '--quiet', '--template=', '--initial-branch=none', `--object-format=${format}`])
  await mkdir(path.join(folder, '.git/objects/info'), { recursive: true })
  await writeFile(path.join(folder, '.git/objects/info/alternates'), `${objects}\n`)
  await mkdir(path.join(folder, '.git/info'), { recursive: true })
  await writeFile(path.join(folder, '.git/info/attributes'), AS_COMMITTED)
  // History that was cut off there ends here as well; without that file git would miss the commits before.
  if (await from.isShallow()) await copyFile(shallow, path.join(folder, '.git/shallow'))
  const refs = request.hasBranches ? await from.branches() : []
  const created = [
    ...(base === null ? [] : [`create refs/heads/main ${base}`]),
    ...refs.map((one) => `create refs/remotes/clone/${one.name} ${one.commit}`),
  ]
  if (created.length > 0) await inside(['update-ref', '--stdin'], `${created.join('\n')}\n`)
  await inside(['update-ref', '--no-deref', 'HEAD', commit])
  try {
    await inside(['reset', '--quiet', '--hard'])
  } catch (error) {
    // The new repository does not know that it borrows from one that lacks files.
    if (await from.isPartial()) throw partialClone(from.root)
    throw error
  }
  const checkout = await Repository.open(folder, env)
  if (checkout === null) throw new SeaworthyError('git', `the fresh checkout in ${folder} is no repository`)
  return checkout
}

async function must(
  args: readonly string[],
  call: { readonly cwd: string; readonly env: NodeJS.ProcessEnv; readonly stdin?: string },
): Promise<string> {
  const answer = await runGit(args, call)
  if (answer.code === 0) return answer.stdout.toString('utf8').replace(/\n$/, '')
  const line = answer.stderr.split('\n')[0] ?? ''
  throw new SeaworthyError('git', `the commit could not be checked out afresh: ${line.slice(0, 400)}`, {
    hint: 'Fetch it completely into your own clone: git fetch origin COMMIT.',
  })
}
