import { readdirSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { restoreState, verifyState } from '../../src/state/store.ts'
import { Project, seaworthy } from '../commands/cli.ts'
import { input } from '../gate/chain/entries.ts'
import { ledgerWith, open } from './ledgers.ts'

const { signal } = new AbortController()

/** What somebody did to the file with another program, and what is said of it. */
const ATTACKS: readonly (readonly [what: string, sql: string, said: string])[] = [
  [
    'a trigger that swallows emergencies',
    "CREATE TRIGGER z BEFORE INSERT ON entries WHEN new.kind = 'emergency' BEGIN SELECT RAISE(IGNORE); END",
    'the trigger z is not of Seaworthy',
  ],
  ['a view', 'CREATE VIEW v AS SELECT 1', 'the view v is not of Seaworthy'],
  ['a name that steers a terminal', 'CREATE VIEW "v\u001b[2J\n" AS SELECT 1', 'the view v?[2J? is not of Seaworthy'],
  [
    'a table with a check that costs as much as its author likes',
    `CREATE TABLE slow (a, CHECK (${'hex('.repeat(25)}zeroblob(10)${')'.repeat(25)} <> '')); PRAGMA ignore_check_constraints = ON;
     INSERT INTO slow VALUES (1)`,
    'the table slow is not of Seaworthy',
  ],
  ['another table', 'CREATE TABLE t (a)', 'the table t is not of Seaworthy'],
  ['another index', 'CREATE INDEX i ON entries (kind)', 'the index i is not of Seaworthy'],
  ['a guard that is gone', 'DROP TRIGGER entries_are_not_changed', 'the trigger entries_are_not_changed is missing'],
  [
    'a guard that guards nothing',
    `DROP TRIGGER entries_are_not_removed;
     CREATE TRIGGER entries_are_not_removed BEFORE DELETE ON entries WHEN false BEGIN SELECT 1; END`,
    'the trigger entries_are_not_removed has another text',
  ],
  [
    'entries that are a view without an end',
    `DROP TABLE entries; CREATE VIEW entries AS
     WITH RECURSIVE n(seq) AS (VALUES (1) UNION ALL SELECT seq + 1 FROM n)
     SELECT seq, '' AS at, '' AS kind, '' AS actor, '' AS command, '' AS candidate, '' AS content, '' AS previous, '' AS digest FROM n`,
    'the view entries is not of Seaworthy',
  ],
  [
    'migrations that are a view without an end',
    `DROP TABLE state_migrations; CREATE VIEW state_migrations AS
     WITH RECURSIVE n(name) AS (VALUES (1) UNION ALL SELECT name + 1 FROM n) SELECT name, name AS digest FROM n`,
    'the view state_migrations is not of Seaworthy',
  ],
]

describe('a ledger with something in it that is not ours', () => {
  it.each(ATTACKS)('%s', async (_, sql, said) => {
    using project = new Project()
    const ledger = await ledgerWith(project, 2)
    await ledger.store.close()
    {
      using db = new DatabaseSync(ledger.file)
      db.exec(sql)
    }
    await expect(open(ledger.file)).rejects.toMatchObject({ code: 'state', message: expect.stringContaining(said) })
    const report = await verifyState(ledger.file, [], signal)
    expect(report).toMatchObject({ isWhole: false })
    expect(report?.breaks).toContainEqual(
      expect.objectContaining({ kind: 'schema', seq: 0, message: expect.stringContaining(said) }),
    )
    const before = readdirSync(project.root)
    const by = { actor: input().actor, command: 'restore' }
    const restored = await restoreState(project.at('new.db'), ledger.file, { isReplacing: true, by, signal })
    expect(restored).toMatchObject({ outcome: 'broken', report: { isWhole: false } })
    expect(readdirSync(project.root)).toEqual(before)
  })

  it('also where it came while the ledger was open: nothing is entered', async () => {
    using project = new Project()
    await using ledger = await ledgerWith(project, 1)
    {
      using db = new DatabaseSync(ledger.file)
      db.exec('CREATE TRIGGER z BEFORE INSERT ON entries BEGIN SELECT RAISE(IGNORE); END')
    }
    await expect(ledger.store.append(input())).rejects.toMatchObject({ code: 'state' })
    expect(await ledger.store.head()).toMatchObject({ seq: 1 })
  })

  it('says so on the command line: broken for verify, unproven for whoever wants to use it', async () => {
    using project = new Project()
    const ledger = await ledgerWith(project, 1)
    await ledger.store.close()
    {
      using db = new DatabaseSync(ledger.file)
      db.exec('CREATE TRIGGER z BEFORE INSERT ON entries BEGIN SELECT RAISE(IGNORE); END')
    }
    const verified = await seaworthy(['ledger', 'verify', '--state', ledger.file], project.root)
    expect([verified.code, verified.stdout]).toEqual([1, expect.stringContaining('the trigger z is not of Seaworthy')])
    const listed = await seaworthy(['ledger', '--state', ledger.file], project.root)
    expect([listed.code, listed.stderr]).toEqual([3, expect.stringContaining('another schema than Seaworthy makes')])
  })
})
