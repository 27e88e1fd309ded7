import { afterAll, beforeAll, expect, test } from 'vitest'
import { formatNamed } from '../../src/migrations/formats.ts'
import type { LedgerTable, MigrationTree } from '../../src/migrations/model.ts'
import { numberedLedger } from '../../src/migrations/numbered.ts'
import { type CatalogueServer, startCatalogueServer } from '../postgres/catalogue-server.ts'
import { fixture, readOnly } from './reading.ts'

let running: CatalogueServer

beforeAll(async () => {
  running = await startCatalogueServer(null)
})

afterAll(async () => {
  await running[Symbol.asyncDispose]()
})

const tableFor = (tree: MigrationTree): LedgerTable =>
  formatNamed(tree.format).ledger ?? numberedLedger('ops.applied_migrations')

test.each(['golang-migrate', 'numbered', 'sqlx', 'diesel', 'prisma', 'drizzle'])(
  '%s: a real server takes the ledger’s statements, and its rows say what was recorded, from the driver and from an export',
  async (name) => {
    const tree = await readOnly(fixture(name))
    const table = tableFor(tree)
    const client = await running.database()
    try {
      await client.query('CREATE SCHEMA ops')
      // Twice: the tool makes sure of its table at every start.
      for (const sql of [...table.createSql, ...table.createSql]) await client.query(sql)
      for (const migration of tree.migrations) {
        for (const { text, values } of table.recordSql(migration)) await client.query(text, [...values])
      }
      const keys = tree.migrations.map((migration) => migration.ledgerKey)
      const expected = table.style === 'high-water' ? keys.slice(-1) : keys
      const rows: Record<string, unknown>[] = (await client.query(table.readSql)).rows
      const read = rows.map((row) => table.parseRow(row))
      expect(read.map((row) => row?.key)).toEqual(expected)
      expect(read.every((row) => row?.isDirty === false)).toBe(true)
      const checksums = tree.migrations.map((migration) => migration.checksum)
      expect(read.map((row) => row?.checksum)).toEqual(table.style === 'high-water' ? [null] : checksums)

      const exported: { row: string }[] = (await client.query(`SELECT to_json(t)::text AS row FROM ${table.name} t`))
        .rows
      const fromJson = exported.map(({ row }) => table.parseRow(JSON.parse(row)))
      expect(fromJson.map((row) => [row?.key, row?.checksum])).toEqual(read.map((row) => [row?.key, row?.checksum]))

      const last = tree.migrations.at(-1)
      for (const { text, values } of last === undefined ? [] : table.forgetSql(last))
        await client.query(text, [...values])
      expect((await client.query(table.readSql)).rows).toHaveLength(table.style === 'high-water' ? 0 : keys.length - 1)
    } finally {
      await client.end()
    }
  },
)
