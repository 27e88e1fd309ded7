import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join, posix } from 'node:path'
import type { TreeEntry } from '../../git/answers.ts'
import type { Repository } from '../../git/repository.ts'
import type { Format, Migration, MigrationTree } from '../../migrations/model.ts'
import { upFileOf } from '../branches/up-file.ts'
import type { Base } from './base.ts'
import { redatedFiles } from './journal.ts'
import type { ChangedBaselineFile } from './kind.ts'

/** The candidate's migrations against those of a commit. */
export interface Comparison {
  /** Up files that the base does not have. */
  readonly newFiles: ReadonlySet<string>
  readonly changed: readonly ChangedBaselineFile[]
  /** Where the folder was at the base, if it has moved since. */
  readonly movedFrom: string | null
}

export interface CompareRequest {
  readonly repository: Repository
  /** The migration folder as git knows it: relative to the repository's root. */
  readonly gitFolder: string
  readonly tree: MigrationTree
  readonly compareVersions: Format['compareVersions']
  readonly base: Base
}

/** Up files by their path inside the migration folder. */
type Listing = ReadonlyMap<string, TreeEntry>

/**
 * Compares the working tree's migrations with a commit's, by content and not by what git's index believes. Three-way:
 * what only the base's side added or edited is our being behind, not a change of ours.
 */
export async function compareWithBase(request: CompareRequest): Promise<Comparison> {
  const there = await upFilesAt(request, request.base.commit, request.gitFolder)
  if (there.size > 0 || request.tree.migrations.length === 0) return compareWith(request, there, null)
  const before = await movedFrom(request, oursOf(request.tree))
  if (before === null) return compareWith(request, there, null)
  const moved = { ...request, gitFolder: before }
  return compareWith(moved, await upFilesAt(moved, request.base.commit, before), before)
}

async function compareWith(
  request: CompareRequest,
  there: Listing,
  movedFromFolder: string | null,
): Promise<Comparison> {
  const { tree, base } = request
  const shared = base.ancestor === base.commit ? there : await sharedFiles(request)
  const ours = oursOf(tree)

  const added = new Map([...ours].filter(([path]) => !there.has(path)))
  const isStillThere = new Set([...ours.keys(), ...problemFiles(tree).map((file) => inside(tree.folder, file))])
  const removed = [...there].filter(([path]) => !isStillThere.has(path) && (shared === null || shared.has(path)))
  const { renamed, gone } = pairRenames(request, removed, added)
  for (const path of renamed.values()) added.delete(path)
  const edited = await editedFiles(request, ours, there, shared)
  const isEdited = new Set(edited.filter((one) => one.change === 'edited').map((one) => one.file))
  const redated = (await redatedFiles(request)).filter((one) => !isEdited.has(one.file))
  const place = (path: string): string => (tree.folder === '.' ? path : `${tree.folder}/${path}`)
  return {
    newFiles: new Set([...added.values()].map((migration) => migration.up.file)),
    changed: [
      ...edited,
      ...redated,
      ...gone.map((path) => ({ file: place(path), change: 'removed' as const, version: versionOf(tree, path) })),
      ...[...renamed.keys()].map((path) => ({
        file: place(path),
        change: 'renamed' as const,
        version: versionOf(tree, path),
      })),
    ],
    movedFrom: movedFromFolder,
  }
}

const oursOf = (tree: MigrationTree): Map<string, Migration> =>
  new Map(tree.migrations.map((migration) => [inside(tree.folder, migration.up.file), migration]))

/** Files that are there, though they could not be read as migrations. */
const problemFiles = (tree: MigrationTree): string[] =>
  tree.problems.flatMap((problem) => [problem.file, ...(problem.others ?? [])])

async function upFilesAt(request: CompareRequest, commit: string, folder: string): Promise<Listing> {
  const entries = await request.repository.list(commit, folder)
  return new Map(
    entries
      .map((entry): [string, TreeEntry] => [inside(folder, entry.path), entry])
      .filter(([path, entry]) => entry.mode !== '160000' && upFileOf(request.tree.format, path) !== null),
  )
}

const sharedFiles = (request: CompareRequest): Promise<Listing> | null =>
  request.base.ancestor === null ? null : upFilesAt(request, request.base.ancestor, request.gitFolder)

/**
 * The folder of the base that was moved here as a whole: most of ours stand in it byte by byte, and the candidate has none
 * of its files left there. A file that lies anywhere else at the base (an example, a fixture) was never a live migration
 * and stays new. Null if there is no such folder, or if there are two.
 */
async function movedFrom(request: CompareRequest, ours: ReadonlyMap<string, Migration>): Promise<string | null> {
  const { repository, base, gitFolder } = request
  const byId = new Map<string, string[]>()
  for (const { oid, path } of await repository.list(base.commit, '.')) byId.set(oid, [...(byId.get(oid) ?? []), path])
  const counts = new Map<string, number>()
  for (const [path, migration] of ours) {
    for (const before of byId.get(blobId(migration.up.text, base.commit.length)) ?? []) {
      const folder = before === path ? '.' : before.endsWith(`/${path}`) ? before.slice(0, -path.length - 1) : null
      if (folder !== null && folder !== gitFolder) counts.set(folder, (counts.get(folder) ?? 0) + 1)
    }
  }
  const [best, second] = [...counts].toSorted((a, b) => b[1] - a[1])
  if (best === undefined || best[1] === second?.[1]) return null
  const files = [...(await upFilesAt(request, base.commit, best[0])).keys()]
  const isLeft = files.some((path) => existsSync(join(repository.root, best[0], path)))
  return isLeft ? null : best[0]
}

/** The same content in the same slot under another name. For Prisma the folder's name is the slot, so there it is another one. */
function pairRenames(
  request: CompareRequest,
  removed: readonly (readonly [string, TreeEntry])[],
  added: ReadonlyMap<string, Migration>,
): { renamed: Map<string, string>; gone: string[] } {
  const renamed = new Map<string, string>()
  const gone: string[] = []
  for (const [path, entry] of removed) {
    const version = versionOf(request.tree, path)
    const twin = [...added].find(
      ([, migration]) =>
        version !== null &&
        request.compareVersions(version, migration.version) === 0 &&
        blobId(migration.up.text, entry.oid.length) === entry.oid,
    )
    if (twin === undefined) gone.push(path)
    else renamed.set(path, twin[0])
  }
  return { renamed, gone }
}

async function editedFiles(
  request: CompareRequest,
  ours: ReadonlyMap<string, Migration>,
  there: Listing,
  shared: Listing | null,
): Promise<ChangedBaselineFile[]> {
  const { repository, base, gitFolder } = request
  const suspects = [...ours].flatMap(([path, migration]) => {
    const entry = there.get(path)
    if (entry === undefined) return []
    const own = blobId(migration.up.text, entry.oid.length)
    return own === entry.oid || shared?.get(path)?.oid === own ? [] : [{ path, migration, entry }]
  })
  const contents = await repository.contents(suspects.map((suspect) => suspect.entry.oid))
  const edited: (ChangedBaselineFile & { readonly gitPath: string })[] = []
  for (const [index, { path, migration, entry }] of suspects.entries()) {
    const gitPath = posix.join(gitFolder, path)
    const before = entry.mode === '120000' ? await linkTarget(request, gitPath, contents[index]) : contents[index]
    const text = before?.toString('utf8')
    if (text === migration.up.text) continue
    const isOnlyEndings = text !== undefined && withLf(text) === withLf(migration.up.text)
    const change = isOnlyEndings ? ('line-endings' as const) : ('edited' as const)
    edited.push({ file: migration.up.file, change, version: migration.version, gitPath })
  }
  // With core.autocrlf a checkout has other line endings than the commit, and git rightly calls that unchanged.
  const changes = edited.some((one) => one.change === 'line-endings')
    ? new Set((await repository.changes(base.commit, gitFolder)).changed)
    : null
  return edited
    .filter((one) => one.change !== 'line-endings' || changes?.has(one.gitPath) === true)
    .map(({ file, change, version }) => ({ file, change, version }))
}

/** The format followed the link in the working tree, so the link is followed in the commit as well. */
async function linkTarget(
  request: CompareRequest,
  gitPath: string,
  link: Buffer | null | undefined,
): Promise<Buffer | null> {
  const target = posix.join(posix.dirname(gitPath), link?.toString('utf8') ?? '')
  if (target.startsWith('..') || target.includes('\n')) return null
  return (await request.repository.contents([`${request.base.commit}:${target}`]))[0] ?? null
}

const versionOf = (tree: MigrationTree, path: string): string | null => upFileOf(tree.format, path)?.version ?? null

const withLf = (text: string): string => text.replaceAll('\r\n', '\n')

const inside = (folder: string, file: string): string => (folder === '.' ? file : file.slice(folder.length + 1))

/** The object id that git gives to a file with this text; the length of another id (40 or 64) says which hash. */
export function blobId(text: string, idLength: number): string {
  const bytes = Buffer.from(text, 'utf8')
  const hash = createHash(idLength === 64 ? 'sha256' : 'sha1')
  return hash.update(`blob ${bytes.length}\0`).update(bytes).digest('hex')
}
