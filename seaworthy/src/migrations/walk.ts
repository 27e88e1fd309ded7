import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { SeaworthyError } from '../gate/error.ts'
import { notAFolder, placeIn } from './listing.ts'
import type { FolderListing } from './model.ts'
import { compareText } from './naming.ts'

const MAX_ENTRIES = 200_000
const MAX_LEVELS = 8

/** Not the project's own, or made by a build. Hidden folders are left out as well. */
const NOT_OURS = new Set(['node_modules', 'vendor', 'target', 'dist', 'build', 'venv', '__pycache__'])

/** Not production's: a loose numbered file in there is a fixture. */
const NOT_PRODUCTION =
  /^(?:_+)?(?:tests?|testdata|test-data|testing|specs?|e2e|fixtures?|__tests__|__fixtures__|examples?|samples?|demos?|benches|benchmarks?|seeds?|seeders|mocks?|templates?)(?:_+)?$|[-_]tests?$/i

/** One folder of the repository. */
export interface Walked {
  /** Relative to the root; `.` for the root. */
  readonly path: string
  /** What the folder and the folders in it hold: as much as any format's `detect` looks at. */
  readonly listing: () => FolderListing
}

/**
 * Every folder that may hold migrations, the start first, then downwards and by name. Reads each folder once.
 * A folder below the start that cannot be read is told to `onUnreadable`: what is in it was not found.
 *
 * Throws SeaworthyError('unreadable') if the start is missing or is no folder, SeaworthyError('limit') above 200,000 entries.
 */
export function* walkRepository(
  root: string,
  start: string,
  onUnreadable: (path: string) => void = () => undefined,
): Generator<Walked> {
  const read = reader(root, start)
  if (read(start) === null) throw notAFolder(root, start)
  const queue = [{ path: start, above: namesTo(root, start), level: 0 }]
  for (const next of queue) {
    const entries = read(next.path)
    if (entries === null) {
      onUnreadable(next.path)
      continue
    }
    yield { path: next.path, listing: () => listingOf(next.path, entries, next.above, read) }
    if (next.level >= MAX_LEVELS) continue
    const above = new Set([...entries.files, ...next.above])
    const deeper = entries.folders.filter((name) => !NOT_OURS.has(name) && !NOT_PRODUCTION.test(name))
    queue.push(...deeper.map((name) => ({ path: placeIn(next.path, name), above, level: next.level + 1 })))
  }
}

interface Entries {
  readonly files: readonly string[]
  /** Without hidden ones. */
  readonly folders: readonly string[]
}

type Read = (path: string) => Entries | null

/** Reads folders once each, up to the limit. */
function reader(root: string, start: string): Read {
  const known = new Map<string, Entries | null>()
  let count = 0
  return (path) => {
    const before = known.get(path)
    if (before !== undefined) return before
    const entries = entriesOf(join(root, path))
    count += entries === null ? 0 : entries.files.length + entries.folders.length
    if (count > MAX_ENTRIES) throw tooMany(start)
    known.set(path, entries)
    return entries
  }
}

function listingOf(folder: string, entries: Entries, above: ReadonlySet<string>, read: Read): FolderListing {
  const below = entries.folders
    .filter((name) => !NOT_OURS.has(name))
    .flatMap((name) => read(placeIn(folder, name))?.files.map((file) => `${name}/${file}`) ?? [])
  return { folder, files: [...entries.files, ...below].sort(compareText), above, links: new Map(), problems: [] }
}

function entriesOf(path: string): Entries | null {
  try {
    const entries = readdirSync(path, { withFileTypes: true })
    const names = (wanted: boolean): string[] =>
      entries
        .filter((entry) => entry.isDirectory() === wanted)
        .map((entry) => entry.name)
        .sort(compareText)
    return { files: names(false), folders: names(true).filter((name) => !name.startsWith('.')) }
  } catch {
    return null
  }
}

/** The file names on the way from the start's parent up to the root, the nearest first. */
function namesTo(root: string, start: string): ReadonlySet<string> {
  const parts = start === '.' ? [] : start.split('/')
  const names = parts.map((_, index) => entriesOf(join(root, ...parts.slice(0, index)))?.files ?? [])
  return new Set(names.toReversed().flat())
}

const tooMany = (start: string): SeaworthyError =>
  new SeaworthyError(
    'limit',
    `more than ${MAX_ENTRIES} files and folders lie below ${start === '.' ? 'this folder' : start}`,
    {
      hint: 'Name the migration folder: seaworthy check path/to/migrations',
    },
  )
