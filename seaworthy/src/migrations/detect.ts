import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { dialectOf, JOURNAL } from './drizzle-journal.ts'
import { formatNamed, formatOf } from './formats.ts'
import { fileReader, type Known, listFolder, placeIn, withoutStrangers } from './listing.ts'
import type { FolderListing, FormatName, MigrationTree } from './model.ts'
import { isNumber, topFiles } from './naming.ts'
import { folded } from './stray.ts'
import { topLevelKeys } from './toml-lines.ts'
import { type Walked, walkRepository } from './walk.ts'

/** The engine that a folder is written for, as far as its markers say. */
export type EngineHint = 'postgres' | 'sqlite' | 'mysql' | 'other'

/** A migration folder that was found. */
export interface Detected {
  /** Relative to the root, forward slashes; `.` for the root itself. */
  readonly folder: string
  readonly format: FormatName
  readonly detectedBy: string
  /** Null where nothing tells. */
  readonly engineHint: EngineHint | null
  /** The marker behind the hint, such as `provider = "sqlite" in migration_lock.toml`. */
  readonly engineReason: string | null
}

/**
 * Finds every migration folder at or below `start` (relative to `root`; by default the whole root). If `start` is one
 * itself, or `forced` says so, it is returned whatever its name; what is found by walking is left out where it is
 * plainly not production's: in folders of tests, fixtures, examples and seeds, hidden and vendored ones, deeper than
 * 8 levels. Symbolic links are not followed by the walk. With `forced`, only folders of that format are looked for.
 *
 * A folder that cannot be read is told to `onUnreadable`, relative to the root.
 *
 * Throws SeaworthyError('unreadable') if `start` is missing or is no folder, SeaworthyError('limit') if there are more
 * than 200,000 entries to look at.
 */
export async function findMigrationFolders(
  root: string,
  forced?: FormatName,
  start = '.',
  onUnreadable: (path: string) => void = () => undefined,
): Promise<Detected[]> {
  const found: Found[] = []
  let sqlAtStart = false
  for (const folder of walkRepository(root, start, onUnreadable)) {
    if (found.some((one) => owns(one, folder))) continue
    const listing = folder.listing()
    const isStart = folder.path === start
    if (isStart) sqlAtStart = listing.files.some((path) => /\.sql$/i.test(path))
    const detected = forced === undefined ? formatOf(listing) : detectForced(listing, forced)
    if (detected === null) continue
    const isWeak = isUnlikely(listing, detected.format)
    if (isStart || !isWeak) found.push({ folder: folder.path, ...detected, isWeak })
  }
  if (found.length === 0 && forced !== undefined && sqlAtStart) {
    found.push({ folder: start, format: forced, detectedBy: '--format', isWeak: false })
  }
  // A loose numbered file where the user stands is no migration folder if there is a real one below.
  const best = found.some((one) => !one.isWeak) ? found.filter((one) => !one.isWeak) : found
  return Promise.resolve(best.map((one) => withEngine(root, one)))
}

type Place = Pick<Detected, 'folder' | 'format' | 'detectedBy'>
type Found = Place & { readonly isWeak: boolean }

const detectForced = (listing: FolderListing, forced: FormatName): { format: FormatName; detectedBy: string } | null =>
  formatNamed(forced).detect(listing) !== null || detectLoosely(listing, forced)
    ? { format: forced, detectedBy: '--format' }
    : null

/** A forced format needs no marker beside the folder, only files of its kind. */
const detectLoosely = (listing: FolderListing, forced: FormatName): boolean =>
  forced === 'sqlx' && formatNamed('numbered').detect(listing) !== null

/**
 * What a found folder reads below itself is no folder of its own: each migration's folder of prisma and diesel, drizzle's
 * `meta`. Nothing further down: a history that lies there is another one, and must not be hidden by the one above it.
 */
function owns(found: Found, { path, listing }: Walked): boolean {
  if (found.folder !== '.' && !path.startsWith(`${found.folder}/`)) return false
  const below = found.folder === '.' ? path : path.slice(found.folder.length + 1)
  if (below.includes('/')) return false
  if (found.format === 'drizzle') return below === 'meta'
  const own = found.format === 'prisma' ? 'migration.sql' : found.format === 'diesel' ? 'up.sql' : null
  return own !== null && listing().files.includes(own)
}

/**
 * A number in front of a .sql file is a weak sign: seeds, dumps and reports have one as well. So the path must speak of
 * migrations, or there are several numbered files and little other SQL.
 */
function isUnlikely(listing: FolderListing, format: FormatName): boolean {
  if ((format !== 'numbered' && format !== 'sqlx') || /migrat/i.test(listing.folder)) return false
  const sql = topFiles(listing).filter((path) => /\.sql$/i.test(path))
  const numberedFiles = sql.filter((path) => isNumber(path.charAt(0)))
  return numberedFiles.length < 3 || numberedFiles.length * 2 <= sql.length || NOT_MIGRATIONS.test(listing.folder)
}

const NOT_MIGRATIONS =
  /(?:^|[/_.-])(?:quer(?:y|ies)|reports?|dumps?|backups?|snapshots?|init(?:db)?|bootstrap|functions?|procedures?|views?)(?:$|[/_.-])/i

/**
 * Reads a folder that was found. `known`: which files that symbolic links lead to belong to the project; by default all of
 * the repository's. Throws SeaworthyError('unreadable') if it is not there any more.
 */
export async function readTree(
  root: string,
  detected: Pick<Detected, 'folder' | 'format' | 'detectedBy'>,
  known: Known = (files) => Promise.resolve(new Set(files)),
): Promise<MigrationTree> {
  const { folder, format, detectedBy } = detected
  const listing = await withoutStrangers(listFolder(root, folder), known)
  const read = await formatNamed(format).read(listing, fileReader(root, folder))
  return { format, detectedBy, folder, ...read, problems: folded([...listing.problems, ...read.problems]) }
}

const ENGINES: Readonly<Record<string, EngineHint>> = {
  postgresql: 'postgres',
  postgres: 'postgres',
  pg: 'postgres',
  pgsql: 'postgres',
  sqlite: 'sqlite',
  sqlite3: 'sqlite',
  turso: 'sqlite',
  libsql: 'sqlite',
  mysql: 'mysql',
  mariadb: 'mysql',
  singlestore: 'mysql',
  sqlserver: 'other',
  mssql: 'other',
  cockroachdb: 'other',
  mongodb: 'other',
  clickhouse: 'other',
  gel: 'other',
}

/** What the tool's own lock file or journal says, else a folder of the path that is named like an engine. */
function withEngine(root: string, { folder, format, detectedBy }: Place): Detected {
  const found = { folder, format, detectedBy }
  const read = (path: string): string | null => {
    const file = join(root, found.folder, path)
    try {
      return statSync(file).isFile() ? readFileSync(file, 'utf8') : null
    } catch {
      // Without its marker nothing is known of the engine, which is what null says.
      return null
    }
  }
  const lock = found.format === 'prisma' ? read('migration_lock.toml') : null
  const provider = lock === null ? null : (topLevelKeys(lock)?.get('provider')?.replaceAll(/["']/g, '') ?? null)
  if (provider !== null) {
    return {
      ...found,
      engineHint: ENGINES[provider] ?? 'other',
      engineReason: `provider = "${provider}" in ${placeIn(found.folder, 'migration_lock.toml')}`,
    }
  }
  const journal = found.format === 'drizzle' ? read(JOURNAL) : null
  const dialect = journal === null ? null : dialectOf(journal)
  if (dialect !== null) {
    return {
      ...found,
      engineHint: ENGINES[dialect] ?? 'other',
      engineReason: `"dialect": "${dialect}" in ${placeIn(found.folder, JOURNAL)}`,
    }
  }
  const named = found.folder.split('/').findLast((part) => Object.hasOwn(ENGINES, part.toLowerCase()))
  const hint = named === undefined ? null : (ENGINES[named.toLowerCase()] ?? null)
  return { ...found, engineHint: hint, engineReason: named === undefined ? null : `a folder named ${named}` }
}
