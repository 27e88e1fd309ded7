import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { openState, restoreState, type Restored } from '../../src/state/store.ts'
import { Project } from '../commands/cli.ts'
import { input } from '../gate/chain/entries.ts'
import { ledgerWith } from './ledgers.ts'

const by = { actor: { user: 'judge', host: 'court', ci: null }, command: 'seaworthy ledger restore' }
const SIDE_FILES = ['-wal', '-shm', '-journal']

const rowsIn = async (file: string): Promise<number | undefined> => {
  const store = await openState(file, { isCreating: false })
  const report = await store?.verify([])
  await store?.close()
  return report?.isWhole === true ? report.rows : undefined
}

/** A ledger with rows in its log, as a process that was killed leaves it; a backup of it, and what is kept of the log. */
async function killed(
  project: Project,
): Promise<{ file: string; log: Buffer; restore: (isReplacing: boolean) => Promise<Restored> }> {
  const file = project.at('state.db')
  const ledger = await ledgerWith(project, 3, 'first.db')
  await ledger.store.backup(project.at('backup.db'))
  for (let row = 4; row <= 6; row += 1) await ledger.store.append(input())
  for (const end of ['', '-wal']) copyFileSync(`${ledger.file}${end}`, `${file}${end}`)
  await ledger.store.close()
  rmSync(ledger.file)
  const log = readFileSync(`${file}-wal`)
  return {
    file,
    log,
    restore: async (isReplacing) => await restoreState(file, project.at('backup.db'), { isReplacing, by }),
  }
}

describe('what SQLite had beside a ledger that is gone', () => {
  it('is not adopted by a new one, and not passed over by whoever looks for the ledger', async () => {
    for (const end of SIDE_FILES) {
      using project = new Project()
      const { file, log } = await killed(project)
      rmSync(file)
      rmSync(`${file}-wal`)
      writeFileSync(`${file}${end}`, log)
      for (const isCreating of [false, true]) {
        await expect(openState(file, { isCreating })).rejects.toMatchObject({
          code: 'state',
          message: expect.stringContaining(`there is no ledger at ${file}, but state.db${end} is there`),
          hint: expect.stringMatching(/restore FILE --replace.*move/),
        })
      }
      expect(readFileSync(`${file}${end}`)).toEqual(log)
      expect(readdirSync(project.root).toSorted()).toEqual(['backup.db', `state.db${end}`])
    }
  })

  it('is not adopted by a restored one: it is refused, or set aside when told to', async () => {
    for (const end of SIDE_FILES) {
      using project = new Project()
      const { file, log, restore } = await killed(project)
      rmSync(file)
      rmSync(`${file}-wal`)
      writeFileSync(`${file}${end}`, log)
      expect(await restore(false)).toMatchObject({ outcome: 'refused', why: expect.stringContaining(`state.db${end}`) })
      expect(existsSync(file)).toBe(false)
      const restored = await restore(true)
      expect(restored).toMatchObject({ outcome: 'restored', lost: { rows: null, emergencies: null } })
      const kept = 'kept' in restored ? (restored.kept ?? '') : ''
      expect(existsSync(kept)).toBe(true)
      expect(readFileSync(`${kept}${end}`)).toEqual(log)
      // The three of the backup, and the one that tells of the restore.
      expect(await rowsIn(file)).toBe(4)
    }
  })

  it('goes with a ledger that is empty', async () => {
    for (const end of SIDE_FILES) {
      using project = new Project()
      const { file, log, restore } = await killed(project)
      rmSync(`${file}-wal`)
      writeFileSync(file, '')
      writeFileSync(`${file}${end}`, log)
      const restored = await restore(true)
      const kept = 'kept' in restored ? (restored.kept ?? '') : ''
      expect([end, readFileSync(kept, 'utf8'), readFileSync(`${kept}${end}`)]).toEqual([end, '', log])
      expect(await rowsIn(file)).toBe(4)
    }
  })

  it('is not adopted by a backup', async () => {
    for (const end of SIDE_FILES) {
      using project = new Project({ [`backup.db${end}`]: 'rows of somebody' })
      await using ledger = await ledgerWith(project, 1)
      await expect(ledger.store.backup(project.at('backup.db'))).rejects.toMatchObject({
        code: 'usage',
        message: expect.stringContaining(`backup.db${end} is there`),
        hint: expect.stringContaining('another file'),
      })
      expect(existsSync(project.at('backup.db'))).toBe(false)
      expect(readFileSync(project.at(`backup.db${end}`), 'utf8')).toBe('rows of somebody')
    }
  })
})
