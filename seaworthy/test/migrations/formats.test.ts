import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { fixture, kindsOf, problemOf, project, readOnly, versionsOf } from './reading.ts'

const hashOf = (name: string, text: string): string => createHash(name).update(text).digest('hex')

describe('golang-migrate', () => {
  test('a folder is read in the order of its numbers, each file one batch, downs beside their ups', async () => {
    const tree = await readOnly(fixture('golang-migrate'))
    expect(tree).toMatchObject({
      format: 'golang-migrate',
      folder: 'db/migrations',
      transaction: 'per-file',
      problems: [],
    })
    expect(tree.detectedBy).toContain('go.mod')
    expect(
      tree.migrations.map((one) => [one.version, one.ledgerKey, one.name, one.up.send, one.up.file, one.down?.file]),
    ).toEqual([
      ['9', '9', 'courts', 'batch', 'db/migrations/9_courts.up.sql', 'db/migrations/9_courts.down.sql'],
      ['10', '10', 'cases', 'batch', 'db/migrations/10_cases.up.sql', 'db/migrations/10_cases.down.sql'],
    ])
  })

  test('two files of one version are both kept, and every misplaced file is named', async () => {
    const tree = await readOnly(fixture('golang-migrate-traps'))
    expect(tree.migrations.map((one) => one.up.file)).toEqual(
      ['0001_init', '0040_new_name', '0059_a_hearings', '0059_b_fees'].map((name) => `migrations/${name}.up.sql`),
    )
    expect(tree.migrations.map((one) => one.ledgerKey)).toEqual(['1', '40', '59', '59'])
    expect(tree.migrations[2]?.down).toBeNull()
    expect(tree.migrations[3]?.down?.file).toBe('migrations/0059_b_fees.down.sql')
    expect(kindsOf(tree).toSorted()).toEqual([
      'misnamed-file migrations/0001_init.up.sql.orig',
      'misnamed-file migrations/0021_deadlines_up.sql',
      'misnamed-file migrations/0040_old_name.down.sql',
      'misnamed-file migrations/schema.sql',
      'orphan-down migrations/0030_gone.down.sql',
      'other-language migrations/0050_backfill.go',
    ])
    expect(problemOf(tree, '0021_deadlines_up.sql').hint).toBe('Rename it to 0021_deadlines.up.sql.')
    expect(problemOf(tree, '0050_backfill.go').isOpaque).toBe(true)
    expect(tree.migrations[1]?.down?.file).toBe('migrations/0040_old_name.down.sql')
  })

  test('a version that no ledger can hold is no migration', async () => {
    const tree = await readOnly(project({ 'm/1_a.up.sql': 'SELECT 1', 'm/99999999999999999999_b.up.sql': 'SELECT 1' }))
    expect(versionsOf(tree)).toEqual(['1'])
    expect(kindsOf(tree)).toEqual(['misnamed-file m/99999999999999999999_b.up.sql'])
  })
})

describe('plain numbered files', () => {
  test('each is one transaction unless its first comment lines say otherwise', async () => {
    const tree = await readOnly(fixture('numbered'))
    expect(tree.format).toBe('numbered')
    expect(
      tree.migrations.map((one) => [one.version, one.ledgerKey, one.name, one.up.send, one.down?.file ?? null]),
    ).toEqual([
      ['001', '1', 'courts', 'transaction', null],
      ['002', '2', 'courts_index', 'statements', null],
      ['003', '3', 'judges', 'transaction', 'migrations/003-judges.down.sql'],
    ])
    expect(tree.problems).toEqual([])
  })

  test('the mark counts only before the first statement', async () => {
    const tree = await readOnly(
      project({
        'migrations/1_a.sql': 'SELECT 1;\n-- seaworthy:no-transaction\n',
        'migrations/2_b.sql': '\ufeff\n  --   seaworthy:no-transaction  \r\nSELECT 1;',
        'migrations/3_c.sql': '-- not seaworthy:no-transaction\nSELECT 1;',
      }),
    )
    expect(tree.migrations.map((one) => one.up.send)).toEqual(['transaction', 'statements', 'transaction'])
  })

  test('code between the files is named and opaque, an unnumbered .sql file is never passed over', async () => {
    const tree = await readOnly(fixture('numbered-traps'))
    expect(tree.migrations.map((one) => one.name)).toEqual(['courts', 'cases', 'users'])
    expect(kindsOf(tree)).toEqual([
      'other-language migrations/002_backfill.ts',
      'other-language migrations/003_docs.py',
      'misnamed-file migrations/grants.sql',
    ])
    expect(problemOf(tree, '002_backfill.ts').message).toContain('TypeScript')
  })

  test('files that hold an up and a down half are not tried as one: they would undo themselves and pass', async () => {
    const tree = await readOnly(fixture('goose'))
    expect(tree.migrations).toEqual([])
    expect(tree.problems).toHaveLength(1)
    expect(tree.problems[0]).toMatchObject({ kind: 'bad-metadata', isOpaque: true })
    expect(tree.problems[0]?.message).toMatch(/and 1 more.*goose/)
  })

  test('names with dates, dashes, spaces or nothing are understood', async () => {
    const root = project(
      Object.fromEntries(
        ['2026-01-31_b.sql', '2026-01-31-120000_c.sql', '7 spaces.sql', '8.sql', '0009__x.up.sql', '6.down.sql'].map(
          (name) => [`migrations/${name}`, ''],
        ),
      ),
    )
    const tree = await readOnly(root, 'numbered')
    expect(tree.migrations.map((one) => [one.version, one.name])).toEqual([
      ['7', 'spaces'],
      ['8', ''],
      ['0009', 'x'],
      ['20260131', 'b'],
      ['20260131120000', 'c'],
    ])
    expect(kindsOf(tree)).toEqual(['orphan-down migrations/6.down.sql'])
  })

  test('a Supabase folder is read as numbered files even below a Cargo.toml', async () => {
    const tree = await readOnly(fixture('supabase'))
    expect(tree).toMatchObject({ format: 'numbered', folder: 'supabase/migrations', problems: [] })
    expect(versionsOf(tree)).toEqual(['20260101120000', '20260102120000'])
  })
})

describe('sqlx', () => {
  test('a file is one transaction unless it begins with the opt-out, which then is one batch', async () => {
    const tree = await readOnly(fixture('sqlx'))
    expect(tree.detectedBy).toContain('Cargo.toml')
    expect(tree.migrations.map((one) => [one.ledgerKey, one.name, one.up.send])).toEqual([
      ['20260101120000', 'create courts', 'transaction'],
      ['20260102120000', 'courts index', 'batch'],
      ['20260103120000', 'not first', 'transaction'],
    ])
    // Computed with `sha384sum` of the file.
    expect(tree.migrations[0]?.checksum).toBe(SQLX_FIRST)
    expect(tree.migrations[0]?.checksumOtherEndings).toBe(
      hashOf('sha384', 'create table courts (id bigint primary key);\r\n'),
    )
  })

  test('.up.sql files below a Cargo.toml are sqlx, not golang-migrate', async () => {
    const tree = await readOnly(fixture('sqlx-reversible'))
    expect(tree.format).toBe('sqlx')
    expect(tree.migrations[0]).toMatchObject({
      name: 'courts',
      down: { file: 'migrations/20260101120000_courts.down.sql', send: 'transaction' },
    })
  })

  test('a name that stops sqlx altogether is told apart from one that it passes over', async () => {
    const tree = await readOnly(fixture('sqlx-traps'))
    expect(tree.migrations.map((one) => [one.version, one.ledgerKey])).toEqual([
      ['1', '1'],
      ['0003', '3'],
      ['3', '3'],
    ])
    expect(problemOf(tree, 'seed_data.sql').message).toContain('stops')
    expect(problemOf(tree, 'schema.sql').message).toContain('passes over')
    expect(problemOf(tree, '2_cases.down.sql').kind).toBe('orphan-down')
  })
})

const SQLX_FIRST = '4e5398e8301e82c341989a744c51a56788995b0a170dc2237c291ccbb7bacfe54c167c6da9b1f1261c8dc48135a9de8a'

describe('diesel', () => {
  test('folders are ordered as text without dashes, and metadata.toml decides about the transaction', async () => {
    const tree = await readOnly(fixture('diesel'))
    expect(tree).toMatchObject({ format: 'diesel', folder: 'migrations', problems: [] })
    expect(tree.migrations.map((one) => [one.version, one.name, one.up.send, one.checksum])).toEqual([
      ['00000000000000', 'diesel_initial_setup', 'transaction', null],
      ['20260130000000', 'first', 'transaction', null],
      ['20260131000000', 'courts', 'transaction', null],
      ['202602010000000000', 'index', 'batch', null],
    ])
    expect(tree.migrations[3]?.down?.send).toBe('batch')
  })

  test('what makes diesel stop or change its mind is named', async () => {
    const tree = await readOnly(fixture('diesel-traps'))
    expect(tree.migrations.map((one) => [one.name, one.up.send, one.down])).toEqual([
      ['courts', 'transaction', null],
      ['broken', 'transaction', null],
      ['silent', 'batch', null],
    ])
    expect(kindsOf(tree).toSorted()).toEqual([
      'bad-metadata migrations/2026-01-02-000000_broken/metadata.toml',
      'bad-metadata migrations/2026-01-03-000000_silent/metadata.toml',
      'misnamed-file migrations/2026-01-06-000000_notes',
      'misnamed-file migrations/2026-01-07-000000_loose.sql',
      'orphan-down migrations/2026-01-04-000000_only_down/down.sql',
      'other-language migrations/2026-01-05-000000_code/up.rs',
    ])
  })
})

describe('prisma', () => {
  test('a migration is known by its whole folder name and sent as one batch', async () => {
    const tree = await readOnly(fixture('prisma'))
    expect(tree).toMatchObject({ format: 'prisma', folder: 'prisma/migrations', problems: [] })
    expect(
      tree.migrations.map((one) => [one.version, one.ledgerKey, one.name, one.up.send, one.down?.send ?? null]),
    ).toEqual([
      ['20260101120000_init', '20260101120000_init', 'init', 'batch', null],
      ['20260102120000_cases', '20260102120000_cases', 'cases', 'batch', 'batch'],
    ])
    // Computed with `sha256sum` of the file.
    expect(tree.migrations[0]?.checksum).toBe('58fb3d18e0f75816c7ed1dba14bcb446de6004b03ab88c4997b67381db9cc92d')
  })

  test('a folder without migration.sql and a loose file are named', async () => {
    const tree = await readOnly(fixture('prisma-traps'))
    expect(kindsOf(tree).toSorted()).toEqual([
      'misnamed-file prisma/migrations/20260102120000_empty',
      'misnamed-file prisma/migrations/20260103120000_loose.sql',
    ])
  })
})

describe('drizzle', () => {
  test('the journal orders, breakpoints divide, and one transaction is around everything', async () => {
    const tree = await readOnly(fixture('drizzle'))
    expect(tree).toMatchObject({ format: 'drizzle', folder: 'drizzle', transaction: 'all-pending', problems: [] })
    expect(tree.migrations.map((one) => [one.version, one.name, one.ledgerKey, one.up.send, one.down])).toEqual([
      ['0000', 'courts', '1767268800000', 'pieces', null],
      ['0001', 'users', '1767355200000', 'pieces', null],
    ])
    expect(tree.migrations[0]?.up.pieces).toEqual([
      { text: 'CREATE TABLE "courts" ("id" bigint);\n', line: 1 },
      { text: '\nCREATE TABLE "cases" (\n\t"id" bigint\n);', line: 2 },
      { text: '\nCREATE INDEX "i" ON "cases" ("id");', line: 5 },
    ])
    // Computed with `sha256sum` of the file.
    expect(tree.migrations[1]?.checksum).toBe('92ee4bcca621181ef16fa297a4a490a349d69de5d3f858e07900f8838ad8a769')
    expect(tree.migrations[1]?.checksumOtherEndings).toBeNull()
  })

  test('files and journal are compared both ways, and an entry that production would pass over is named', async () => {
    const tree = await readOnly(fixture('drizzle-traps'))
    expect(versionsOf(tree)).toEqual(['0000', '0002', '0001'])
    expect(kindsOf(tree).toSorted()).toEqual([
      'journal-order drizzle/0001_late.sql',
      'missing-from-journal drizzle/0004_unlisted.sql',
      'orphan-journal-entry drizzle/meta/_journal.json',
    ])
  })

  test('an entry that a merge left twice is one migration and one problem', async () => {
    const entry = { idx: 0, version: '7', when: 1767268800000, tag: '0000_courts', breakpoints: true }
    const tree = await readOnly(
      project({
        'drizzle/meta/_journal.json': JSON.stringify({ version: '7', dialect: 'postgresql', entries: [entry, entry] }),
        'drizzle/0000_courts.sql': 'CREATE TABLE courts (id bigint);',
      }),
    )
    expect(versionsOf(tree)).toEqual(['0000'])
    expect(tree.problems).toMatchObject([
      { kind: 'journal-order', message: expect.stringContaining('lists 0000_courts more than once') },
    ])
  })

  test('an unmerged journal leaves nothing that could pass', async () => {
    const tree = await readOnly(fixture('drizzle-broken'))
    expect(tree.migrations).toEqual([])
    expect(tree.problems).toMatchObject([{ kind: 'bad-metadata', isOpaque: true }])
    expect(tree.problems[0]?.message).toContain('merge')
  })
})

describe('problems that are many', () => {
  test('a migration in code between those of Prisma is not passed over', async () => {
    const tree = await readOnly(
      project({
        'prisma/migration_lock.toml': 'provider = "postgresql"',
        'prisma/20260101000000_a/migration.sql': 'SELECT 1;',
        'prisma/20260102000000_b/migration.ts': '',
        'prisma/20260103000000_c/README.md': '',
      }),
    )
    expect(kindsOf(tree)).toEqual([
      'other-language prisma/20260102000000_b/migration.ts',
      'misnamed-file prisma/20260103000000_c',
    ])
    expect(tree.problems[0]).toMatchObject({ isOpaque: true })
  })

  test('four of a kind are one, which names them all; three are three', async () => {
    const code = (count: number): Record<string, string> =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`migrations/00${index + 2}_x.go`, '']))
    const few = await readOnly(project({ 'migrations/001_a.sql': 'SELECT 1;', ...code(3) }))
    expect(few.problems).toHaveLength(3)
    const many = await readOnly(project({ 'migrations/001_a.sql': 'SELECT 1;', ...code(5) }))
    expect(many.problems).toHaveLength(1)
    expect(many.problems[0]).toMatchObject({
      file: 'migrations/002_x.go',
      others: ['migrations/003_x.go', 'migrations/004_x.go', 'migrations/005_x.go', 'migrations/006_x.go'],
    })
    expect(many.problems[0]?.message).toContain('4 other files')
  })
})
