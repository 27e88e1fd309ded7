import { chmodSync, lstatSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { type Entry, GENESIS, type Json } from '../../src/gate/chain/chain.ts'
import { closedBy, emergenciesOf, openEmergenciesOf } from '../../src/state/emergencies.ts'
import { pendingOf, stateMigrations } from '../../src/state/migrations.ts'
import { openState, type StateStore } from '../../src/state/store.ts'
import type { EntryFilter } from '../../src/state/store.ts'
import { Project, seaworthy } from '../commands/cli.ts'
import { input } from '../gate/chain/entries.ts'
import { fill, ledgerWith, open } from './ledgers.ts'
import { writer } from './writers.ts'

async function numbers(store: StateStore, filter: EntryFilter): Promise<number[]> {
  const found: number[] = []
  for await (const { seq } of store.entries(filter)) found.push(seq)
  return found
}

describe('a new ledger', () => {
  it('is not there until somebody wants it', async () => {
    using project = new Project()
    expect(await openState(project.at('state/of/state.db'), { isCreating: false })).toBeNull()
    expect(readdirSync(project.root)).toEqual([])
  })

  it('is for its owner alone, and nothing else lies beside it when it is closed', async () => {
    using project = new Project()
    const file = project.at('state/of/state.db')
    const store = await open(file)
    expect(await store.head()).toBeNull()
    await store.append(input())
    for (const name of readdirSync(path.dirname(file))) {
      expect([name, statSync(path.join(path.dirname(file), name)).mode & 0o777]).toEqual([name, 0o600])
    }
    for (const folder of ['state', 'state/of']) expect(statSync(project.at(folder)).mode & 0o777).toBe(0o700)
    await store.close()
    await store.close()
    expect(readdirSync(path.dirname(file))).toEqual(['state.db'])
  })

  it('leaves the rights of a folder that is there', async () => {
    using project = new Project()
    chmodSync(project.root, 0o755)
    await using ledger = await ledgerWith(project, 1)
    expect(lstatSync(project.root).mode & 0o777).toBe(0o755)
    expect(await ledger.store.head()).toMatchObject({ seq: 1 })
  })

  it('has the migrations, and says which and what was in them', async () => {
    using project = new Project()
    await using ledger = await ledgerWith(project, 0)
    using db = new DatabaseSync(ledger.file, { readOnly: true })
    const applied = db.prepare('SELECT name, digest FROM state_migrations').all()
    expect(applied).toEqual(stateMigrations().map(({ name, digest }) => ({ name, digest })))
    expect(applied).toHaveLength(1)
    expect(db.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' })
  })
})

it('a ledger without its log gets it back', async () => {
  using project = new Project()
  const ledger = await ledgerWith(project, 1)
  await ledger.store.close()
  const modeIn = (file: string, change = ''): unknown => {
    using db = new DatabaseSync(file)
    return db.prepare(`PRAGMA journal_mode${change}`).get()?.['journal_mode']
  }
  expect(modeIn(ledger.file, ' = DELETE')).toBe('delete')
  await (await open(ledger.file)).close()
  expect(modeIn(ledger.file)).toBe('wal')
})

describe('its migrations', () => {
  it('pass our own gate as production would have them, in PostgreSQL', async () => {
    const folder = path.resolve(import.meta.dirname, '../../src/state/migrations')
    const args = ['check', folder, '--format', 'golang-migrate', '--all', '--profile', 'additive']
    const ran = await seaworthy(args, path.dirname(folder))
    expect(ran.stdout).toContain('PASS')
    expect(ran.code).toBe(0)
  })

  it('are refused where a ledger has others, and are pending where it lacks them', () => {
    const [first] = stateMigrations()
    if (first === undefined) throw new Error('no migrations')
    const second = { ...first, name: '0002_more' }
    expect(pendingOf([first, second], [first])).toEqual([second])
    expect(pendingOf([first], [first])).toEqual([])
    expect(() => pendingOf([first], [first, second])).toThrow(
      expect.objectContaining({ code: 'state', message: expect.stringContaining('newer version') }),
    )
    expect(() => pendingOf([first], [{ ...first, digest: 'sha256:0' }])).toThrow(
      expect.objectContaining({ code: 'state', message: expect.stringContaining('another migration 0001_entries') }),
    )
  })
})

describe('entries', () => {
  it('are appended in one chain and found again, whole', async () => {
    using project = new Project()
    const store = await open(project.at('state.db'))
    const content = { list: [1, null, { a: 'ü "x" \u2028 ' }], url: 'postgresql://a:b@c/d' }
    const first = await store.append(input({ content, candidate: 'abc' }))
    const second = await store.append(input({ kind: 'admission', actor: { user: null, host: null, ci: 'CI' } }))
    expect(first).toMatchObject({ seq: 1, previous: GENESIS, content: { url: 'postgresql://***@c/d' } })
    expect(second).toMatchObject({ seq: 2, previous: first.digest })
    expect(await store.head()).toEqual({ seq: 2, digest: second.digest })
    const found: Entry[] = []
    for await (const entry of store.entries({})) found.push(entry)
    expect(found).toEqual([first, second])
    expect(await store.verify([first, second])).toMatchObject({ isWhole: true, rows: 2 })
    await store.close()
  })

  it('are filtered by kind, time, candidate and number, in either order, beyond one page', async () => {
    using project = new Project()
    const store = await open(project.at('state.db'))
    const commit = 'f00dfeed'
    await store.append(input({ at: '2026-11-01T00:00:00.000Z', candidate: `${commit}01` }))
    await store.append(input({ at: '2026-11-02T00:00:00.000Z', kind: 'review', candidate: `${commit}02` }))
    await store.append(input({ at: '2026-11-03T00:00:00.000Z', kind: 'admission', candidate: `x${commit}` }))
    expect(await numbers(store, {})).toEqual([1, 2, 3])
    expect(await numbers(store, { isNewestFirst: true })).toEqual([3, 2, 1])
    expect(await numbers(store, { kinds: ['run', 'admission'] })).toEqual([1, 3])
    expect(await numbers(store, { kinds: ['emergency'] })).toEqual([])
    expect(await numbers(store, { since: '2026-11-02T00:00:00.000Z' })).toEqual([2, 3])
    expect(await numbers(store, { until: '2026-11-02T00:00:00.000Z' })).toEqual([1, 2])
    expect(await numbers(store, { candidate: commit })).toEqual([1, 2])
    expect(await numbers(store, { candidate: `${commit}02`, kinds: ['run'] })).toEqual([])
    expect(await numbers(store, { candidate: '%' })).toEqual([])
    expect(await numbers(store, { limit: 2, isNewestFirst: true })).toEqual([3, 2])
    expect(await numbers(store, { limit: 0 })).toEqual([])
    await store.close()
  })

  it('are read page by page', async () => {
    using project = new Project()
    await using ledger = await ledgerWith(project, 0)
    fill(ledger.file, 1203)
    const all = Array.from({ length: 1203 }, (_, index) => index + 1)
    expect(await numbers(ledger.store, {})).toEqual(all)
    expect(await numbers(ledger.store, { isNewestFirst: true, limit: 1001 })).toEqual(all.toReversed().slice(0, 1001))
  })

  it('name the emergencies that are open', async () => {
    using project = new Project()
    const store = await open(project.at('state.db'))
    expect(await openEmergenciesOf(store)).toEqual([])
    const folders = ['db', 'other'].map((folder) => ({ folder, digest: 'd' }))
    const emergency = (candidate: string): Promise<Entry> =>
      store.append(
        input({ kind: 'emergency', candidate, content: { reason: 'flood', action: 'deploy', candidate, folders } }),
      )
    const judged = (content: object, folder: string): Json => ({
      ...content,
      action: 'deploy',
      folders: [{ folder, digest: 'd', pending: 2, isLeftOut: false }],
    })
    const certificate = (candidate: string, verdict: string, folder = 'db'): Promise<Entry> =>
      store.append(input({ kind: 'certificate', candidate, content: judged({ verdict }, folder) }))
    await certificate('a', 'pass')
    await emergency('a')
    await emergency('b')
    await certificate('b', 'fail')
    const open1 = await openEmergenciesOf(store)
    expect(open1.map(({ candidate }) => candidate)).toEqual(['a', 'b'])
    await certificate('b', 'pass')
    expect((await openEmergenciesOf(store)).map(({ candidate }) => candidate)).toEqual(['a', 'b'])
    const last = { kind: 'certificate', candidate: 'b', content: judged({ verdict: 'pass' }, 'other') } as const
    expect(await closedBy(store, { ...last, candidate: 'a' })).toEqual([])
    expect(await closedBy(store, last)).toEqual([3])
    await store.append(input(last))
    expect((await openEmergenciesOf(store)).map(({ candidate }) => candidate)).toEqual(['a'])
    await store.append(input({ kind: 'acceptance', candidate: null, content: { emergency: 3 } }))
    await store.append(input({ kind: 'acceptance', candidate: 'a', content: { code: 'x' } }))
    expect((await openEmergenciesOf(store)).map(({ candidate }) => candidate)).toEqual(['a'])
    await store.append(input({ kind: 'acceptance', candidate: null, content: { emergency: 2 } }))
    expect(await openEmergenciesOf(store)).toEqual([])
    expect((await emergenciesOf(store)).map(({ closedBy }) => closedBy?.seq)).toEqual([9, 6])
    await store.close()
  })
})

describe('many at once', () => {
  it('one unbroken chain of all that several processes append, beginning it together', async () => {
    using project = new Project()
    const file = project.at('new/state.db')
    const writers = Array.from({ length: 4 }, () => writer(['append', file, '25']))
    for (const { done } of writers) expect(await done).toEqual({ code: 0, stderr: '' })
    const store = await open(file)
    expect(await store.verify([])).toMatchObject({ isWhole: true, rows: 100 })
    const byProcess = new Map<unknown, unknown[]>()
    for await (const { content } of store.entries({})) {
      const [process, number] = Array.isArray(content) ? content : []
      byProcess.set(process, [...(byProcess.get(process) ?? []), number])
    }
    // Nothing is lost or entered twice, and each process finds its own in its order.
    const own = Array.from({ length: 25 }, (_, index) => index + 1)
    expect([...byProcess.values()]).toEqual([own, own, own, own])
    await store.close()
    expect(readdirSync(project.at('new'))).toEqual(['state.db'])
  })

  it('one unbroken chain of appends that one process does not wait for', async () => {
    using project = new Project()
    const file = project.at('state.db')
    const [one, other] = [await open(file), await open(file)]
    const appends = Array.from({ length: 30 }, (_, index) => (index % 2 === 0 ? one : other).append(input()))
    const numbers = (await Promise.all(appends)).map(({ seq }) => seq)
    expect(new Set(numbers).size).toBe(30)
    expect(await one.verify([])).toMatchObject({ isWhole: true, rows: 30 })
    await one.close()
    await other.close()
  })
})

describe('whoever writes past us', () => {
  it('is refused by the file', async () => {
    using project = new Project()
    await using ledger = await ledgerWith(project, 2)
    using db = new DatabaseSync(ledger.file)
    expect(() => db.exec("UPDATE entries SET command = 'x'")).toThrow(/the ledger is append-only/)
    expect(() => db.exec('DELETE FROM entries')).toThrow(/the ledger is append-only/)
  })

  const unguarded = (file: string, sql: string): void => {
    using db = new DatabaseSync(file)
    db.exec(`DROP TRIGGER entries_are_not_changed; DROP TRIGGER entries_are_not_removed; ${sql}`)
  }

  it('and takes the fence away, is named by the chain', async () => {
    const cases: readonly (readonly [sql: string, kind: string, seq: number])[] = [
      ["UPDATE entries SET content = '{}' WHERE seq = 2", 'changed', 2],
      ["UPDATE entries SET content = x'00ff' WHERE seq = 2", 'unreadable', 2],
      ['UPDATE entries SET seq = 9007199254740993 WHERE seq = 4', 'unreadable', 4],
      ['DELETE FROM entries WHERE seq = 3', 'missing', 3],
      [
        'UPDATE entries SET seq = -seq; UPDATE entries SET seq = CASE seq WHEN -2 THEN 3 WHEN -3 THEN 2 ELSE -seq END',
        'reordered',
        3,
      ],
      ['UPDATE entries SET rowid = 100 WHERE seq = 2', 'reordered', 2],
      ['DELETE FROM entries WHERE seq = 4', 'cut-off', 4],
    ]
    for (const [sql, kind, seq] of cases) {
      using project = new Project()
      await using ledger = await ledgerWith(project, 4)
      const head = await ledger.store.head()
      unguarded(ledger.file, sql)
      const report = await ledger.store.verify(head === null ? [] : [head])
      const first = report.breaks.find((one) => one.kind !== 'schema')
      expect({ sql, ...report, first }).toMatchObject({ sql, isWhole: false, first: { kind, seq } })
    }
  })

  it('is not listed as if nothing were the matter', async () => {
    using project = new Project()
    await using ledger = await ledgerWith(project, 3)
    unguarded(ledger.file, "UPDATE entries SET command = 'x' WHERE seq = 2")
    await expect(numbers(ledger.store, {})).rejects.toMatchObject({
      code: 'state',
      message: expect.stringContaining('row 2 of the ledger'),
      hint: expect.stringContaining('seaworthy ledger verify'),
    })
    expect(await numbers(ledger.store, { limit: 1 })).toEqual([1])
    using db = new DatabaseSync(ledger.file)
    db.exec('UPDATE entries SET seq = 9007199254740993 WHERE seq = 3')
    const unread = { code: 'state', message: expect.stringContaining('row 9007199254740993') }
    await expect(ledger.store.head()).rejects.toMatchObject(unread)
    await expect(ledger.store.append(input())).rejects.toMatchObject(unread)
  })

  it('and hides entries from an index, is found out', async () => {
    using project = new Project()
    await using ledger = await ledgerWith(project, 3)
    await ledger.store.close()
    // The index is made anew without rows, and then said to be the one that it was.
    for (const [before, where] of [
      ['', ' WHERE candidate = 1'],
      ['REINDEX entries_candidate', ''],
    ]) {
      using db = new DatabaseSync(ledger.file, { defensive: false })
      db.exec(`${before}; PRAGMA writable_schema = ON`)
      const sql = `CREATE INDEX entries_candidate ON entries (candidate)${where}`
      db.prepare("UPDATE sqlite_schema SET sql = ? WHERE name = 'entries_candidate'").run(sql)
    }
    const store = await open(ledger.file)
    await expect(store.verify([])).rejects.toMatchObject({
      code: 'state',
      message: expect.stringMatching(/is damaged: .*index/),
    })
    await store.close()
  })
})
