import { closeSync, constants, fstatSync, openSync, readSync, readdirSync, realpathSync, statSync } from 'node:fs'
import type { Dirent, Stats } from 'node:fs'
import { join, relative as relativePath, sep } from 'node:path'
import { SeaworthyError } from '../gate/error.ts'
import type { FileReader, FolderListing, TreeProblem, TreeProblemKind } from './model.ts'
import { compareText } from './naming.ts'

export const MAX_FILE_BYTES = 20 * 1024 * 1024
export const MAX_FILES = 50_000
/** Folders in folders; a migration tool looks at two levels. */
const MAX_DEPTH = 16

/**
 * Lists a migration folder: every regular file below it, symbolic links followed as long as they stay inside of
 * `root`. `folder` is relative to `root`, with forward slashes. Reads synchronously: one folder of 800 files is a
 * matter of milliseconds, and many small asynchronous reads cost more than they save.
 *
 * Throws SeaworthyError('unreadable') if the folder is missing or is none, and SeaworthyError('limit') above 50,000 files.
 */
export function listFolder(root: string, folder: string): FolderListing {
  const start = join(root, folder)
  const real = realFolder(root, folder)
  if (real === null) throw notAFolder(root, folder)
  const found: Found = { root: realpathSync(root), folder, files: [], links: new Map(), problems: [] }
  walk(found, start, '', [real])
  const { links, problems } = found
  return { folder, files: found.files.sort(compareText), above: namesAbove(root, folder), links, problems }
}

/** The folder's real path; null if it is no folder that can be read. */
function realFolder(root: string, folder: string): string | null {
  try {
    const real = realpathSync(join(root, folder))
    readdirSync(real)
    return real
  } catch {
    return null
  }
}

/** Why a folder that the user named cannot be looked at. */
export function notAFolder(root: string, folder: string): SeaworthyError {
  const hint = 'Name the folder that holds the migration files: seaworthy check path/to/migrations'
  try {
    readdirSync(join(root, folder))
    return new SeaworthyError('unreadable', `the folder ${folder} could not be read a moment ago`, { hint })
  } catch (error) {
    const code = codeOf(error)
    const what =
      code === 'ENOENT'
        ? `there is no folder ${folder}`
        : code === 'ENOTDIR'
          ? `${folder} is a file, not a folder`
          : `the folder ${folder} cannot be read (${code})`
    return new SeaworthyError('unreadable', what, { hint, cause: error })
  }
}

interface Found {
  readonly root: string
  readonly folder: string
  readonly files: string[]
  readonly links: Map<string, string>
  readonly problems: TreeProblem[]
}

function walk(found: Found, path: string, relative: string, realAncestors: readonly string[]): void {
  let entries: Dirent[]
  try {
    entries = readdirSync(path, { withFileTypes: true })
  } catch (error) {
    found.problems.push(unreadable(placeIn(found.folder, relative), `this folder cannot be read (${codeOf(error)})`))
    return
  }
  for (const entry of entries) {
    const below = relative === '' ? entry.name : `${relative}/${entry.name}`
    if (entry.isFile()) addFile(found, below, join(realAncestors.at(-1) ?? path, entry.name))
    else if (entry.isDirectory()) descend(found, join(path, entry.name), below, realAncestors)
    else if (entry.isSymbolicLink()) follow(found, join(path, entry.name), below, realAncestors)
    else
      found.problems.push(
        unreadable(placeIn(found.folder, below), 'this is no regular file, and nothing waits for it to answer'),
      )
  }
}

function addFile(found: Found, relative: string, real: string): void {
  const place = relativePath(found.root, real).split(sep).join('/')
  const isLinked = place !== placeIn(found.folder, relative)
  // What git keeps there is no file of the project: its settings may hold a password.
  if (isLinked && place.split('/').includes('.git')) {
    const why = 'this symbolic link leads into the folder that git keeps for itself, and is not followed'
    found.problems.push(unreadable(placeIn(found.folder, relative), why))
    return
  }
  found.files.push(relative)
  if (isLinked) found.links.set(relative, place)
  if (found.files.length > MAX_FILES) {
    throw new SeaworthyError('limit', `the folder ${found.folder} holds more than ${MAX_FILES} files`, {
      hint: 'Name the migration folder itself, not a folder that holds other things as well.',
    })
  }
}

function descend(found: Found, path: string, relative: string, realAncestors: readonly string[]): void {
  if (realAncestors.length > MAX_DEPTH) {
    found.problems.push(
      unreadable(placeIn(found.folder, relative), `folders deeper than ${MAX_DEPTH} levels are not read`),
    )
    return
  }
  walk(found, path, relative, [
    ...realAncestors,
    join(realAncestors.at(-1) ?? path, relative.slice(relative.lastIndexOf('/') + 1)),
  ])
}

/** A link out of the repository could put any file of this machine into an observation, so it is not followed. */
function follow(found: Found, path: string, relative: string, realAncestors: readonly string[]): void {
  const place = placeIn(found.folder, relative)
  let real: string
  let stat: Stats
  try {
    real = realpathSync(path)
    stat = statSync(real)
  } catch (error) {
    const isLoop = codeOf(error) === 'ELOOP'
    const why = isLoop ? 'this symbolic link leads to itself' : `this symbolic link leads nowhere (${codeOf(error)})`
    found.problems.push(isLoop ? problem('symlink-loop', place, why) : unreadable(place, why))
    return
  }
  if (!isInside(found.root, real)) {
    found.problems.push(unreadable(place, 'this symbolic link leads out of the repository, and is not followed'))
  } else if (stat.isFile()) addFile(found, relative, real)
  else if (!stat.isDirectory())
    found.problems.push(unreadable(place, 'this symbolic link leads to something that is no regular file'))
  else if (realAncestors.includes(real)) {
    found.problems.push(
      problem('symlink-loop', place, 'this symbolic link leads back to a folder above it; it was followed no further'),
    )
  } else if (realAncestors.length > MAX_DEPTH) {
    found.problems.push(unreadable(place, `folders deeper than ${MAX_DEPTH} levels are not read`))
  } else walk(found, path, relative, [...realAncestors, real])
}

export const isInside = (root: string, path: string): boolean =>
  path === root || path.startsWith(root.endsWith(sep) ? root : root + sep)

/** The file names of the folder's ancestors up to the root, the nearest ancestor's first. */
function namesAbove(root: string, folder: string): ReadonlySet<string> {
  const names = new Set<string>()
  const parts = folder === '.' ? [] : folder.split('/')
  for (let depth = parts.length - 1; depth >= 0; depth -= 1) {
    for (const name of fileNames(join(root, ...parts.slice(0, depth)))) names.add(name)
  }
  return names
}

/** Only markers are looked for up there: a folder above that cannot be read has none that count. */
function fileNames(path: string): readonly string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => entry.name)
      .sort(compareText)
  } catch {
    return []
  }
}

/** Which of some files, by their places relative to the root, belong to the project. */
export type Known = (files: readonly string[]) => Promise<ReadonlySet<string>>

/**
 * The listing without links to what does not belong to the project, each of which becomes a problem: in a checkout lies
 * more than the project, such as a file of passwords that git is told to ignore, and whoever reads a link tells what is in it.
 */
export async function withoutStrangers(listing: FolderListing, known: Known): Promise<FolderListing> {
  if (listing.links.size === 0) return listing
  const ours = await known([...new Set(listing.links.values())])
  const isStrange = (file: string): boolean => !ours.has(listing.links.get(file) ?? '')
  const strange = new Set([...listing.links.keys()].filter(isStrange))
  const why = 'this symbolic link leads to a file that git does not have, and is not followed'
  const hint = 'Add the file to git, or put what it says into the migration itself.'
  return {
    ...listing,
    files: listing.files.filter((file) => !strange.has(file)),
    problems: [
      ...listing.problems,
      ...[...strange].map((file) => problem('unreadable', placeIn(listing.folder, file), why, hint)),
    ],
  }
}

/** The path of a file of a folder, relative to the repository root. */
export const placeIn = (folder: string, path: string): string =>
  path === '' ? folder : folder === '.' ? path : `${folder}/${path}`

/** Reads the files of one listed folder: never more than 20 MB of one, never anything but a regular file, only valid UTF-8. */
export function fileReader(root: string, folder: string): FileReader {
  const place = (path: string): string => placeIn(folder, path)
  return {
    place,
    text: (path) => Promise.resolve(readText(join(root, folder, path), place(path))),
  }
}

/** A byte-order mark is kept: every tool sends it, and the server refuses it. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function readText(path: string, place: string): { readonly text: string } | { readonly problem: TreeProblem } {
  let descriptor: number
  try {
    // Without O_NONBLOCK, opening a named pipe would wait for a writer that never comes.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    return { problem: unreadable(place, `this file cannot be read (${codeOf(error)})`) }
  }
  try {
    const stat = fstatSync(descriptor)
    if (!stat.isFile()) return { problem: unreadable(place, 'this is no regular file') }
    if (stat.size > MAX_FILE_BYTES) return { problem: tooLarge(place, stat.size) }
    return decode(readAll(descriptor, stat.size), place)
  } catch (error) {
    return { problem: unreadable(place, `this file cannot be read (${codeOf(error)})`) }
  } finally {
    closeSync(descriptor)
  }
}

function readAll(descriptor: number, size: number): Buffer {
  const bytes = Buffer.allocUnsafe(size)
  let filled = 0
  while (filled < size) {
    const read = readSync(descriptor, bytes, filled, size - filled, null)
    if (read === 0) break
    filled += read
  }
  return bytes.subarray(0, filled)
}

function decode(bytes: Buffer, place: string): { readonly text: string } | { readonly problem: TreeProblem } {
  const hint = 'Save it as UTF-8 (editors on Windows may write UTF-16 or an 8-bit code page).'
  if (bytes.includes(0))
    return {
      problem: problem('invalid-utf8', place, 'this file holds a zero byte, which PostgreSQL takes in no text', hint),
    }
  try {
    return { text: decoder.decode(bytes) }
  } catch {
    return {
      problem: problem(
        'invalid-utf8',
        place,
        'this file is not valid UTF-8: the server would refuse it, or the tool would alter it on the way',
        hint,
      ),
    }
  }
}

const tooLarge = (place: string, size: number): TreeProblem =>
  problem(
    'too-large',
    place,
    `this file has ${Math.ceil(size / 1024 / 1024)} MB, and more than ${MAX_FILE_BYTES / 1024 / 1024} MB are not read`,
    'Load data outside of the migrations, or split the file.',
  )

const unreadable = (place: string, message: string): TreeProblem =>
  problem('unreadable', place, message, 'Make it a readable file inside of the repository, or remove it.')

/** All problems of reading leave something unseen, so what it would do is unproven. */
const problem = (kind: TreeProblemKind, file: string, message: string, hint: string | null = null): TreeProblem => ({
  kind,
  file,
  message,
  hint,
  isOpaque: true,
})

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : String(error)
