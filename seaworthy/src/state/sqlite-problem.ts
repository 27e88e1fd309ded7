import { reasonOf, SeaworthyError } from '../gate/error.ts'

/** Result codes of SQLite. Source: https://www.sqlite.org/rescode.html */
const [BUSY, LOCKED, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, NOTADB] = [5, 6, 8, 10, 11, 13, 14, 26]

const RESTORE = 'seaworthy ledger restore FILE brings back a backup; what is there is kept beside it.'

const PROBLEMS: ReadonlyMap<number | undefined, readonly [what: string, hint: string]> = new Map([
  [BUSY, ['is held by another process', 'Wait for it to end, and run the command again. Nothing was written.']],
  [LOCKED, ['is held by another process', 'Wait for it to end, and run the command again. Nothing was written.']],
  [READONLY, ['may not be written to', 'Look at the rights of the file and of its folder. Nothing was written.']],
  [
    IOERR,
    ['could not be read or written: the disk refused', 'Look at the disk and its free space. No entry was lost.'],
  ],
  [CORRUPT, ['is damaged', RESTORE]],
  [FULL, ['is full', 'Make room on its disk, and run the command again. No entry was lost.']],
  [CANTOPEN, ['cannot be opened', 'Look at the rights of the file and of its folder.']],
  [NOTADB, ['is no ledger, or is damaged', `Name another file with --state. ${RESTORE}`]],
])

/** The primary result code of SQLite; undefined for any other error. */
function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined
  return error.errcode & 0xff
}

/** Whether another process holds what is needed, so that it is worth while to wait. */
export const isBusy = (error: unknown): boolean => [BUSY, LOCKED].includes(sqliteCode(error) ?? 0)

/** Whether there is no room left, on the disk or up to the limit of the file. */
export const isFull = (error: unknown): boolean => sqliteCode(error) === FULL

/** Whether the rights are missing to write, or to keep the files with which SQLite coordinates readers. */
export const isReadOnly = (error: unknown): boolean => [READONLY, CANTOPEN].includes(sqliteCode(error) ?? 0)

/** What SQLite says, as one of our errors; anything else as it is. */
export function stateProblem(error: unknown, file: string): unknown {
  const code = sqliteCode(error)
  if (code === undefined) return error
  const [what, hint] = PROBLEMS.get(code) ?? ['could not be used', RESTORE]
  return new SeaworthyError('state', `the ledger ${file} ${what} (SQLite: ${reasonOf(error)})`, { hint, cause: error })
}
