import { createHash, type Hash } from 'node:crypto'
import { SeaworthyError } from '../gate/error.ts'
import { GIT_OUTPUT_LIMIT_BYTES, runGit } from './process.ts'

/** An object as git gives it out. Git itself does not look, when it reads one, whether it is the one that was asked for. */
export interface GitObject {
  readonly id: string
  readonly type: string
  readonly content: Buffer
}

/** A file, a link, a folder or a submodule in a tree. */
export interface TreeEntry {
  readonly mode: string
  /** As bytes: a name need not be UTF-8. */
  readonly name: Buffer
  readonly id: string
}

/** Where git is asked, and as whom. */
export interface GitPlace {
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
}

/** So much is asked for at once, so that an answer fits. */
const BATCH_BYTES = GIT_OUTPUT_LIMIT_BYTES / 4

/** The beginning of an object's id: what is hashed before its content. Source: gitformat-loose(5), "type SP length NUL". */
export const beginId = (id: string, type: string, bytes: number | bigint): Hash =>
  createHash(id.length === 64 ? 'sha256' : 'sha1').update(`${type} ${bytes}\0`)

/** Whether the content is the one that the id stands for. */
export const hasItsId = ({ id, type, content }: GitObject): boolean =>
  beginId(id, type, content.length).update(content).digest('hex') === id

/**
 * The contents of objects, as they lie there, in an order of their own.
 * @throws SeaworthyError('git') for one that is not there, 'limit' for one that is too large to be looked at.
 */
export async function* contentsOf(ids: readonly string[], place: GitPlace): AsyncIterable<GitObject> {
  const sizes = await sizesOf(ids, place)
  for (let from = 0; from < ids.length;) {
    let [to, bytes] = [from, 0]
    while (to < ids.length && (to === from || bytes + (sizes[to] ?? 0) <= BATCH_BYTES)) bytes += sizes[to++] ?? 0
    yield* await batch(ids.slice(from, to), place)
    from = to
  }
}

async function sizesOf(ids: readonly string[], place: GitPlace): Promise<number[]> {
  if (ids.length === 0) return []
  const answer = await asked(['cat-file', '--batch-check=%(objectsize)'], ids, place)
  return answer.toString('latin1').split('\n').map(Number)
}

async function batch(ids: readonly string[], place: GitPlace): Promise<GitObject[]> {
  const answer = await asked(['cat-file', '--batch'], ids, place)
  let at = 0
  return ids.map((id) => {
    const end = answer.indexOf('\n', at)
    const [, type, size] = answer.toString('latin1', at, end).split(' ')
    if (type === undefined || size === undefined) throw notThere(id)
    const content = answer.subarray(end + 1, end + 1 + Number(size))
    at = end + 1 + Number(size) + 1
    return { id, type, content }
  })
}

async function asked(args: readonly string[], ids: readonly string[], place: GitPlace): Promise<Buffer> {
  const { code, stdout, stderr } = await runGit(args, { ...place, stdin: `${ids.join('\n')}\n` })
  if (code === 0) return stdout
  const line = stderr.split('\n')[0] ?? ''
  throw new SeaworthyError('git', `what the commit consists of could not be read: ${line.slice(0, 400)}`)
}

const notThere = (id: string): SeaworthyError =>
  new SeaworthyError('git', `the object ${id} of the commit is not there`, {
    hint: 'Fetch the commit completely into your own clone: git fetch origin COMMIT.',
  })

/**
 * The tree that a commit names; null if its text names none. Source: git's `commit` objects begin with "tree ID".
 */
export const treeOf = (content: Buffer): string | null =>
  /^tree ([0-9a-f]{40,64})\n/.exec(content.toString('latin1', 0, 80))?.[1] ?? null

/** What a tree holds. Source: each entry is "mode SP name NUL" and the id in binary, 20 or 32 bytes. */
export function entriesOf(content: Buffer, idBytes: number): TreeEntry[] {
  const entries: TreeEntry[] = []
  for (let at = 0; at < content.length;) {
    const [space, end] = [content.indexOf(' ', at), content.indexOf(0, at)]
    if (space < at || end < space || end + 1 + idBytes > content.length) {
      throw new SeaworthyError('git', 'a tree of the commit cannot be read')
    }
    entries.push({
      mode: content.toString('latin1', at, space),
      name: content.subarray(space + 1, end),
      id: content.toString('hex', end + 1, end + 1 + idBytes),
    })
    at = end + 1 + idBytes
  }
  return entries
}
