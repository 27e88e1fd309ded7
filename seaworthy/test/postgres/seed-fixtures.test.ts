import { expect, it } from 'vitest'
import { findMigrationFolders, readTree } from '../../src/migrations/detect.ts'
import type { MigrationTree } from '../../src/migrations/model.ts'
import { postgresEngine } from '../../src/postgres/engine.ts'
import { openScratchHost } from '../../src/postgres/scratch-host.ts'
import { fixture } from '../migrations/reading.ts'
import { SINGLE } from './rehearse.ts'

const PROJECTS = [
  'diesel',
  'drizzle',
  'golang-migrate',
  'numbered',
  'prisma',
  'sqlx',
  'sqlx-reversible',
  'supabase',
  'monorepo',
]

async function treesOf(project: string): Promise<MigrationTree[]> {
  const root = fixture(project)
  return await Promise.all((await findMigrationFolders(root)).map(async (found) => await readTree(root, found)))
}

/** The tables that got no rows; null where the schema cannot be applied at all. */
async function unseededOf(tree: MigrationTree): Promise<unknown> {
  const request = {
    tree,
    baseline: tree.migrations,
    pending: [],
    roles: SINGLE,
    major: null,
    serverUrl: null,
    useCache: false,
    lockTimeoutMs: 5_000,
    statementTimeoutMs: 20_000,
    signal: new AbortController().signal,
    progress: () => undefined,
  }
  const engine = postgresEngine(async (wanted) => await openScratchHost(wanted, process.cwd()), null)
  await using rehearsing = await engine.open(request)
  if (rehearsing.baseline.failure !== null) return null
  const { seeding } = await rehearsing.seed({ script: null, seed: 1 })
  return { tables: seeding.tables.length, unseeded: seeding.unseeded }
}

it.each(PROJECTS)('every table of the fixture %s gets rows', async (project) => {
  const outcomes = []
  for (const tree of await treesOf(project)) if (tree.migrations.length > 0) outcomes.push(await unseededOf(tree))
  const applied = outcomes.filter((outcome) => outcome !== null)
  expect(applied.length).toBeGreaterThan(0)
  for (const outcome of applied) expect(outcome).toEqual({ tables: expect.any(Number), unseeded: [] })
})
