import { checksumsOf } from './checksums.ts'
import { type FlatTool, readFlat } from './flat.ts'
import { integerOf, notALedger, quotedName, requireColumns, textOf, timeOf } from './ledger-values.ts'
import type { Format, LedgerTable } from './model.ts'
import { bareNumber, compareNumbers, fitsBigint, slugOf, topFiles } from './naming.ts'
import { countingOf, nextVersion } from './slots.ts'

/** `001_name.sql`, `001-name.sql`, `001 name.sql`, `001.sql`, and the same with `.up` or `.down` before `.sql`. */
const FILE = /^(\d+)(?:[_ -]+(.+?))??(?:\.(up|down))?\.sql$/
/** `2026-01-31_name.sql` and `2026-01-31-235959_name.sql`: the dashes do not count. */
const DATED = /^(\d{4}-\d{2}-\d{2}(?:-\d{6})?)[_ -]+(.+?)(?:\.(up|down))?\.sql$/

const tool: FlatTool = {
  title: 'a runner of numbered files',
  orphanDown: 'this down file has no up file of its version',
  parse: (path) => {
    const [, written, name = '', direction] = DATED.exec(path) ?? FILE.exec(path) ?? []
    const version = written?.replaceAll('-', '')
    if (version === undefined || !fitsBigint(version)) return null
    return { path, version, name, key: bareNumber(version), direction: direction === 'down' ? 'down' : 'up' }
  },
  misnamed: () => ({
    message: 'this file has no number in front, so it has no place in the order; it was not applied',
    hint: 'Rename it to NUMBER_name.sql, or move it out of the folder.',
  }),
  send: (text) => (isMarked(text) ? 'statements' : 'transaction'),
  checksums: (text) => checksumsOf(text, 'sha256'),
  refusesHalves: true,
}

/** Whether the comment lines at the top of the file hold `-- seaworthy:no-transaction`. */
function isMarked(text: string): boolean {
  for (const line of text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/)) {
    const trimmed = line.trim()
    if (/^--\s*seaworthy:no-transaction\s*$/.test(trimmed)) return true
    if (trimmed !== '' && !trimmed.startsWith('--')) return false
  }
  return false
}

/**
 * The ledger of a runner of one's own: a table with the columns version, name, applied_at and checksum, of which only
 * the version is needed. `tableName` may be schema-qualified; without a schema it is in `public`. Names are compared
 * without version and extension; a checksum counts only if it has the length of a SHA-256 in hexadecimal, since
 * of any other it is not known what it was computed from.
 */
export function numberedLedger(tableName: string): LedgerTable {
  const name = tableName.includes('.') ? tableName : `public.${tableName}`
  const table = quotedName(name)
  return {
    name,
    style: 'rows',
    keyColumn: 'version',
    createSql: [
      `CREATE TABLE IF NOT EXISTS ${table} (version bigint PRIMARY KEY, name text, applied_at timestamptz NOT NULL DEFAULT now(), checksum text)`,
    ],
    recordSql: (migration) => [
      {
        text: `INSERT INTO ${table} (version, name, checksum) VALUES ($1, $2, $3)`,
        values: [migration.ledgerKey, migration.name, migration.checksum],
      },
    ],
    forgetSql: (migration) => [{ text: `DELETE FROM ${table} WHERE version = $1`, values: [migration.ledgerKey] }],
    readSql: `SELECT * FROM ${table}`,
    parseRow: (row) => {
      requireColumns(row, ['version'], tableName)
      const written = textOf(row, 'version')
      const numbered = written === null ? undefined : (tool.parse(written) ?? tool.parse(`${written}.sql`))
      const key = numbered?.key ?? integerOf(row, 'version')
      if (key === null) throw notALedger('its version is NULL')
      const checksum =
        textOf(row, 'checksum')
          ?.toLowerCase()
          .replace(/^(?:\\x|sha256:)/, '') ?? null
      return {
        key,
        name: bareName(textOf(row, 'name'), key) ?? numberedName(numbered?.name),
        checksum: checksum !== null && /^[0-9a-f]{64}$/.test(checksum) ? checksum : null,
        appliedAt: timeOf(row, 'applied_at'),
        isDirty: false,
      }
    },
  }
}

const numberedName = (name: string | undefined): string | null => (name === undefined || name === '' ? null : name)

/** `users` out of `users`, `0042_users`, `0042_users.sql` and `0042_users.up.sql`. */
function bareName(name: string | null, key: string): string | null {
  if (name === null) return null
  const file = name.slice(name.lastIndexOf('/') + 1)
  const named = tool.parse(file) ?? tool.parse(`${file}.sql`)
  if (named !== null && named.key === key && named.name !== '') return named.name
  return file.replace(/(?:\.up)?\.sql$/, '')
}

/** Plain numbered files. The runner is the user's own, so what is assumed of it stands in docs/reference/formats.md. */
export const numbered: Format = {
  name: 'numbered',
  title: 'plain numbered files',
  ledger: null,
  detect: (listing) => topFiles(listing).find((path) => tool.parse(path)?.direction === 'up') ?? null,
  read: (listing, files) => readFlat(listing, files, tool),
  compareVersions: compareNumbers,
  nextSlot: (tree, taken, name, now) => {
    const versions = tree.migrations.map((migration) => migration.version)
    const version = nextVersion(countingOf(versions, { by: 'sequence', width: 3 }), [...versions, ...taken], now)
    const newest = tree.migrations.at(-1)
    const newestFile = newest?.up.file.slice(newest.up.file.lastIndexOf('/') + 1) ?? ''
    const dated = DATED.test(newestFile)
    const written = dated ? withDashes(version) : version
    const separator = /^[\d-]*\d-\D/.test(newestFile) ? '-' : '_'
    const words = separator === '-' ? slugOf(name).replaceAll('_', '-') : slugOf(name)
    const base = `${written}${separator}${words}`
    const up = { path: `${base}${newestFile.endsWith('.up.sql') ? '.up' : ''}.sql`, text: '' }
    const hasDowns = newest !== undefined && newest.down !== null
    return { version, files: hasDowns ? [up, { path: `${base}.down.sql`, text: '' }] : [up] }
  },
}

const withDashes = (version: string): string =>
  version.replace(/^(\d{4})(\d\d)(\d\d)(\d*)$/, (_all, year: string, month: string, day: string, rest: string) =>
    [year, month, day, rest].filter((part) => part !== '').join('-'),
  )
