import { lstatSync, mkdirSync, readlinkSync, statSync, type Stats } from 'node:fs'
import path from 'node:path'
import { notWritten, SeaworthyError } from '../gate/error.ts'
import { isMountPoint } from './mount-point.ts'
import { namesOf, namesOfOurs, sideFilesOf } from './names-beside.ts'

/**
 * Looks at the place before anything is opened. Null if nothing is there.
 * @throws SeaworthyError for what is no plain file with content and one name: a link could lead anywhere, and an empty file was
 *   a ledger that was cut off, since ours appear at their place whole. Also for what a ledger that is gone has left.
 */
export function stateFile(file: string): Stats | null {
  const found = lstat(file)
  if (found === null) return nothingAt(file)
  if (found.isSymbolicLink()) {
    throw new SeaworthyError('unreadable', `the ledger ${file} is a symbolic link to ${readlinkSync(file)}`, {
      hint: 'Name the file itself.',
    })
  }
  if (!found.isFile()) {
    const what = found.isDirectory() ? 'a folder' : 'no plain file'
    throw new SeaworthyError('unreadable', `the ledger ${file} is ${what}`, { hint: 'Name a file with --state.' })
  }
  if (found.size === 0) {
    mustBePlain(file)
    throw new SeaworthyError('state', `the ledger ${file} is empty: it was cut off, or never was one`, {
      hint: 'seaworthy ledger restore FILE brings back a backup; to begin a new ledger, remove the file.',
    })
  }
  mustHaveOneName(file, found)
  mustNotBeMounted(file)
  mustBePlain(file, found)
  return found
}

/** Null if nothing at all lies there. SQLite would read what a ledger that is gone has left as a part of the next one. */
function nothingAt(file: string): Stats | null {
  const left = looked(file, () => sideFilesOf(file))
  if (left.length === 0) return null
  // Another command has begun one meanwhile, or puts one there.
  if (lstat(file) !== null) return stateFile(file)
  mustBePlain(file)
  throw new SeaworthyError(
    'state',
    `there is no ledger at ${file}, but ${namesOf(file, left)}: entries of one that is gone may be in it`,
    {
      hint: 'Put the ledger back, if it was moved. Else seaworthy ledger restore FILE --replace brings back a backup and keeps what is there; to begin a new ledger, move that away.',
    },
  )
}

/** SQLite has a log for each name: what is entered by one is missed, and written over, by the other. */
function mustHaveOneName(file: string, found: Stats): void {
  if (found.nlink < 2) return
  const own = 1 + looked(file, () => namesOfOurs(file, found))
  // One of ours may have gone while it was looked for.
  if (found.nlink <= own || (lstat(file)?.nlink ?? 0) <= own) return
  throw new SeaworthyError(
    'unreadable',
    `the ledger ${file} has ${found.nlink} names (hard links), and SQLite would keep a log for each`,
    {
      hint: `Find them: find / -samefile ${file}. Keep the one with a -wal beside it, else any, and remove the others; the file stays.`,
    },
  )
}

/** The file has another path then, on the other side of the mount, and a log there. Its number of names does not show it. */
function mustNotBeMounted(file: string): void {
  if (!looked(file, () => isMountPoint(file))) return
  throw new SeaworthyError(
    'unreadable',
    `the ledger ${file} is a mount point, and SQLite would keep a log here and another one where it comes from`,
    { hint: 'Mount its folder instead of the file, so that its -wal and -shm are the same on both sides.' },
  )
}

/** `ledger` is what SQLite would read them with; without it they must only be such that they can be set aside. */
function mustBePlain(file: string, ledger?: Stats): void {
  for (const end of looked(file, () => sideFilesOf(file))) mustBeHarmless(`${file}${end}`, ledger)
}

/** A pipe would hang whoever opens it, a link or a stranger's file could bring other rows. */
function mustBeHarmless(file: string, ledger: Stats | undefined): void {
  const found = lstat(file)
  if (found === null) return
  const isOurs = ledger === undefined || found.uid === ledger.uid || found.uid === process.geteuid?.()
  if (found.isFile() && isOurs) return
  const what = found.isSymbolicLink() ? 'a symbolic link' : found.isFile() ? "another user's" : 'no plain file'
  throw new SeaworthyError('unreadable', `${file} beside the ledger is ${what}, and SQLite would read it`, {
    hint: 'Look who put it there, and remove it.',
  })
}

const lstat = (file: string): Stats | null => looked(file, () => lstatSync(file, { throwIfNoEntry: false }) ?? null)

function looked<T>(file: string, look: () => T): T {
  try {
    return look()
  } catch (error) {
    throw unusable(file, error)
  }
}

/** Makes the folder of a new ledger, for its owner alone. One that is there stays as it is. */
export function makeFolder(file: string): void {
  const missing: string[] = []
  try {
    for (let at = path.dirname(path.resolve(file)); isMissing(at); at = path.dirname(at)) missing.unshift(at)
    // One by one: mkdir's own `recursive` tries for ever where a folder that is there takes none, as /proc.
    for (const folder of missing) makeOne(folder)
  } catch (error) {
    throw unusable(file, error)
  }
}

/** The root is there in any case, so that looking upwards ends. */
const isMissing = (folder: string): boolean =>
  path.dirname(folder) !== folder && statSync(folder, { throwIfNoEntry: false }) === undefined

function makeOne(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : ''
    // Another command was quicker.
    if (code === 'EEXIST') return
    throw code === 'ENOENT' ? new Error(`the folder ${folder} cannot be made there`, { cause: error }) : error
  }
}

/** An error of the file system, as one of ours. */
export const unusable = (file: string, error: unknown): SeaworthyError =>
  notWritten(`the ledger ${file} cannot be used`, error, {
    code: 'unreadable',
    hint: 'Name another file with --state, or mend the rights of its folder.',
  })

/** The same for a new file that is no ledger in use: a backup, an export. */
export const unwritable = (file: string, error: unknown): SeaworthyError =>
  notWritten(`${file} cannot be written`, error, {
    code: 'unreadable',
    hint: 'Name a file in a folder that is there and that you may write to.',
  })
