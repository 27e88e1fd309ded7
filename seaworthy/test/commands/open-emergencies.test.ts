import { expect, it } from 'vitest'
import { emergenciesAt } from '../../src/commands/check/open-emergencies.ts'
import type { EntryKind } from '../../src/gate/chain.ts'
import { openState } from '../../src/state/store.ts'
import { Project } from './cli.ts'

const candidate = '1'.repeat(40)

async function entered(file: string, entries: readonly (readonly [EntryKind, object])[]): Promise<void> {
  const store = await openState(file, { isCreating: true })
  for (const [kind, content] of entries) {
    await store?.append({
      at: '2026-11-21T02:15:00.000Z',
      kind,
      actor: { user: 'ada', host: null, ci: null },
      command: 'seaworthy',
      candidate,
      content: JSON.parse(JSON.stringify(content)),
    })
  }
  await store?.close()
}

it('says nothing where there is no ledger', async () => {
  using project = new Project()
  expect(await emergenciesAt(undefined)).toEqual({})
  expect(await emergenciesAt(project.at('none/state.db'))).toEqual({})
})

it('names what is open, and nothing that a passing certificate has closed', async () => {
  using project = new Project()
  const file = project.at('state.db')
  await entered(file, [['emergency', { reason: 'login is down', action: 'deploy', candidate }]])
  expect(await emergenciesAt(file)).toEqual({
    emergencies: [
      { seq: 1, at: '2026-11-21T02:15:00.000Z', by: 'ada', action: 'deploy', candidate, reason: 'login is down' },
    ],
  })
  await entered(file, [['certificate', { verdict: 'fail' }]])
  expect((await emergenciesAt(file)).emergencies).toHaveLength(1)
  await entered(file, [['certificate', { verdict: 'pass' }]])
  expect(await emergenciesAt(file)).toEqual({ emergencies: [] })
})

it.each(['', 'no ledger at all', '\0'.repeat(5_000)])(
  'says that nobody knows where it cannot be read: %#',
  async (content) => {
    using project = new Project({ 'state.db': content })
    const told = await emergenciesAt(project.at('state.db'))
    expect(told.emergencies).toBeUndefined()
    expect(told.emergenciesUnread).toContain('state.db')
    expect((await emergenciesAt(project.at('state.db/x'))).emergencies).toBeUndefined()
    expect((await emergenciesAt(project.root)).emergenciesUnread).toContain('a folder')
  },
)
