import type { Client } from 'pg'
import { derive, type Derived } from '../../../src/checks/migrations-obligations/derive.ts'
import { Observations, observed } from '../../../src/gate/observation.ts'
import { differenceOf } from '../../../src/migrations/catalogue-difference.ts'
import { type Effects, effects } from '../../../src/observers/effects/kind.ts'
import { type MigrationTree, migrationTree } from '../../../src/observers/migration-tree/kind.ts'
import { pending } from '../../../src/observers/pending/kind.ts'
import { readCatalogue } from '../../../src/postgres/catalogue.ts'
import { loadGrammar } from '../../../src/sql/parse.ts'
import { migrationsOf } from '../../postgres/rehearse.ts'

/** What a release asks of rows, from the catalogues of a real server before and after it. */
export interface Release {
  readonly tree: MigrationTree
  readonly files: readonly string[]
  readonly effects: Effects
  readonly derived: Derived
}

const folder = (texts: readonly string[]): MigrationTree => ({
  format: 'numbered',
  detectedBy: 'the test',
  folder: 'migrations',
  transaction: 'per-file',
  migrations: migrationsOf(texts),
  problems: [],
})

/**
 * Applies a release to a database without rows and derives what it asks. One step a text, as a traced run has it, but
 * without events.
 */
export async function release(
  client: Client,
  texts: readonly string[],
  change: Partial<Effects> = {},
): Promise<Release> {
  await loadGrammar()
  const tree = folder(texts)
  const files = tree.migrations.map((one) => one.up.file)
  const read = async () => await readCatalogue(client, { ignoreTables: [], isClusterShared: true })
  const before = await read()
  let last = before
  const steps: Effects['steps'][number][] = []
  for (const [index, text] of texts.entries()) {
    await client.query(text)
    const next = await read()
    steps.push({ files: [files[index] ?? ''], statements: [], difference: differenceOf(last, next), rows: [] })
    last = next
  }
  const version = await client.query<{ major: number }>(
    `SELECT current_setting('server_version_num')::int / 10000 AS major`,
  )
  const seen: Effects = {
    server: { engine: 'postgres', version: '18.4', major: version.rows[0]?.major ?? 0, origin: 'embedded', place: 'x' },
    seeding: { source: 'synthetic', seed: 1, tables: [], unseeded: [] },
    before,
    difference: differenceOf(before, last),
    rows: [],
    sequences: [],
    refusals: [],
    steps,
    traceUnproven: null,
    interference: [],
    conflicts: [],
    failure: null,
    ...change,
  }
  return { tree, files, effects: seen, derived: derive(tree, files, seen) }
}

/** A release as the gate sees it. */
export const observationsOf = (one: Release): Observations =>
  new Observations([
    observed(migrationTree, 'folder migrations', one.tree),
    observed(pending, 'git', {
      basis: 'ledger',
      explanation: 'what the ledger lacks',
      baseCommit: null,
      files: one.files,
      changedBaseline: [],
    }),
    observed(effects, 'postgres', one.effects),
  ])
