import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { findMigrationFolders } from '../../src/migrations/detect.ts'
import { fixture, project } from './reading.ts'

const foldersOf = async (...args: Parameters<typeof findMigrationFolders>): Promise<string[]> =>
  (await findMigrationFolders(...args)).map((one) => `${one.format} ${one.folder}`)

const deep = (levels: number): Record<string, string> => ({ [`${'d/'.repeat(levels - 1)}migrations/1_a.up.sql`]: '' })

describe('in a repository', () => {
  test('every folder is found once, and tests, examples, vendored code, seeds and loose files are left out', async () => {
    expect((await foldersOf(fixture('monorepo'))).toSorted()).toEqual([
      'golang-migrate services/api/migrations',
      'numbered apps/edge/migrations/sqlite',
      'prisma apps/web/prisma/migrations',
      'sqlx crates/index/migrations',
    ])
  })

  test('what the user names is looked at, wherever it lies', async () => {
    const root = fixture('monorepo')
    expect(await foldersOf(root, undefined, 'services/api/testdata/migrations')).toEqual([
      'golang-migrate services/api/testdata/migrations',
    ])
    expect(await foldersOf(root, undefined, 'examples/demo')).toEqual(['numbered examples/demo/migrations'])
    expect(await foldersOf(root, undefined, 'db/seeds')).toEqual(['numbered db/seeds'])
    expect(await foldersOf(root, undefined, 'crates/index/migrations')).toEqual(['sqlx crates/index/migrations'])
  })

  test('a root that is itself a migration folder is found', async () => {
    expect(await foldersOf(fixture('prisma/prisma/migrations'))).toEqual(['prisma .'])
    expect(await foldersOf(fixture('golang-migrate/db/migrations'))).toEqual(['golang-migrate .'])
    expect(await foldersOf(project({ '1_a.sql': '' }))).toEqual(['numbered .'])
    expect(await foldersOf(project({ '1_a.sql': '', 'db/migrations/1_a.up.sql': '' }))).toEqual([
      'golang-migrate db/migrations',
    ])
  })

  test('a folder of folders hides no history below it', async () => {
    const real = { 'migrations/001_a.up.sql': '', 'migrations/002_b.up.sql': '' }
    const journal = JSON.stringify({
      version: '7',
      dialect: 'postgresql',
      entries: [{ idx: 0, when: 1, tag: '0000_ok' }],
    })
    const found = async (decoy: Record<string, string>): Promise<string[]> =>
      (await foldersOf(project({ ...real, ...decoy }))).toSorted()
    expect(await found({ 'meta/_journal.json': journal, '0000_ok.sql': '' })).toContain('golang-migrate migrations')
    expect(
      await found({ '20260101000000_ok/migration.sql': '', 'migration_lock.toml': 'provider = "postgresql"\n' }),
    ).toContain('golang-migrate migrations')
    expect(await found({ '2026-01-01-000000_ok/up.sql': '', 'diesel.toml': '' })).toContain('golang-migrate migrations')
  })

  test('nothing is found where nothing is', async () => {
    expect(await foldersOf(project({ 'src/main.go': '', 'sql/report.sql': '', 'm/1_a.down.sql': '' }))).toEqual([])
    await expect(foldersOf(project({}), undefined, 'gone')).rejects.toMatchObject({ code: 'unreadable' })
    await expect(foldersOf(project({ file: '' }), undefined, 'file')).rejects.toMatchObject({ code: 'unreadable' })
  })

  test('what lies in a folder whose migrations are folders is its own', async () => {
    const migration = 'db/migrations/2026-01-01-000000_a'
    expect(await foldersOf(project({ [`${migration}/up.sql`]: '', [`${migration}/1_part.up.sql`]: '' }))).toEqual([
      'diesel db/migrations',
    ])
    expect(
      await foldersOf(project({ 'db/migrations/1_a.up.sql': '', 'db/migrations/reports/1_b.up.sql': '' })),
    ).toEqual(['golang-migrate db/migrations', 'golang-migrate db/migrations/reports'])
  })

  test.each([
    'test',
    'tests',
    'integration-tests',
    '__tests__',
    'e2e',
    'fixtures',
    'testdata',
    'examples',
    'db_test',
    'seeds',
    'vendor',
    'node_modules',
    '.cache',
  ])('%s is not production', async (name) => {
    expect(await foldersOf(project({ [`a/${name}/migrations/1_a.up.sql`]: '' }))).toEqual([])
  })

  test.each(['testing_grounds', 'contest', 'latest', 'attestations', 'example_app'])('%s may be', async (name) => {
    expect(await foldersOf(project({ [`a/${name}/migrations/1_a.up.sql`]: '' }))).toHaveLength(1)
  })

  test('below eight levels nobody looks', async () => {
    expect(await foldersOf(project(deep(8)))).toHaveLength(1)
    expect(await foldersOf(project(deep(9)))).toEqual([])
  })

  test('numbered files outside of a folder that speaks of migrations need to be several, and to be most of the SQL', async () => {
    const three = { 'db/sql/1_a.sql': '', 'db/sql/2_b.sql': '', 'db/sql/3_c.sql': '' }
    expect(await foldersOf(project(three))).toEqual(['numbered db/sql'])
    expect(await foldersOf(project({ 'db/sql/1_a.sql': '', 'db/sql/2_b.sql': '' }))).toEqual([])
    expect(await foldersOf(project({ ...three, 'db/sql/x.sql': '', 'db/sql/y.sql': '', 'db/sql/z.sql': '' }))).toEqual(
      [],
    )
    expect(
      await foldersOf(project({ 'db/queries/1_a.sql': '', 'db/queries/2_b.sql': '', 'db/queries/3_c.sql': '' })),
    ).toEqual([])
  })
})

describe('which tool', () => {
  test.each([
    ['golang-migrate', 'golang-migrate db/migrations'],
    ['diesel', 'diesel migrations'],
    ['sqlx-reversible', 'sqlx migrations'],
    ['prisma', 'prisma prisma/migrations'],
    ['drizzle', 'drizzle drizzle'],
    ['supabase', 'numbered supabase/migrations'],
    ['numbered', 'numbered migrations'],
  ])('%s', async (name, expected) => {
    expect(await foldersOf(fixture(name))).toEqual([expected])
  })

  test('the nearest marker decides', async () => {
    const file = 'api/migrations/20260101000000_a.up.sql'
    expect(await foldersOf(project({ 'Cargo.toml': '', 'api/go.mod': '', [file]: '' }))).toEqual([
      'golang-migrate api/migrations',
    ])
    expect(await foldersOf(project({ 'go.mod': '', 'api/Cargo.toml': '', [file]: '' }))).toEqual([
      'sqlx api/migrations',
    ])
  })

  test('folders of the coming drizzle-kit are not taken for those of Prisma', async () => {
    const folder = 'drizzle/20260101000000_a'
    expect(await foldersOf(project({ [`${folder}/migration.sql`]: '', [`${folder}/snapshot.json`]: '' }))).toEqual([])
  })

  test('--format decides over every marker, and needs none', async () => {
    expect(await foldersOf(fixture('sqlx-reversible'), 'golang-migrate')).toEqual(['golang-migrate migrations'])
    expect(await foldersOf(fixture('numbered'), 'sqlx')).toEqual(['sqlx migrations'])
    expect(await foldersOf(fixture('goose'), 'golang-migrate', 'migrations')).toEqual(['golang-migrate migrations'])
    expect(await findMigrationFolders(fixture('golang-migrate'), 'numbered')).toMatchObject([
      { detectedBy: '--format' },
    ])
    expect(await foldersOf(fixture('monorepo'), 'prisma')).toEqual(['prisma apps/web/prisma/migrations'])
  })
})

describe('which engine', () => {
  test.each([
    ['prisma', 'postgres', 'provider = "postgresql" in prisma/migrations/migration_lock.toml'],
    ['prisma-traps', 'sqlite', 'provider = "sqlite" in prisma/migrations/migration_lock.toml'],
    ['drizzle', 'postgres', '"dialect": "postgresql" in drizzle/meta/_journal.json'],
    ['drizzle-sqlite', 'sqlite', '"dialect": "sqlite" in drizzle/meta/_journal.json'],
    ['drizzle-broken', null, null],
    ['diesel', null, null],
  ])('%s: %s', async (name, engineHint, engineReason) => {
    expect(await findMigrationFolders(fixture(name))).toMatchObject([{ engineHint, engineReason }])
  })

  test('nothing is learned from a pipe, and nobody waits for it', async () => {
    const root = project({ 'prisma/migrations/20260101000000_a/migration.sql': '' })
    execFileSync('mkfifo', [`${root}/prisma/migrations/migration_lock.toml`])
    expect(await findMigrationFolders(root)).toMatchObject([{ format: 'prisma', engineHint: null }])
  })

  test('a folder named like an engine says it where nothing else does', async () => {
    const found = await findMigrationFolders(
      project({ 'db/migrations/mysql/1_a.up.sql': '', 'db/migrations/postgres/1_a.up.sql': '' }),
    )
    expect(found.map((one) => [one.folder, one.engineHint])).toEqual([
      ['db/migrations/mysql', 'mysql'],
      ['db/migrations/postgres', 'postgres'],
    ])
  })
})
