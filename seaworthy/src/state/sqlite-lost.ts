import type { DatabaseSync } from 'node:sqlite'
import { SeaworthyError } from '../gate/error.ts'
import { openEmergenciesOf } from './emergencies.ts'
import { connect, type Connection, type Limits } from './sqlite-connection.ts'
import { openSqlite } from './sqlite.ts'
import { stateProblem } from './sqlite-problem.ts'
import type { Lost } from './store.ts'

/** What the ledger at `file` has and the copy of a backup lacks. What cannot be read is null, which is not the same as none. */
export async function lostBy(file: string, copy: string, limits: Limits): Promise<Pick<Lost, 'rows' | 'emergencies'>> {
  let copied: Connection | null = null
  try {
    copied = await connect(copy, limits)
    if (copied === null) return { rows: null, emergencies: null }
    const isThere = lookup(copied.db)
    return { rows: await rowsOf(file, isThere, limits), emergencies: await emergenciesOf(file, isThere, limits) }
  } catch (error) {
    if (!(stateProblem(error, file) instanceof SeaworthyError)) throw error
    return { rows: null, emergencies: null }
  } finally {
    copied?.db.close()
  }
}

type IsThere = (seq: bigint | number, digest: string) => boolean

function lookup(db: DatabaseSync): IsThere {
  const statement = db.prepare('SELECT 1 FROM entries WHERE seq = ? AND digest = ?')
  return (seq, digest) => statement.get(seq, digest) !== undefined
}

async function rowsOf(file: string, isThere: IsThere, limits: Limits): Promise<number | null> {
  const connection = await connect(file, limits)
  if (connection === null) return null
  try {
    const statement = connection.db.prepare('SELECT seq, digest FROM entries')
    statement.setReadBigInts(true)
    let rows = 0
    for (const { seq, digest } of statement.iterate()) {
      if (typeof seq !== 'bigint' || typeof digest !== 'string' || !isThere(seq, digest)) rows += 1
    }
    return rows
  } finally {
    connection.db.close()
  }
}

/** One that cannot be read leaves the number of rows as it is. */
async function emergenciesOf(file: string, isThere: IsThere, limits: Limits): Promise<Lost['emergencies']> {
  const store = await openSqlite(file, { isCreating: false, ...limits })
  if (store === null) return null
  try {
    return (await openEmergenciesOf(store)).filter(({ entry }) => !isThere(entry.seq, entry.digest))
  } catch (error) {
    if (!(error instanceof SeaworthyError)) throw error
    return null
  } finally {
    await store.close()
  }
}
