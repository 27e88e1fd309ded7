import { lstat, readFile, readlink, realpath } from 'node:fs/promises'
import path from 'node:path'
import { SeaworthyError } from '../../gate/error.ts'
import type { GivenAs, GivenFile } from '../../gate/given.ts'
import type { Repository } from '../../git/repository.ts'
import { type Base, findBase } from '../../observers/pending/base.ts'
import type { FolderRequest, InputFiles } from './request.ts'
import type { Surroundings } from '../surroundings.ts'

/** The files that a run relies on besides the migrations, as absolute paths. */
export interface ReliedOn {
  /** Null where the configuration does not come from the working tree. */
  readonly configuration: string | null
  readonly inputs: InputFiles
  readonly folders: readonly Pick<FolderRequest, 'ledgerFile'>[]
}

/** More is no file that was written for this. */
const LIMIT_BYTES = 64 * 1024 * 1024

/**
 * Those of the files that are part of the candidate (git has them in HEAD) and not as they stand at the base of the release.
 * What lies elsewhere, or was only put into the working tree, did not come with the release.
 */
export async function givenFiles(
  { repository, env }: Surroundings,
  relied: ReliedOn,
  since: string | null,
): Promise<GivenFile[]> {
  const head = (await repository?.head()) ?? null
  if (repository === null || head === null) return []
  const places = await placesOf(repository, relied)
  const ofHead = await repository.contents(places.map(({ file }) => `${head.commit}:${file}`))
  const own = places.filter((_, index) => ofHead[index] !== null)
  if (own.length === 0) return []
  let base: Base
  try {
    base = await findBase({ repository, head, env }, since ?? undefined)
  } catch (error) {
    if (!(error instanceof SeaworthyError) || error.code !== 'git') throw error
    return own.map((one) => ({ ...one, change: 'unknown', base: null, why: error.message }))
  }
  return (await Promise.all(own.map(async (one) => await compared(repository, base, one)))).filter(
    (one) => one !== null,
  )
}

interface Place {
  readonly as: GivenAs
  /** Relative to the root, as git writes it. */
  readonly file: string
}

/** Each file by its own name, and by that of what a symbolic link leads to: both decide what is read. */
async function placesOf({ root }: Repository, { configuration, inputs, folders }: ReliedOn): Promise<Place[]> {
  const files: (readonly [GivenAs, string | null])[] = [
    ['configuration', configuration],
    ['shape', inputs.shape],
    ['workload', inputs.workload],
    ['rows', inputs.seedSql],
    ['answers', inputs.answers],
    ...folders.map(({ ledgerFile }) => ['ledger', ledgerFile] as const),
  ]
  const places = new Map<string, Place>()
  for (const [as, absolute] of files) {
    if (absolute === null) continue
    const real = await realpath(absolute).catch(() => null)
    // The root is a real path; the folder of the file may have been named by a link.
    const folder = await realpath(path.dirname(absolute)).catch(() => path.dirname(absolute))
    for (const one of [...linksOf(root, absolute), path.join(folder, path.basename(absolute)), real]) {
      if (one === null) continue
      const file = path.relative(root, one).split(path.sep).join('/')
      if (file !== '' && !file.startsWith('../') && !path.isAbsolute(file) && !file.includes('\n'))
        places.set(file, { as, file })
    }
  }
  return [...places.values()]
}

/** The path and every folder above it inside of the root: git has a folder only where it is a symbolic link. */
function linksOf(root: string, absolute: string): string[] {
  const found: string[] = []
  for (let at = absolute; at.startsWith(root + path.sep); at = path.dirname(at)) found.push(at)
  return found
}

async function compared(repository: Repository, base: Base, place: Place): Promise<GivenFile | null> {
  const ours = await bytesAt(path.join(repository.root, place.file))
  const commits = [base.commit, ...(base.ancestor === null ? [] : [base.ancestor])]
  const before = await repository.contents(commits.map((commit) => `${commit}:${place.file}`))
  if (before.some((one) => one !== null && ours !== null && text(one) === text(ours))) return null
  return { ...place, change: before[0] === null ? 'new' : 'edited', base: base.commit, why: null }
}

/** A checkout may have other line endings than the commit. */
const text = (bytes: Buffer): string => bytes.toString('latin1').replaceAll('\r\n', '\n')

async function bytesAt(absolute: string): Promise<Buffer | null> {
  try {
    const found = await lstat(absolute)
    if (found.isSymbolicLink()) return Buffer.from(await readlink(absolute))
    return found.isFile() && found.size <= LIMIT_BYTES ? await readFile(absolute) : null
  } catch {
    return null
  }
}
