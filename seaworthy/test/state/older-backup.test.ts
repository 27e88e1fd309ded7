import { readdirSync, readFileSync } from 'node:fs'
import { expect, it, vi } from 'vitest'
import * as migrations from '../../src/state/migrations.ts'
import { Project } from '../commands/cli.ts'
import { ledgerWith } from './ledgers.ts'

it('a backup of an older version is brought up to date in its copy, and stays as it is itself', async () => {
  using project = new Project()
  const ledger = await ledgerWith(project, 2)
  await ledger.store.backup(project.at('backup.db'))
  await ledger.store.close()
  const before = readFileSync(project.at('backup.db'))
  // From here on this is a version with one migration more.
  vi.resetModules()
  vi.doMock('../../src/state/migrations.ts', () => {
    const later = { name: '0002_later', sql: 'CREATE TABLE later (at text);', digest: 'sha256:later' }
    const all = [...migrations.stateMigrations(), later]
    return { ...migrations, stateMigrations: () => all }
  })
  const { openState, restoreState } = await import('../../src/state/store.ts')
  const by = { actor: { user: 'judge', host: 'court', ci: null }, command: 'seaworthy ledger restore' }
  const place = project.at('new/state.db')
  const restored = await restoreState(place, project.at('backup.db'), { isReplacing: false, by })
  expect(restored).toMatchObject({ outcome: 'restored', lost: null, report: { rows: 2 } })
  expect(readFileSync(project.at('backup.db'))).toEqual(before)
  expect(readdirSync(project.root).toSorted()).toEqual(['backup.db', 'new', 'state.db'])
  const store = await openState(place, { isCreating: false })
  expect(await store?.verify([])).toMatchObject({ isWhole: true, rows: 2 })
  await store?.close()
  expect(readFileSync(place).includes('0002_later')).toBe(true)
})
