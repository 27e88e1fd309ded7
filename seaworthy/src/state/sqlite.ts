import { lstatSync } from 'node:fs'
import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import { type Entry, type EntryInput, type Head, newEntry, rowOf } from '../gate/chain/chain.ts'
import type { ChainReport } from '../gate/chain/reader.ts'
import { SeaworthyError } from '../gate/error.ts'
import { Draft, putInPlace, sweepDrafts } from './draft.ts'
import { namesOf, sideFilesOf } from './names-beside.ts'
import { type Connection, connect, copyInto, createAt, type Limits, limitsOf, patiently } from './sqlite-connection.ts'
import { isBusy, isReadOnly } from './sqlite-problem.ts'
import { COLUMNS, entryIn, newestIn, select } from './sqlite-rows.ts'
import { mustBeOurs } from './sqlite-schema.ts'
import { verifyFile } from './sqlite-verify.ts'
import { stateFile } from './state-file.ts'
import type { EntryFilter, StateStore } from './store.ts'

/** So many rows are read at a time. */
const PAGE_ROWS = 500

/** Opens the ledger in a file of SQLite; see `openState`. `limits` are for whoever tests them. */
export async function openSqlite(
  file: string,
  { isCreating, ...limits }: { isCreating: boolean } & Partial<Limits>,
): Promise<StateStore | null> {
  const within = limitsOf(limits)
  if (isCreating && stateFile(file) === null) createAt(file, within)
  const connection = await connect(file, within)
  if (connection === null) return null
  sweepDrafts(file)
  keepLog(connection.db)
  return new SqliteStore(file, connection, within)
}

/** A backup has no log, and a restore that was interrupted leaves none. Without it readers only wait, so it is not urgent. */
function keepLog(db: DatabaseSync): void {
  try {
    db.exec('PRAGMA journal_mode = WAL')
  } catch (error) {
    if (isBusy(error) || isReadOnly(error)) return
    db.close()
    throw error
  }
}

class SqliteStore implements StateStore {
  readonly #file: string
  readonly #db: DatabaseSync
  readonly #identity: Connection['identity']
  readonly #limits: Limits

  constructor(file: string, { db, identity }: Connection, limits: Limits) {
    this.#file = file
    this.#db = db
    this.#identity = identity
    this.#limits = limits
  }

  async head(): Promise<Head | null> {
    return await this.#patiently(() => newestIn(this.#db, this.#file))
  }

  async append(input: EntryInput): Promise<Entry> {
    return await this.#patiently(() => {
      this.#db.exec('BEGIN IMMEDIATE')
      try {
        this.#mustBeInPlace()
        const entry = newEntry(newestIn(this.#db, this.#file), input)
        mustBeOurs(this.#db, this.#file)
        const insert = this.#db.prepare(`INSERT INTO entries (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`)
        const { seq, at, kind, actor, command, candidate, content, previous, digest } = rowOf(entry)
        insert.run(seq, at, kind, actor, command, candidate, content, previous, digest)
        this.#mustBeThere(entry)
        this.#db.exec('COMMIT')
        return entry
      } finally {
        if (this.#db.isTransaction) this.#db.exec('ROLLBACK')
      }
    })
  }

  /** A statement that ran is no entry yet: something in the file may have swallowed or changed it. */
  #mustBeThere({ seq, digest }: Entry): void {
    const row = select(this.#db, `SELECT ${COLUMNS} FROM entries WHERE seq = ?`).get(seq)
    const head = newestIn(this.#db, this.#file)
    const isThere = row !== undefined && entryIn(row, this.#file).digest === digest
    if (isThere && head?.seq === seq && head.digest === digest) return
    throw new SeaworthyError('state', `the ledger ${this.#file} did not take entry ${seq}: it does not lie there`, {
      hint: 'Look who changed the file: seaworthy ledger verify. Nothing was written.',
    })
  }

  async *entries(filter: EntryFilter): AsyncIterable<Entry> {
    const { conditions, values } = conditionsOf(filter)
    const isNewestFirst = filter.isNewestFirst ?? false
    let left = filter.limit ?? Infinity
    let last = isNewestFirst ? Number.MAX_SAFE_INTEGER : 0
    while (left > 0) {
      const from = isNewestFirst ? 'seq < ?' : 'seq > ?'
      const rows = Math.min(left, PAGE_ROWS)
      const page = await this.#patiently(() =>
        select(
          this.#db,
          `SELECT ${COLUMNS} FROM entries WHERE ${[from, ...conditions].join(' AND ')} ORDER BY seq ${isNewestFirst ? 'DESC' : 'ASC'} LIMIT ?`,
        ).all(last, ...values, rows),
      )
      for (const raw of page) {
        const entry = entryIn(raw, this.#file)
        last = entry.seq
        yield entry
      }
      if (page.length < rows) return
      left -= page.length
    }
  }

  async verify(heads: readonly Head[], signal?: AbortSignal): Promise<ChainReport> {
    return await verifyFile(this.#file, heads, this.#limits, signal)
  }

  async backup(file: string, signal?: AbortSignal): Promise<ChainReport> {
    mustBeFree(file)
    const head = await this.head()
    using draft = new Draft(file)
    await this.#patiently(() => copyInto(draft.file, file, this.#db))
    const report = await verifyFile(draft.file, head === null ? [] : [head], this.#limits, signal)
    mustBeFree(file)
    if (!putInPlace(draft.file, file)) throw alreadyThere(file)
    return report
  }

  close(): Promise<void> {
    if (this.#db.isOpen) this.#db.close()
    return Promise.resolve()
  }

  async #patiently<T>(work: () => T): Promise<T> {
    return await patiently(this.#file, this.#limits, work)
  }

  /** What is written to a file that no longer lies there would be lost. */
  #mustBeInPlace(): void {
    const now = lstatSync(this.#file, { throwIfNoEntry: false })
    if (now?.ino !== this.#identity.ino || now.dev !== this.#identity.dev) throw replaced(this.#file)
  }
}

const replaced = (file: string): SeaworthyError =>
  new SeaworthyError('state', `the ledger ${file} was moved or replaced while it was open`, {
    hint: 'Run the command again. Nothing was written.',
  })

/** What lies beside would be read as a part of the backup, which then is not the one that was verified. */
function mustBeFree(file: string): void {
  if (lstatSync(file, { throwIfNoEntry: false }) !== undefined) throw alreadyThere(file)
  const left = sideFilesOf(file)
  if (left.length === 0) return
  throw new SeaworthyError(
    'usage',
    `${namesOf(file, left)} already, and SQLite would read it with the backup ${file}`,
    {
      hint: 'Name another file, or move away what is there.',
    },
  )
}

const alreadyThere = (file: string): SeaworthyError =>
  new SeaworthyError('usage', `${file} is there already, so no backup is written over it`, {
    hint: 'Name a file that is not there yet.',
  })

function conditionsOf({ kinds, since, until, candidate }: EntryFilter): {
  conditions: string[]
  values: SQLInputValue[]
} {
  const parts: (readonly [string, readonly SQLInputValue[]])[] = []
  if (kinds !== undefined) parts.push([`kind IN (${kinds.map(() => '?').join(', ')})`, kinds])
  if (since !== undefined) parts.push(['at >= ?', [since]])
  if (until !== undefined) parts.push(['at <= ?', [until]])
  if (candidate !== undefined) parts.push(['substr(candidate, 1, length(?)) = ?', [candidate, candidate]])
  return { conditions: parts.map(([sql]) => sql), values: parts.flatMap(([, values]) => values) }
}
