import { linkSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { openState, restoreState } from '../../src/state/store.ts'
import { Project } from '../commands/cli.ts'
import { input } from '../gate/chain/entries.ts'
import { ledgerWith, open } from './ledgers.ts'

const by = { actor: { user: 'judge', host: 'court', ci: null }, command: 'seaworthy ledger restore' }
const refused = {
  code: 'unreadable',
  message: expect.stringContaining('has 2 names (hard links)'),
  hint: expect.stringMatching(/find \/ -samefile .*-wal.*remove/),
}

const rowsIn = async (file: string): Promise<number | undefined> => {
  const store = await openState(file, { isCreating: false })
  const report = await store?.verify([])
  await store?.close()
  return report?.isWhole === true ? report.rows : undefined
}

describe('a ledger with two names would have two logs', () => {
  it('so it is refused by both, for reading, writing and restoring, until one is left', async () => {
    using project = new Project()
    await using ledger = await ledgerWith(project, 2)
    await ledger.store.backup(project.at('backup.db'))
    mkdirSync(project.at('elsewhere'))
    const other = project.at('elsewhere/other.db')
    linkSync(ledger.file, other)
    for (const file of [ledger.file, other]) {
      for (const isCreating of [false, true]) {
        await expect(openState(file, { isCreating })).rejects.toMatchObject(refused)
      }
      await expect(restoreState(file, project.at('backup.db'), { isReplacing: true, by })).rejects.toMatchObject(
        refused,
      )
      await expect(restoreState(project.at('new.db'), file, { isReplacing: true, by })).rejects.toMatchObject({
        ...refused,
        hint: expect.stringContaining('cp'),
      })
    }
    expect(readdirSync(project.at('elsewhere'))).toEqual(['other.db'])
    // What is entered is entered under the first name, whose log has it.
    rmSync(other)
    expect(await ledger.store.append(input())).toMatchObject({ seq: 3 })
    expect(await rowsIn(ledger.file)).toBe(3)
  })

  it('but not for a name that a killed process of ours has left, on whatever machine', async () => {
    using project = new Project()
    const ledger = await ledgerWith(project, 2)
    await ledger.store.close()
    const left = [
      project.at(`.state.db.00000000-1-${crypto.randomUUID()}`),
      project.at('state.db.before-restore-20261121T101112131Z'),
    ]
    for (const name of left) linkSync(ledger.file, name)
    expect(statSync(ledger.file).nlink).toBe(3)
    expect(await rowsIn(ledger.file)).toBe(2)
    const store = await open(ledger.file)
    expect(await store.append(input())).toMatchObject({ seq: 3 })
    await store.close()
    // Nobody goes on under the other name, and one more that is not ours counts.
    await expect(openState(left[1] ?? '', { isCreating: false })).rejects.toMatchObject({
      message: expect.stringContaining('has 3 names'),
    })
    linkSync(ledger.file, project.at('state.db.before-restore-mine'))
    await expect(openState(ledger.file, { isCreating: false })).rejects.toMatchObject({ code: 'unreadable' })
    rmSync(project.at('state.db.before-restore-mine'))
    // A name of ours that is another file is none of its names.
    rmSync(left[1] ?? '')
    linkSync(ledger.file, project.at('strange.db'))
    await (await ledgerWith(project, 1, 'state.db.before-restore-20261121T101112131Z')).store.close()
    await expect(openState(ledger.file, { isCreating: false })).rejects.toMatchObject({ code: 'unreadable' })
  })
})
