import { existsSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { restoreState, type StateStore } from '../../src/state/store.ts'
import { Project } from '../commands/cli.ts'
import { input } from '../gate/chain/entries.ts'
import { ledgerWith, open } from './ledgers.ts'
import { writer } from './writers.ts'

const rowsIn = async (file: string): Promise<number> => {
  const store = await open(file)
  const { rows, isWhole } = await store.verify([])
  await store.close()
  return isWhole ? rows : -1
}

const append = async (store: StateStore, times: number): Promise<void> => {
  for (let time = 1; time <= times; time += 1) await store.append(input())
}

const by = { actor: { user: 'judge', host: 'court', ci: null }, command: 'seaworthy ledger restore' }

describe('a backup', () => {
  it('is a whole ledger of its own while others go on writing, and is verified', async () => {
    using project = new Project()
    const file = project.at('state.db')
    const busy = writer(['append', file, '40'])
    await busy.isAtWork
    const store = await open(file)
    const report = await store.backup(project.at('backup.db'))
    expect(report.isWhole).toBe(true)
    expect(await busy.done).toEqual({ code: 0, stderr: '' })
    expect(report.rows).toBeGreaterThanOrEqual(1)
    expect(await rowsIn(project.at('backup.db'))).toBe(report.rows)
    expect(await store.verify(report.head === null ? [] : [report.head])).toMatchObject({ isWhole: true, rows: 40 })
    await store.close()
    expect(statSync(project.at('backup.db')).mode & 0o777).toBe(0o600)
    expect(readdirSync(project.root).toSorted()).toEqual(['backup.db', 'state.db'])
  })

  it('is not written over anything', async () => {
    using project = new Project({ 'notes.txt': 'mine' })
    await using ledger = await ledgerWith(project, 1)
    await expect(ledger.store.backup(project.at('notes.txt'))).rejects.toMatchObject({ code: 'usage' })
    await expect(ledger.store.backup(project.root)).rejects.toMatchObject({ code: 'usage' })
    await expect(ledger.store.backup(project.at('no/such/folder.db'))).rejects.toMatchObject({ code: 'unreadable' })
    expect(readFileSync(project.at('notes.txt'), 'utf8')).toBe('mine')
  })
})

describe('a restore', () => {
  it('begins a ledger where there is none', async () => {
    using project = new Project()
    await using ledger = await ledgerWith(project, 3)
    await ledger.store.backup(project.at('backup.db'))
    const place = project.at('other/machine/state.db')
    const restored = await restoreState(place, project.at('backup.db'), { isReplacing: false, by })
    expect(restored).toMatchObject({ outcome: 'restored', kept: null, report: { rows: 3 } })
    expect(await rowsIn(place)).toBe(3)
    expect(readdirSync(project.at('other/machine'))).toEqual(['state.db'])
    expect(statSync(place).mode & 0o777).toBe(0o600)
    expect(statSync(project.at('other')).mode & 0o777).toBe(0o700)
  })

  it('refuses to take entries away, and does it when told to, keeping them', async () => {
    using project = new Project()
    const ledger = await ledgerWith(project, 3)
    await ledger.store.backup(project.at('backup.db'))
    await append(ledger.store, 2)
    await ledger.store.close()
    const refused = await restoreState(ledger.file, project.at('backup.db'), { isReplacing: false, by })
    expect(refused).toMatchObject({ outcome: 'refused', why: expect.stringContaining('longer') })
    expect(await rowsIn(ledger.file)).toBe(5)
    const restored = await restoreState(ledger.file, project.at('backup.db'), { isReplacing: true, by })
    expect(restored).toMatchObject({ outcome: 'restored', kept: expect.stringContaining('before-restore') })
    // The rows of the backup, and the one that tells of the restore.
    expect(await rowsIn(ledger.file)).toBe(4)
    const kept = 'kept' in restored ? (restored.kept ?? '') : ''
    expect(await rowsIn(kept)).toBe(5)
    // What is there now is a ledger that goes on.
    const store = await open(ledger.file)
    expect(await store.append(input())).toMatchObject({ seq: 5 })
    await store.close()
  })

  it('tells which rows and open emergencies go, and enters it with the head of what was replaced', async () => {
    using project = new Project()
    const ledger = await ledgerWith(project, 2)
    const emergency = (candidate: string) =>
      input({ kind: 'emergency', candidate, content: { reason: 'flood', action: 'deploy', candidate } })
    await ledger.store.append(emergency('a'))
    await ledger.store.backup(project.at('backup.db'))
    const gone = await ledger.store.append(emergency('b'))
    const head = await ledger.store.append(input())
    await ledger.store.close()
    const restored = await restoreState(ledger.file, project.at('backup.db'), { isReplacing: true, by })
    expect(restored).toMatchObject({
      report: { rows: 3 },
      lost: {
        head: { seq: 5 },
        rows: 2,
        emergencies: [{ candidate: 'b', entry: { seq: gone.seq } }],
        entry: { seq: 4 },
      },
    })
    const store = await open(ledger.file)
    const entered = []
    for await (const one of store.entries({ kinds: ['restore'] })) entered.push(one)
    expect(entered).toHaveLength(1)
    expect(entered[0]).toMatchObject({
      seq: 4,
      actor: by.actor,
      content: {
        backup: { seq: 3 },
        replaced: { seq: 5, digest: head.digest },
        kept: expect.stringMatching(/^state\.db\.before-restore-/),
        lostRows: 2,
        lostEmergencies: 1,
        emergencies: [{ seq: 4, candidate: 'b', reason: 'flood', action: 'deploy' }],
      },
    })
    await store.close()
    // A second ledger of another chain: all of its rows go.
    const other = await ledgerWith(project, 0, 'other.db')
    await append(other.store, 2)
    await other.store.close()
    const another = await restoreState(other.file, project.at('backup.db'), { isReplacing: true, by })
    expect(another).toMatchObject({ lost: { rows: 2, emergencies: [] } })
  })

  it('with a row that was changed says that the emergencies are not known, never that there are none', async () => {
    using project = new Project()
    const ledger = await ledgerWith(project, 1)
    await ledger.store.backup(project.at('backup.db'))
    const content = { reason: 'flood', action: 'deploy', candidate: 'a' }
    await ledger.store.append(input({ kind: 'emergency', candidate: 'a', content }))
    await append(ledger.store, 1)
    await ledger.store.close()
    const bytes = readFileSync(ledger.file)
    bytes[bytes.lastIndexOf('"flood"') + 1] = 'b'.charCodeAt(0)
    writeFileSync(ledger.file, bytes)
    const restored = await restoreState(ledger.file, project.at('backup.db'), { isReplacing: true, by })
    expect(restored).toMatchObject({ lost: { rows: 2, emergencies: null } })
  })

  it('takes no file for a backup that only says it is one, and leaves it as it is', async () => {
    using project = new Project()
    const backup = project.at('backup.db')
    const made = new DatabaseSync(backup)
    made.exec(
      'PRAGMA application_id = 0x53574c47; CREATE TABLE state_migrations (name text, digest text, applied_at text)',
    )
    made.close()
    const before = readFileSync(backup)
    const restored = await restoreState(project.at('state.db'), backup, { isReplacing: false, by })
    expect(restored).toMatchObject({ outcome: 'broken', report: { rows: 0, isWhole: false } })
    expect(readFileSync(backup)).toEqual(before)
    expect(readdirSync(project.root)).toEqual(['backup.db'])
  })

  it('refuses another chain of the same length, and takes a longer one of the same', async () => {
    using project = new Project()
    const [one, other] = [await ledgerWith(project, 2, 'one.db'), await ledgerWith(project, 0, 'other.db')]
    await append(other.store, 2)
    await other.store.backup(project.at('other-backup.db'))
    await one.store.backup(project.at('short.db'))
    await append(one.store, 4)
    await one.store.backup(project.at('long.db'))
    await one.store.close()
    await other.store.close()
    const another = await restoreState(one.file, project.at('other-backup.db'), { isReplacing: false, by })
    expect(another).toMatchObject({ outcome: 'refused' })
    const different = await restoreState(project.at('other.db'), project.at('short.db'), { isReplacing: false, by })
    expect(different).toMatchObject({ outcome: 'refused', why: expect.stringContaining('another one') })
    const longer = await restoreState(project.at('short.db'), project.at('long.db'), { isReplacing: false, by })
    expect(longer).toMatchObject({ outcome: 'restored', report: { rows: 6, isWhole: true } })
    expect(await rowsIn(project.at('short.db'))).toBe(6)
  })

  it('refuses a backup whose chain is broken, whatever it is told', async () => {
    using project = new Project()
    const ledger = await ledgerWith(project, 3)
    await ledger.store.backup(project.at('backup.db'))
    await ledger.store.close()
    const bytes = readFileSync(project.at('backup.db'))
    bytes[bytes.lastIndexOf('"number":2') + '"number":'.length] = '7'.charCodeAt(0)
    writeFileSync(project.at('backup.db'), bytes)
    for (const isReplacing of [false, true]) {
      const broken = await restoreState(ledger.file, project.at('backup.db'), { isReplacing, by })
      expect(broken).toMatchObject({ outcome: 'broken', report: { breaks: [{ kind: 'changed', seq: 2 }] } })
    }
    truncateSync(project.at('backup.db'), 9_000)
    await expect(restoreState(ledger.file, project.at('backup.db'), { isReplacing: true, by })).rejects.toMatchObject({
      code: 'state',
      message: expect.stringContaining('backup.db'),
    })
    await expect(restoreState(ledger.file, project.at('gone.db'), { isReplacing: true, by })).rejects.toMatchObject({
      code: 'unreadable',
      message: expect.stringContaining('gone.db is no backup of a ledger that can be read: there is none'),
    })
    expect(await rowsIn(ledger.file)).toBe(3)
    expect(readdirSync(project.root).toSorted()).toEqual(['backup.db', 'state.db'])
  })

  it('puts a backup in the place of a damaged ledger when told to, and keeps the damaged one', async () => {
    using project = new Project()
    const ledger = await ledgerWith(project, 3)
    await ledger.store.backup(project.at('backup.db'))
    await ledger.store.close()
    const damaged = Buffer.alloc(9_000, 'x')
    writeFileSync(ledger.file, damaged)
    const refused = await restoreState(ledger.file, project.at('backup.db'), { isReplacing: false, by })
    expect(refused).toMatchObject({ outcome: 'refused', why: expect.stringContaining('damaged') })
    expect(readFileSync(ledger.file)).toEqual(damaged)
    const restored = await restoreState(ledger.file, project.at('backup.db'), { isReplacing: true, by })
    const kept = 'kept' in restored ? (restored.kept ?? '') : ''
    expect(readFileSync(kept)).toEqual(damaged)
    expect(restored).toMatchObject({ lost: { head: null, rows: null, emergencies: null } })
    expect(await rowsIn(ledger.file)).toBe(4)
  })

  it('leaves no log of the former ledger for the next one to find', async () => {
    using project = new Project({ 'state.db': '', 'state.db-wal': 'a log' })
    await using ledger = await ledgerWith(project, 3, 'other.db')
    await ledger.store.backup(project.at('backup.db'))
    const restored = await restoreState(project.at('state.db'), project.at('backup.db'), { isReplacing: true, by })
    const kept = 'kept' in restored ? (restored.kept ?? '') : ''
    expect(readFileSync(`${kept}-wal`, 'utf8')).toBe('a log')
    expect(existsSync(project.at('state.db-wal'))).toBe(false)
    expect(await rowsIn(project.at('state.db'))).toBe(4)
  })

  it('waits for whoever has the ledger open, and changes nothing if that takes too long', async () => {
    using project = new Project()
    const ledger = await ledgerWith(project, 3)
    await ledger.store.backup(project.at('backup.db'))
    const { restoreSqlite } = await import('../../src/state/sqlite-restore.ts')
    const impatient = { isReplacing: true, by, waitMs: 50 }
    await expect(restoreSqlite(ledger.file, project.at('backup.db'), impatient)).rejects.toMatchObject({
      code: 'state',
      message: expect.stringContaining('held by another process'),
    })
    expect(await ledger.store.append(input())).toMatchObject({ seq: 4 })
    await ledger.store.close()
    expect(await rowsIn(ledger.file)).toBe(4)
    expect(readdirSync(project.root).toSorted()).toEqual(['backup.db', 'state.db'])
  })
})
