import { createReadStream } from 'node:fs'
import { lstat, readdir, readlink } from 'node:fs/promises'
import { beginId, contentsOf, entriesOf, type GitPlace, hasItsId, type TreeEntry, treeOf } from './object-content.ts'

/** The modes of a tree that are not files. Source: gitformat-index(5), and `git help ls-tree`. */
const [FOLDER, SUBMODULE, LINK] = ['40000', '160000', '120000']

/** A file or a link of a commit. */
interface CommitFile extends TreeEntry {
  /** From the root of the commit, as bytes. */
  readonly path: Buffer
}

interface Walked {
  readonly files: readonly CommitFile[]
  /** In words: what does not have the content that its id stands for. */
  readonly wrong: readonly string[]
}

/**
 * What does not have the content that its id stands for: the commit, its trees up from the root, and the files that were
 * checked out of it, each in words; the same for `base`, whose files are read from the repository. Git reads an object that
 * was exchanged under its id as if nothing were the matter. Empty: all of it was hashed here, and is genuine.
 * @throws SeaworthyError('git') for what is not there, 'limit' for what is too large.
 */
export async function exchangedIn(commit: string, base: string | null, place: GitPlace): Promise<string[]> {
  const { files, wrong } = await walk(commit, place)
  const onDisk = await wrongOnDisk(files, place.cwd)
  const genuine = new Set(onDisk.length === 0 ? files.map(({ id }) => id) : [])
  const ofBase = base === null || base === commit ? [] : await wrongIn(base, genuine, place)
  return [...wrong, ...onDisk, ...ofBase]
}

/** Follows the ids from a commit to its files. What is not genuine leads nowhere. */
async function walk(commit: string, place: GitPlace): Promise<Walked> {
  const wrong: string[] = []
  const files: CommitFile[] = []
  let folders: CommitFile[] = []
  for await (const object of contentsOf([commit], place)) {
    const tree = object.type === 'commit' && hasItsId(object) ? treeOf(object.content) : null
    if (tree === null) wrong.push(`the commit ${commit}`)
    else folders = [{ mode: FOLDER, name: Buffer.alloc(0), id: tree, path: Buffer.alloc(0) }]
  }
  while (folders.length > 0) {
    const ids = Map.groupBy(folders, ({ id }) => id)
    const next: CommitFile[] = []
    for await (const object of contentsOf([...ids.keys()], place)) {
      const same = ids.get(object.id) ?? []
      if (object.type !== 'tree' || !hasItsId(object)) {
        wrong.push(...same.map(({ path }) => `the folder ${shown(path)}`))
        continue
      }
      const entries = entriesOf(object.content, object.id.length / 2)
      for (const { path: parent } of same) {
        for (const entry of entries) {
          const path = parent.length === 0 ? entry.name : Buffer.concat([parent, Buffer.from('/'), entry.name])
          if (entry.mode === FOLDER) next.push({ ...entry, path })
          else if (entry.mode !== SUBMODULE) files.push({ ...entry, path })
        }
      }
    }
    folders = next
  }
  return { files, wrong }
}

/** What lies in the checkout otherwise than in the commit, or not in one of the two. */
async function wrongOnDisk(files: readonly CommitFile[], root: string): Promise<string[]> {
  const there = await filesIn(root)
  const wrong: string[] = []
  for (const file of files) {
    const isThere = there.delete(file.path.toString('latin1'))
    if (!isThere || !(await isGenuine(file, root))) wrong.push(`the file ${shown(file.path)}`)
  }
  return [
    ...wrong,
    ...[...there].map((path) => `the file ${shown(Buffer.from(path, 'latin1'))}, which it does not have`),
  ]
}

async function isGenuine({ mode, id, path }: CommitFile, root: string): Promise<boolean> {
  const place = Buffer.concat([Buffer.from(`${root}/`), path])
  const stat = await lstat(place)
  if (stat.isSymbolicLink() !== (mode === LINK)) return false
  if (mode === LINK) {
    const target = await readlink(place, 'buffer')
    return beginId(id, 'blob', target.length).update(target).digest('hex') === id
  }
  if (!stat.isFile()) return false
  const begun = beginId(id, 'blob', stat.size)
  for await (const chunk of createReadStream(place)) if (Buffer.isBuffer(chunk)) begun.update(chunk)
  return begun.digest('hex') === id
}

/** Every file and link below a folder but git's own, by its path from there; one character a byte. */
async function filesIn(root: string): Promise<Set<string>> {
  const found = new Set<string>()
  const folders = [Buffer.alloc(0)]
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const begin = folder.length === 0 ? folder : Buffer.concat([folder, Buffer.from('/')])
    const place = Buffer.concat([Buffer.from(`${root}/`), folder])
    for (const one of await readdir(place, { withFileTypes: true, encoding: 'buffer' })) {
      const path = Buffer.concat([begin, one.name])
      if (!one.isDirectory()) found.add(path.toString('latin1'))
      else if (path.toString('latin1') !== '.git') folders.push(path)
    }
  }
  return found
}

/** The same for a commit that is not checked out. `genuine`: ids of files that were hashed already. */
async function wrongIn(commit: string, genuine: ReadonlySet<string>, place: GitPlace): Promise<string[]> {
  const { files, wrong } = await walk(commit, place)
  const ids = Map.groupBy(
    files.filter(({ id }) => !genuine.has(id)),
    ({ id }) => id,
  )
  const exchanged: string[] = []
  for await (const object of contentsOf([...ids.keys()], place)) {
    if (object.type === 'blob' && hasItsId(object)) continue
    exchanged.push(...(ids.get(object.id) ?? []).map(({ path }) => `the file ${shown(path)}`))
  }
  return [...wrong, ...exchanged].map((what) => `${what} at ${commit}`)
}

const shown = (path: Buffer): string => (path.length === 0 ? '.' : path.toString('utf8'))
