import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { SeaworthyError } from '../../src/gate/error.ts'
import { openSqlite } from '../../src/state/sqlite.ts'
import { openState } from '../../src/state/store.ts'
import { Project } from '../commands/cli.ts'
import { input } from '../gate/chain/entries.ts'
import { fill, ledgerWith, open } from './ledgers.ts'
import { asOrdinaryUser, writer } from './writers.ts'

/** What opening says, for reading and for beginning one alike. */
async function complaint(file: string): Promise<unknown> {
  const errors = []
  for (const isCreating of [false, true]) {
    errors.push(
      await openState(file, { isCreating }).then(
        () => null,
        (error: unknown) => error,
      ),
    )
  }
  expect(String(errors[0])).toBe(String(errors[1]))
  return errors[0]
}

const said = (code: string, message: string | RegExp, hint = ''): unknown =>
  expect.objectContaining({
    code,
    message: typeof message === 'string' ? expect.stringContaining(message) : expect.stringMatching(message),
    hint: expect.stringContaining(hint),
  })

describe('what is no ledger is left alone', () => {
  it('a symbolic link, a folder, a pipe', async () => {
    using project = new Project()
    await (await open(project.at('other.db'))).close()
    symlinkSync(project.at('other.db'), project.at('link.db'))
    symlinkSync(project.at('nowhere.db'), project.at('dangling.db'))
    mkdirSync(project.at('folder.db'))
    execFileSync('mkfifo', [project.at('pipe.db')])
    expect(await complaint(project.at('link.db'))).toEqual(said('unreadable', /symbolic link to .*other\.db/))
    expect(await complaint(project.at('dangling.db'))).toEqual(said('unreadable', 'symbolic link'))
    expect(await complaint(project.at('folder.db'))).toEqual(said('unreadable', 'is a folder', '--state'))
    expect(await complaint(project.at('pipe.db'))).toEqual(said('unreadable', 'is no plain file'))
    expect(await complaint(project.at('other.db/state.db'))).toMatchObject({ code: 'unreadable' })
    expect(readdirSync(project.root)).not.toContain('nowhere.db')
  })

  it('a pipe, a link, a folder where SQLite looks for its own files', async () => {
    using project = new Project()
    const ledger = await ledgerWith(project, 1)
    await ledger.store.close()
    for (const end of ['-journal', '-wal', '-shm']) {
      const side = `${ledger.file}${end}`
      rmSync(side, { force: true })
      execFileSync('mkfifo', [side])
      expect(await complaint(ledger.file)).toEqual(said('unreadable', `${side} beside the ledger is no plain file`))
      rmSync(side)
      symlinkSync('/dev/zero', side)
      expect(await complaint(ledger.file)).toEqual(said('unreadable', 'is a symbolic link', 'remove it'))
      rmSync(side)
      mkdirSync(side)
      expect(await complaint(ledger.file)).toEqual(said('unreadable', 'is no plain file'))
      rmSync(side, { recursive: true })
    }
    expect(await complaint(ledger.file)).toBeNull()
  })

  it.runIf(process.geteuid?.() === 0)('a log that another user has put beside it', async () => {
    using project = new Project()
    const ledger = await ledgerWith(project, 1)
    await ledger.store.close()
    writeFileSync(`${ledger.file}-journal`, 'rows of somebody')
    chownSync(`${ledger.file}-journal`, 65_534, 65_534)
    expect(await complaint(ledger.file)).toEqual(said('unreadable', "is another user's"))
  })

  it('a folder that takes no other, a device, a place below a file', async () => {
    using project = new Project({ file: 'text' })
    // mkdir's own `recursive` never comes back from the first.
    for (const place of ['/proc/x/state.db', '/proc/self/x/y/state.db', '/sys/x/state.db'])
      await expect(openState(place, { isCreating: true })).rejects.toEqual(said('unreadable', place, '--state'))
    await expect(openState('/dev/full', { isCreating: true })).rejects.toEqual(said('unreadable', 'no plain file'))
    for (const place of ['/dev/full/state.db', project.at('file/state.db'), project.at('file/sub/state.db')])
      await expect(openState(place, { isCreating: true })).rejects.toEqual(said('unreadable', 'is no folder'))
  })

  it('an empty file, a text, random bytes, another program’s database', async () => {
    using project = new Project({ 'empty.db': '', 'text.db': 'dear judge,\n'.repeat(900) })
    writeFileSync(project.at('random.db'), crypto.getRandomValues(new Uint8Array(20_000)))
    using other = new DatabaseSync(project.at('other.db'))
    other.exec('CREATE TABLE entries (seq bigint, digest text); INSERT INTO entries VALUES (7, 8)')
    const before = ['empty.db', 'text.db', 'random.db', 'other.db'].map((name) => readFileSync(project.at(name)))
    expect(await complaint(project.at('empty.db'))).toEqual(said('state', 'is empty', 'restore'))
    expect(await complaint(project.at('text.db'))).toEqual(said('state', 'is no ledger, or is damaged', 'restore'))
    expect(await complaint(project.at('random.db'))).toEqual(said('state', 'is no ledger, or is damaged'))
    expect(await complaint(project.at('other.db'))).toEqual(said('unreadable', 'database of another program'))
    const after = ['empty.db', 'text.db', 'random.db', 'other.db'].map((name) => readFileSync(project.at(name)))
    expect(after).toEqual(before)
  })

  it('a ledger of a newer version', async () => {
    using project = new Project()
    await using ledger = await ledgerWith(project, 2)
    using db = new DatabaseSync(ledger.file)
    db.exec("INSERT INTO state_migrations VALUES ('0002_later', 'sha256:0', '2027-01-01T00:00:00.000Z')")
    expect(await complaint(ledger.file)).toEqual(
      said('state', /newer version of Seaworthy: .*0002_later/, 'that version'),
    )
    db.exec("DELETE FROM state_migrations WHERE name = '0002_later'; UPDATE state_migrations SET digest = 'x'")
    expect(await complaint(ledger.file)).toEqual(said('state', 'another migration 0001_entries'))
  })
})

/** What the whole of a ledger turns out to be. */
async function found(file: string): Promise<string> {
  try {
    const store = await openState(file, { isCreating: true })
    const report = await store?.verify([])
    await store?.close()
    return report?.isWhole === false ? 'broken' : 'whole'
  } catch (error) {
    if (error instanceof SeaworthyError && error.code === 'state' && error.message.includes(file)) return 'damaged'
    return String(error)
  }
}

describe('a damaged ledger', () => {
  it('cut off in the middle of the file, or with pages of random bytes, is never read as if it were whole', async () => {
    using project = new Project()
    const whole = project.at('whole.db')
    await (await open(whole)).close()
    fill(whole, 400)
    const bytes = readFileSync(whole)
    const damages: readonly ((file: string) => void)[] = [
      (file) => truncateSync(file, Math.floor(bytes.length / 2)),
      (file) => truncateSync(file, 5_000),
      (file) => truncateSync(file, 50),
      ...[1, 3, 9].map((page) => (file: string) => {
        const broken = Buffer.from(bytes)
        crypto.getRandomValues(broken.subarray(page * 4096, (page + 1) * 4096))
        writeFileSync(file, broken)
      }),
    ]
    for (const [index, damage] of damages.entries()) {
      const file = project.at(`damaged-${index}.db`)
      copyFileSync(whole, file)
      damage(file)
      expect([index, await found(file)]).toEqual([index, expect.stringMatching(/^(damaged|broken)$/)])
    }
  })

  it('a single byte of an entry is enough', async () => {
    using project = new Project()
    const ledger = await ledgerWith(project, 3)
    await ledger.store.close()
    const bytes = readFileSync(ledger.file)
    const at = bytes.lastIndexOf('"number":2')
    expect(at).toBeGreaterThan(0)
    bytes[at + '"number":'.length] = '7'.charCodeAt(0)
    writeFileSync(ledger.file, bytes)
    const store = await open(ledger.file)
    expect(await store.verify([])).toMatchObject({ isWhole: false, breaks: [{ kind: 'changed', seq: 2 }] })
    await store.close()
  })
})

describe('a ledger that cannot take more', () => {
  it('at its limit says so, keeps what it has, and goes on when there is room', async () => {
    using project = new Project()
    const file = project.at('state.db')
    const begun = openSqlite(file, { isCreating: true, mostBytes: 8_192 })
    await expect(begun).rejects.toThrow(`the ledger ${file} is full`)
    const small = await open(file, { mostBytes: 60_000 })
    const content = 'x'.repeat(5_000)
    let entered = 0
    const full = await (async () => {
      for (; entered < 100; entered += 1) await small.append(input({ content }))
      return null
    })().catch((error: unknown) => error)
    expect(full).toEqual(said('state', /is full .*SQLite/, 'Make room'))
    expect(entered).toBeGreaterThan(3)
    expect(await small.verify([])).toMatchObject({ isWhole: true, rows: entered })
    await small.close()
    const store = await open(file)
    expect(await store.append(input({ content }))).toMatchObject({ seq: entered + 1 })
    expect(await store.verify([])).toMatchObject({ isWhole: true, rows: entered + 1 })
    await store.close()
  })

  it('on a disk that refuses to write, in a process of its own', async () => {
    using project = new Project()
    const file = project.at('state.db')
    await (await open(file)).close()
    // The system's own limit: no file of that process may grow beyond 200 kB.
    const limited = writer(['append', file, '400'], ['sh', '-c', 'ulimit -f 400; exec "$@"', 'sh'])
    const { code, stderr } = await limited.done
    expect(code).not.toBe(0)
    expect(stderr).toMatch(/is full|the disk refused/)
    const store = await open(file)
    const { rows, isWhole } = await store.verify([])
    expect({ isWhole, hasRows: rows > 10 }).toEqual({ isWhole: true, hasRows: true })
    expect(await store.append(input())).toMatchObject({ seq: rows + 1 })
    await store.close()
  })
})

describe('a ledger that may not be written to', () => {
  it('is read, and refuses to append', async () => {
    using project = new Project()
    chmodSync(project.root, 0o755)
    mkdirSync(project.at('ledger'))
    const ledger = await ledgerWith(project, 2, 'ledger/state.db')
    await ledger.store.close()
    chmodSync(ledger.file, 0o444)
    chmodSync(project.at('ledger'), 0o555)
    await asOrdinaryUser(async () => {
      const store = await openSqlite(ledger.file, { isCreating: true, waitMs: 100 })
      expect(await store?.verify([])).toMatchObject({ isWhole: true, rows: 2 })
      await expect(store?.append(input())).rejects.toEqual(said('state', 'may not be written to', 'rights'))
      await store?.close()
      await expect(openState(project.at('ledger/new.db'), { isCreating: true })).rejects.toEqual(
        said('unreadable', 'this user may not', '--state'),
      )
    })
    chmodSync(project.at('ledger'), 0o755)
    expect(readdirSync(project.at('ledger'))).toEqual(['state.db'])
  })

  it('is not read without the log beside it, in which entries would be missed', async () => {
    using project = new Project()
    chmodSync(project.root, 0o755)
    mkdirSync(project.at('copy'))
    await using ledger = await ledgerWith(project, 3)
    for (const end of ['', '-wal']) copyFileSync(`${ledger.file}${end}`, project.at(`copy/state.db${end}`))
    for (const end of ['', '-wal']) chmodSync(project.at(`copy/state.db${end}`), 0o444)
    chmodSync(project.at('copy'), 0o555)
    await asOrdinaryUser(async () => {
      await expect(openState(project.at('copy/state.db'), { isCreating: false })).rejects.toMatchObject({
        code: 'state',
      })
    })
    chmodSync(project.at('copy'), 0o755)
    const store = await open(project.at('copy/state.db'))
    expect(await store.verify([])).toMatchObject({ rows: 3 })
    await store.close()
  })

  it('and not read at all, is no empty one', async () => {
    using project = new Project()
    chmodSync(project.root, 0o755)
    const ledger = await ledgerWith(project, 1)
    await ledger.store.close()
    chmodSync(ledger.file, 0o000)
    await asOrdinaryUser(async () => {
      expect(await complaint(ledger.file)).toEqual(said('state', 'cannot be opened', 'rights'))
    })
  })
})

describe('a ledger that another process holds', () => {
  it('is waited for, then told; nothing is lost', async () => {
    using project = new Project()
    await using ledger = await ledgerWith(project, 1)
    const holder = writer(['hold', ledger.file])
    await holder.isAtWork
    const impatient = await open(ledger.file, { waitMs: 50 })
    await expect(impatient.append(input())).rejects.toEqual(said('state', 'is held by another process', 'Wait'))
    expect(await impatient.verify([])).toMatchObject({ isWhole: true, rows: 1 })
    const waiting = ledger.store.append(input())
    holder.end()
    expect(await waiting).toMatchObject({ seq: 2 })
    expect(await holder.done).toMatchObject({ code: 0 })
    expect(await impatient.append(input())).toMatchObject({ seq: 3 })
    await impatient.close()
  })

  it('is no longer waited for when the command is cancelled', async () => {
    using project = new Project()
    const ledger = await ledgerWith(project, 1)
    await ledger.store.close()
    const cancel = new AbortController()
    const store = await openSqlite(ledger.file, { isCreating: false, signal: cancel.signal })
    using holder = new DatabaseSync(ledger.file)
    holder.exec('BEGIN IMMEDIATE')
    const waiting = store?.append(input())
    cancel.abort(new Error('ctrl-C'))
    await expect(waiting).rejects.toThrow('ctrl-C')
    await store?.close()
  })

  it('and that was killed in the middle of its transaction, is free at once and whole', async () => {
    using project = new Project()
    const ledger = await ledgerWith(project, 2)
    await ledger.store.close()
    const holder = writer(['hold', ledger.file])
    await holder.isAtWork
    holder.kill('SIGKILL')
    await holder.done
    const store = await open(ledger.file, { waitMs: 0 })
    expect(await store.append(input())).toMatchObject({ seq: 3 })
    expect(await store.verify([])).toMatchObject({ isWhole: true, rows: 3 })
    await store.close()
  })

  it('and that is killed while it appends, keeps what was entered', async () => {
    using project = new Project()
    const file = project.at('state.db')
    for (let round = 1; round <= 3; round += 1) {
      const busy = writer(['append', file, '100000'])
      await busy.isAtWork
      busy.kill('SIGKILL')
      expect(await busy.done).toMatchObject({ code: null })
    }
    const store = await open(file, { waitMs: 0 })
    const { isWhole, rows } = await store.verify([])
    expect(isWhole).toBe(true)
    expect(rows).toBeGreaterThanOrEqual(3)
    expect(await store.append(input())).toMatchObject({ seq: rows + 1 })
    await store.close()
  })
})

describe('a draft of a command that was killed', () => {
  it('is swept by the next one; that of a command that runs, or of another machine, stays', async () => {
    using project = new Project()
    const ledger = await ledgerWith(project, 1)
    await ledger.store.close()
    const gone = spawnSync(process.execPath, ['-e', '']).pid
    const uuid = crypto.randomUUID()
    const here = createHash('sha256').update(hostname()).digest('hex').slice(0, 8)
    const there = here === '00000000' ? '11111111' : '00000000'
    const draft = (host: string, pid: number, end = ''): string => `.state.db.${host}-${pid}-${uuid}${end}`
    const kept = [draft(here, process.pid), draft(there, gone), `.other.db.${here}-${gone}-${uuid}`, '.state.db.notes']
    const swept = ['', '-wal', '-shm', '-journal'].map((end) => draft(here, gone, end))
    for (const name of [...kept, ...swept]) writeFileSync(project.at(name), 'x')
    await (await open(ledger.file)).close()
    expect(readdirSync(project.root).toSorted()).toEqual([...kept, 'state.db'].toSorted())
  })
})

describe('a ledger that is taken away while it is open', () => {
  it('is not written to any more: the entry would be lost', async () => {
    using project = new Project()
    await using ledger = await ledgerWith(project, 1)
    renameSync(ledger.file, project.at('moved.db'))
    await expect(ledger.store.append(input())).rejects.toEqual(said('state', 'moved or replaced', 'again'))
    await expect(ledger.store.verify([])).rejects.toMatchObject({ code: 'state' })
    rmSync(`${ledger.file}-wal`)
    rmSync(`${ledger.file}-shm`)
    await (await open(ledger.file)).close()
    await expect(ledger.store.append(input())).rejects.toEqual(said('state', 'moved or replaced', 'again'))
  })
})
