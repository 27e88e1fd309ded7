import { checksumsOf } from './checksums.ts'
import { type FlatTool, readFlat } from './flat.ts'
import { booleanOf, integerOf, notALedger, quotedName, requireColumns } from './ledger-values.ts'
import type { Format, LedgerTable } from './model.ts'
import { bareNumber, compareNumbers, fitsBigint, nearestMarker, slugOf, topFiles } from './naming.ts'
import { countingOf, nextVersion } from './slots.ts'

const TABLE = 'public.schema_migrations'

/** `123_name.up.ext` as source/parse.go reads it: any extension, and the last `.up.` or `.down.` counts. */
const FILE = /^([0-9]+)_(.*)\.(down|up)\.(.*)$/

const tool: FlatTool = {
  title: 'golang-migrate',
  orphanDown:
    'this down file has no up file: golang-migrate records its version as applied without doing anything, and going back would run the file',
  parse: (path) => {
    const [, version, name = '', direction, extension] = FILE.exec(path) ?? []
    if (version === undefined || extension !== 'sql' || !fitsBigint(version)) return null
    return { path, version, name, key: bareNumber(version), direction: direction === 'up' ? 'up' : 'down' }
  },
  refuse: (path, files) => {
    const extension = FILE.exec(path)?.[4]
    if (extension === undefined || extension === 'sql') return null
    return {
      kind: 'misnamed-file',
      file: files.place(path),
      message: `golang-migrate reads files with any extension, so it takes this .${extension} file for a migration of that version`,
      hint: 'Remove it from the folder, or let its name end in .sql if it is a migration.',
      isOpaque: true,
    }
  },
  misnamed: (path) => ({
    message: 'golang-migrate passes over this file: its name is not VERSION_name.up.sql or VERSION_name.down.sql',
    hint: /[_-]up\.sql$/i.test(path)
      ? `Rename it to ${path.replace(/[_-]up\.sql$/i, '.up.sql')}.`
      : 'Rename it so that it runs, or move it out of the folder.',
  }),
  send: () => 'batch',
  // The tool keeps no checksum. Runners that use its file names with a table of their own often keep this one.
  checksums: (text) => checksumsOf(text, 'sha256'),
  refusesHalves: false,
}

const ledger: LedgerTable = {
  name: TABLE,
  style: 'high-water',
  keyColumn: 'version',
  createSql: [
    `CREATE TABLE IF NOT EXISTS ${quotedName(TABLE)} (version bigint not null primary key, dirty boolean not null)`,
  ],
  recordSql: (migration) => [
    { text: `TRUNCATE ${quotedName(TABLE)}`, values: [] },
    { text: `INSERT INTO ${quotedName(TABLE)} (version, dirty) VALUES ($1, $2)`, values: [migration.ledgerKey, false] },
  ],
  // Going back, the tool writes the version before this one, which the migration alone does not tell; for the first one it writes none.
  forgetSql: () => [{ text: `TRUNCATE ${quotedName(TABLE)}`, values: [] }],
  // The tool reads one, in no order; we see whether there are more, and then nobody knows which one counts.
  readSql: `SELECT version, dirty FROM ${quotedName(TABLE)} LIMIT 2`,
  parseRow: (row) => {
    requireColumns(row, ['version', 'dirty'], 'schema_migrations')
    const key = integerOf(row, 'version')
    if (key === null) throw notALedger('its version is NULL')
    return { key, name: null, checksum: null, appliedAt: null, isDirty: booleanOf(row, 'dirty') ?? false }
  },
}

/** https://github.com/golang-migrate/migrate. Facts and their sources: docs/reference/formats.md. */
export const golangMigrate: Format = {
  name: 'golang-migrate',
  title: 'golang-migrate',
  ledger,
  detect: (listing) => {
    const example = topFiles(listing).find((path) => tool.parse(path)?.direction === 'up')
    if (example === undefined) return null
    const marker = nearestMarker(listing, ['go.mod'])
    return marker === null ? example : `${example} below ${marker}`
  },
  read: (listing, files) => readFlat(listing, files, tool),
  compareVersions: compareNumbers,
  nextSlot: (tree, taken, name, now) => {
    const versions = tree.migrations.map((migration) => migration.version)
    const counting = countingOf(versions, { by: 'time', digits: 14 })
    const version = nextVersion(counting, [...versions, ...taken], now)
    const hasDowns = tree.migrations.length === 0 || tree.migrations.some((migration) => migration.down !== null)
    const base = `${version}_${slugOf(name)}`
    const directions = hasDowns ? ['up', 'down'] : ['up']
    return { version, files: directions.map((direction) => ({ path: `${base}.${direction}.sql`, text: '' })) }
  },
}
