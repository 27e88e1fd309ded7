import { lstatSync, mkdirSync, readlinkSync, statSync, type Stats } from 'node:fs'
import path from 'node:path'
import { reasonOf, SeaworthyError } from '../gate/error.ts'

/**
 * Looks at the place before anything is opened. Null if nothing is there.
 * @throws SeaworthyError for what is no plain file with content: a link could lead anywhere, and an empty file was a ledger
 *   that was cut off, since ours appear at their place whole.
 */
export function stateFile(file: string): Stats | null {
  const found = lstat(file)
  if (found === null) return null
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
    throw new SeaworthyError('state', `the ledger ${file} is empty: it was cut off, or never was one`, {
      hint: 'seaworthy ledger restore FILE brings back a backup; to begin a new ledger, remove the file.',
    })
  }
  for (const end of SIDE_FILES) mustBeHarmless(`${file}${end}`, found)
  return found
}

/** What SQLite opens beside a database, whoever put it there. Source: https://www.sqlite.org/tempfiles.html */
const SIDE_FILES = ['-journal', '-wal', '-shm']

/** A pipe would hang whoever opens it, a link or a stranger's file could bring other rows. */
function mustBeHarmless(file: string, ledger: Stats): void {
  const found = lstat(file)
  if (found === null) return
  const isOurs = found.uid === ledger.uid || found.uid === process.geteuid?.()
  if (found.isFile() && isOurs) return
  const what = found.isSymbolicLink() ? 'a symbolic link' : found.isFile() ? "another user's" : 'no plain file'
  throw new SeaworthyError('unreadable', `${file} beside the ledger is ${what}, and SQLite would read it`, {
    hint: 'Look who put it there, and remove it.',
  })
}

function lstat(file: string): Stats | null {
  try {
    return lstatSync(file, { throwIfNoEntry: false }) ?? null
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
  new SeaworthyError('unreadable', `the ledger ${file} cannot be used: ${reasonOf(error)}`, {
    hint: 'Name another file with --state, or mend the rights of its folder.',
    cause: error,
  })

/** The same for a new file that is no ledger in use: a backup, an export. */
export const unwritable = (file: string, error: unknown): SeaworthyError =>
  new SeaworthyError('unreadable', `${file} cannot be written: ${reasonOf(error)}`, {
    hint: 'Name a file in a folder that is there and that you may write to.',
    cause: error,
  })
