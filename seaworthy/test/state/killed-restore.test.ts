import * as fs from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { SeaworthyError } from '../../src/gate/error.ts'
import { openState, restoreState } from '../../src/state/store.ts'
import { Project } from '../commands/cli.ts'
import { input } from '../gate/chain/entries.ts'
import { ledgerWith, open } from './ledgers.ts'

/** From this change to the names in a folder on, the process does nothing any more: it was killed. */
const death = vi.hoisted(() => ({ at: Infinity, changes: 0 }))

vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>()
  const mortal = <Rest extends unknown[]>(change: (file: string, ...rest: Rest) => void, isCounted = /./) => {
    return (file: string, ...rest: Rest): void => {
      if (isCounted.test(file)) death.changes += 1
      if (death.changes >= death.at) throw new Error('killed')
      change(file, ...rest)
    }
  }
  return {
    ...real,
    linkSync: mortal(real.linkSync),
    renameSync: mortal(real.renameSync),
    // A draft that goes away is nobody's.
    rmSync: mortal(real.rmSync, /[/]state[.]db-[a-z]+$/),
  }
})

afterEach(() => void (death.at = Infinity))

const by = { actor: { user: 'judge', host: 'court', ci: null }, command: 'seaworthy ledger restore' }

/** How many rows the ledger has; or that every command refuses it. */
async function state(file: string): Promise<number | 'refused'> {
  try {
    const store = await openState(file, { isCreating: true })
    const report = await store?.verify([])
    await store?.close()
    return report?.isWhole === true ? report.rows : 'refused'
  } catch (error) {
    if (error instanceof SeaworthyError && error.code === 'state') return 'refused'
    throw error
  }
}

/** The place as one finds it when everybody else was killed as well. */
function found(file: string, folder: string): string {
  const copy = path.join(folder, 'found/state.db')
  fs.mkdirSync(path.dirname(copy))
  for (const end of ['', '-wal', '-journal']) {
    if (fs.existsSync(`${file}${end}`)) fs.copyFileSync(`${file}${end}`, `${copy}${end}`)
  }
  return copy
}

interface Place extends Disposable {
  readonly file: string
  readonly folder: string
  readonly restore: () => Promise<unknown>
}

/** A place with a ledger of five rows, or with its log alone, or with one in whose log is a trigger; and a backup of three rows. */
async function place(kind: 'ledger' | 'log' | 'trigger'): Promise<Place> {
  const project = new Project()
  const first = await ledgerWith(project, 3)
  await first.store.backup(project.at('backup.db'))
  await first.store.close()
  const { file } = first
  const ledger = await open(file)
  for (const number of [4, 5]) await ledger.append(input({ content: { number } }))
  const log = fs.readFileSync(`${file}-wal`)
  const holder = kind === 'trigger' ? new DatabaseSync(file) : null
  holder?.exec('CREATE TRIGGER swallow BEFORE INSERT ON entries BEGIN SELECT RAISE(IGNORE); END')
  await ledger.close()
  if (kind === 'log') {
    fs.unlinkSync(file)
    fs.writeFileSync(`${file}-wal`, log)
  }
  return {
    file,
    folder: project.root,
    restore: async () => await restoreState(file, project.at('backup.db'), { isReplacing: true, by }),
    [Symbol.dispose]: () => {
      holder?.close()
      project[Symbol.dispose]()
    },
  }
}

describe('a restore that is killed', () => {
  it.each([
    ['ledger', 5, 3],
    ['log', 'refused', 6],
    ['trigger', 'refused', 8],
  ] as const)(
    'where there is a %s leaves the old state or the new one, and the next goes on',
    async (kind, before, changes) => {
      for (let at = 1; at <= changes + 1; at += 1) {
        using made = await place(kind)
        const { file, folder, restore } = made
        Object.assign(death, { at, changes: 0 })
        const ended = await restore().catch(() => 'killed')
        // The last one is not killed: there are no more changes than these.
        expect([at, ended === 'killed']).toEqual([at, at <= changes])
        death.at = Infinity
        expect([at, await state(found(file, folder))]).toEqual([at, at <= changes ? before : 4])
        await restore()
        expect([at, await state(file)]).toEqual([at, 4])
        // What was there is not lost, by whatever name.
        const end = kind === 'ledger' ? '' : '-wal'
        const kept = fs
          .readdirSync(folder)
          .filter((name) => name.includes('before-restore') && name.endsWith(`Z${end}`))
        const sizes = kept.map((name) => fs.statSync(path.join(folder, name)).size)
        expect([at, Math.max(...sizes) > 4_000]).toEqual([at, true])
      }
    },
  )
})
