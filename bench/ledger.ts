import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type * as ChainModule from '../seaworthy/src/gate/chain/chain.ts'
import type * as StoreModule from '../seaworthy/src/state/store.ts'
import { run, Sample } from './measure.ts'
import { limitRow, type Row } from './table.ts'
import type { Workspace } from './workspace.ts'

const ROWS = 1_000_000
const APPENDS = 100

/**
 * The ledger of our own: how long an append takes until it is on the disk, and how long the whole command needs to verify a
 * million rows, their indexes included.
 */
export async function measureLedger(workspace: Workspace): Promise<Row[]> {
  const appends = await measureAppends(workspace)
  const file = await longLedger(workspace)
  const times: number[] = []
  for (let round = 0; round < Math.min(workspace.rounds, 3); round += 1) {
    times.push((await run(workspace.seaworthy('ledger', 'verify', '--state', file))).wallMs)
  }
  return [
    limitRow('an entry of the ledger appended, and on the disk', appends, 10),
    limitRow(`\`ledger verify\` of ${ROWS} rows`, new Sample(times), 20_000),
  ]
}

async function measureAppends(workspace: Workspace): Promise<Sample> {
  const store = await begun(workspace, path.join(workspace.folder, 'ledger/appended.db'))
  const times: number[] = []
  for (let number = 0; number < APPENDS; number += 1) {
    const startedAt = performance.now()
    await store.append(entry(number))
    times.push(performance.now() - startedAt)
  }
  await store.close()
  return new Sample(times)
}

/** A ledger as a million appends would make it, in one transaction: each on its own would take an hour. */
async function longLedger(workspace: Workspace): Promise<string> {
  const file = path.join(workspace.folder, 'ledger/long.db')
  await (await begun(workspace, file)).close()
  const { newEntry, rowOf }: typeof ChainModule = await import(workspace.built('gate/chain/chain'))
  using db = new DatabaseSync(file)
  const insert = db.prepare('INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)')
  db.exec('BEGIN')
  let head: ChainModule.Head | null = null
  for (let number = 0; number < ROWS; number += 1) {
    const next: ChainModule.Entry = newEntry(head, entry(number))
    const { seq, at, kind, actor, command, candidate, content, previous, digest } = rowOf(next)
    insert.run(seq, at, kind, actor, command, candidate, content, previous, digest)
    head = next
  }
  db.exec('COMMIT')
  return file
}

/** What a run enters: a verdict with its counts and the digest of its evidence. */
const entry = (number: number): ChainModule.EntryInput => ({
  at: new Date(Date.UTC(2026, 0) + number * 1000).toISOString(),
  kind: 'run',
  actor: { user: 'deploy', host: 'ci-runner-7', ci: 'https://ci.example/repository/actions/runs/4711' },
  command: 'seaworthy check --action deploy --ledger ledger.csv --evidence evidence',
  candidate: number.toString(16).padStart(40, '0'),
  content: { verdict: 'pass', action: 'deploy', errors: 0, warnings: 2, evidence: `sha256:${'0'.repeat(64)}` },
})

async function begun(workspace: Workspace, file: string): Promise<StoreModule.StateStore> {
  const { openState }: typeof StoreModule = await import(workspace.built('state/store'))
  const store = await openState(file, { isCreating: true })
  if (store === null) throw new Error(`no ledger was begun at ${file}`)
  return store
}
