import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, type Stats } from 'node:fs'
import { hostname } from 'node:os'
import path from 'node:path'

/** What SQLite opens beside a database, whoever put it there. Source: https://www.sqlite.org/tempfiles.html */
const SIDE_FILES = ['-journal', '-wal', '-shm']

/** Of SQLite's own files, the ends of those that lie beside a place. A link that leads nowhere lies there as well. */
export const sideFilesOf = (file: string): string[] =>
  SIDE_FILES.filter((end) => lstatSync(`${file}${end}`, { throwIfNoEntry: false }) !== undefined)

/** A ledger's place and those of SQLite's files beside it, whether or not anything is there. */
export const placesOfLedger = (file: string): string[] => ['', ...SIDE_FILES].map((end) => `${file}${end}`)

/** Whether a ledger lies at a place, or what SQLite had beside one that is gone. */
export const isLedgerOrLeft = (file: string): boolean =>
  placesOfLedger(file).some((place) => lstatSync(place, { throwIfNoEntry: false }) !== undefined)

/** The ends for a person: their names. */
export const namesOf = (file: string, ends: readonly string[]): string =>
  `${ends.map((end) => `${path.basename(file)}${end}`).join(' and ')} ${ends.length === 1 ? 'is' : 'are'} there`

/** What a draft's name says of the machine (or the container) that its process is of. */
const HERE = createHash('sha256').update(hostname()).digest('hex').slice(0, 8)
const OF_A_PROCESS = /^([0-9a-f]{8})-([0-9]{1,10})-[0-9a-f-]{36}(?:-wal|-shm|-journal)?$/

const prefixOf = (place: string): string => `.${path.basename(place)}.`

/** The path of a draft of this process for a place. */
export const draftFor = (place: string, id: string): string =>
  path.join(path.dirname(place), `${prefixOf(place)}${HERE}-${process.pid}-${id}`)

/** The process that a draft for a place is of: null if that is one of another machine. Undefined for any other name. */
export function drafter(place: string, name: string): number | null | undefined {
  const prefix = prefixOf(place)
  const [, host, pid] = (name.startsWith(prefix) && OF_A_PROCESS.exec(name.slice(prefix.length))) || []
  if (pid === undefined) return undefined
  return host === HERE ? Number(pid) : null
}

/** The name that a ledger gets which a restore replaces. */
export const keptName = (file: string, now: Date): string =>
  `${file}.before-restore-${now.toISOString().replaceAll(/[-:.]/g, '')}`

const KEPT = /^\.before-restore-[0-9]{8}T[0-9]{9}Z$/

/**
 * How many names beside its own we have given to a file: whoever begins, copies or restores a ledger gives it a second one
 * for a moment, and leaves it if killed. Nobody goes on under such a name, so it is no second ledger.
 */
export function namesOfOurs(file: string, { dev, ino }: Stats): number {
  const [folder, own] = [path.dirname(file), path.basename(file)]
  const isOurs = (name: string): boolean =>
    drafter(file, name) !== undefined || (name.startsWith(own) && KEPT.test(name.slice(own.length)))
  const isSame = (name: string): boolean => {
    const found = lstatSync(path.join(folder, name), { throwIfNoEntry: false })
    return found?.ino === ino && found.dev === dev
  }
  return readdirSync(folder).filter((name) => isOurs(name) && isSame(name)).length
}
