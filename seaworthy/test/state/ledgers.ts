import { DatabaseSync } from 'node:sqlite'
import { rowOf } from '../../src/gate/chain/chain.ts'
import { openSqlite } from '../../src/state/sqlite.ts'
import type { StateStore } from '../../src/state/store.ts'
import type { Project } from '../commands/cli.ts'
import { chainOf, input } from '../gate/chain/entries.ts'

/** Opens a ledger, and begins it where there is none. `limits` are narrower than a user's. */
export async function open(
  file: string,
  limits: { readonly waitMs?: number; readonly mostBytes?: number } = {},
): Promise<StateStore> {
  const store = await openSqlite(file, { isCreating: true, ...limits })
  if (store === null) throw new Error('it was to be created')
  return store
}

/** A ledger with so many entries in a project; it is closed with `await using`. */
export class OwnLedger implements AsyncDisposable {
  readonly file: string
  readonly store: StateStore

  constructor(file: string, store: StateStore) {
    this.file = file
    this.store = store
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.store.close()
  }
}

export async function ledgerWith(project: Project, entries: number, name = 'state.db'): Promise<OwnLedger> {
  const file = project.at(name)
  const store = await open(file)
  for (let number = 1; number <= entries; number += 1) await store.append(input({ content: { number } }))
  return new OwnLedger(file, store)
}

/** Puts a chain of so many entries into an empty ledger, in one transaction: each on its own takes a turn of the disk. */
export function fill(file: string, entries: number): void {
  using db = new DatabaseSync(file)
  const insert = db.prepare('INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)')
  db.exec('BEGIN')
  for (const entry of chainOf(entries)) {
    const { seq, at, kind, actor, command, candidate, content, previous, digest } = rowOf(entry)
    insert.run(seq, at, kind, actor, command, candidate, content, previous, digest)
  }
  db.exec('COMMIT')
}
