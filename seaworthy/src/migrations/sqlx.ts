import { checksumsOf } from './checksums.ts'
import { type FlatTool, readFlat } from './flat.ts'
import {
  booleanOf,
  bytesOf,
  integerOf,
  notALedger,
  quotedName,
  requireColumns,
  textOf,
  timeOf,
} from './ledger-values.ts'
import type { Format, LedgerTable } from './model.ts'
import { bareNumber, compareNumbers, fitsBigint, nearestMarker, slugOf, topFiles } from './naming.ts'
import { countingOf, nextVersion } from './slots.ts'

const TABLE = 'public._sqlx_migrations'

const OPT_OUT = '-- no-transaction'

const tool: FlatTool = {
  title: 'sqlx',
  orphanDown: 'this down file has no up file: sqlx passes over it on the way up, and would run it on the way back',
  parse: (path) => {
    const underscore = path.indexOf('_')
    const version = path.slice(0, Math.max(0, underscore))
    if (!path.endsWith('.sql') || !fitsBigint(version)) return null
    const rest = path.slice(underscore + 1)
    const suffix = ['.up.sql', '.down.sql'].find((one) => rest.endsWith(one)) ?? '.sql'
    return {
      path,
      version,
      key: bareNumber(version),
      // What sqlx records as the description.
      name: rest.slice(0, -suffix.length).replaceAll('_', ' '),
      direction: suffix === '.down.sql' ? 'down' : 'up',
    }
  },
  misnamed: (path) =>
    path.includes('_') && path.endsWith('.sql')
      ? {
          message:
            'sqlx stops at this file and runs nothing at all: what stands before the first "_" must be a whole number',
          hint: 'Rename it to VERSION_description.sql, or move it out of the folder.',
        }
      : {
          message: 'sqlx passes over this file: its name is not VERSION_description.sql',
          hint: 'Rename it so that it runs, or move it out of the folder.',
        },
  send: (text) => (text.startsWith(OPT_OUT) ? 'batch' : 'transaction'),
  checksums: (text) => checksumsOf(text, 'sha384'),
  refusesHalves: true,
}

const ledger: LedgerTable = {
  name: TABLE,
  style: 'rows',
  keyColumn: 'version',
  createSql: [
    `CREATE TABLE IF NOT EXISTS ${quotedName(TABLE)} (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    installed_on TIMESTAMPTZ NOT NULL DEFAULT now(),
    success BOOLEAN NOT NULL,
    checksum BYTEA NOT NULL,
    execution_time BIGINT NOT NULL
)`,
  ],
  recordSql: (migration) => [
    {
      text: `INSERT INTO ${quotedName(TABLE)} ( version, description, success, checksum, execution_time ) VALUES ( $1, $2, TRUE, $3, -1 )`,
      values: [migration.ledgerKey, migration.name, Buffer.from(migration.checksum ?? '', 'hex')],
    },
  ],
  forgetSql: (migration) => [
    { text: `DELETE FROM ${quotedName(TABLE)} WHERE version = $1`, values: [migration.ledgerKey] },
  ],
  readSql: `SELECT version, description, installed_on, success, checksum FROM ${quotedName(TABLE)} ORDER BY version`,
  parseRow: (row) => {
    requireColumns(row, ['version', 'checksum'], '_sqlx_migrations')
    const key = integerOf(row, 'version')
    if (key === null) throw notALedger('its version is NULL')
    return {
      key,
      name: textOf(row, 'description'),
      checksum: bytesOf(row, 'checksum'),
      appliedAt: timeOf(row, 'installed_on'),
      isDirty: booleanOf(row, 'success') === false,
    }
  },
}

/** https://github.com/launchbadge/sqlx. Facts and their sources: docs/reference/formats.md. */
export const sqlx: Format = {
  name: 'sqlx',
  title: 'sqlx',
  ledger,
  detect: (listing) => {
    if (/(?:^|\/)supabase\/migrations$/.test(listing.folder)) return null
    const marker = nearestMarker(listing, ['sqlx.toml', 'Cargo.toml', 'go.mod', 'package.json', 'pyproject.toml'])
    if (marker !== 'Cargo.toml' && marker !== 'sqlx.toml') return null
    const example = topFiles(listing).find((path) => tool.parse(path)?.direction === 'up')
    return example === undefined ? null : `${example} below ${marker}`
  },
  read: (listing, files) => readFlat(listing, files, tool),
  compareVersions: compareNumbers,
  nextSlot: (tree, taken, name, now) => {
    const versions = tree.migrations.map((migration) => migration.version)
    const counting = countingOf(versions, { by: 'time', digits: 14 })
    const version = nextVersion(counting, [...versions, ...taken], now)
    const base = `${version}_${slugOf(name)}`
    const isReversible = tree.migrations.at(-1)?.up.file.endsWith('.up.sql') ?? false
    const up = {
      path: `${base}${isReversible ? '.up' : ''}.sql`,
      text: `-- Add ${isReversible ? 'up ' : ''}migration script here\n`,
    }
    const down = { path: `${base}.down.sql`, text: '-- Add down migration script here\n' }
    return { version, files: isReversible ? [up, down] : [up] }
  },
}
