import { expect, it } from 'vitest'
import { emergenciesAt, reportedHere } from '../../src/commands/open-emergencies.ts'
import { newEntry } from '../../src/gate/chain/chain.ts'
import type { Emergency } from '../../src/gate/chain/emergency.ts'
import { SeaworthyError } from '../../src/gate/error.ts'
import type { ReportEmergency } from '../../src/reports/run-report.ts'
import { input } from '../gate/chain/entries.ts'
import { candidate, entered } from './entered.ts'
import { Project } from './cli.ts'

it('says nothing where there is no ledger', async () => {
  using project = new Project()
  expect(await emergenciesAt(undefined, null)).toEqual({})
  expect(await emergenciesAt(project.at('none/state.db'), null)).toEqual({})
})

it.each(['-wal', '-shm', '-journal'])('does not take a ledger that is gone, but left its %s, for none', async (end) => {
  using project = new Project({ [`state.db${end}`]: 'rows' })
  const told = await emergenciesAt(project.at('state.db'), null)
  expect(told.emergencies).toBeUndefined()
  expect(told.emergenciesUnread).toContain(`state.db${end} is there`)
})

it('names what is open, and nothing that a passing certificate has closed', async () => {
  using project = new Project()
  const file = project.at('state.db')
  const past = { folder: 'db', digest: 'sha256:1' }
  const pass = (folder: string, pending: number): object => ({
    verdict: 'pass',
    action: 'deploy',
    pending,
    folders: [{ ...past, folder, pending, isLeftOut: false }],
  })
  await entered(file, [['emergency', { reason: 'login is down', action: 'deploy', candidate, folders: [past] }]])
  expect(await emergenciesAt(file, null)).toEqual({
    emergencies: [
      { seq: 1, at: '2026-11-21T02:15:00.000Z', by: 'ada', action: 'deploy', candidate, reason: 'login is down' },
    ],
  })
  await entered(file, [['certificate', { verdict: 'fail' }]])
  expect((await emergenciesAt(file, null)).emergencies).toHaveLength(1)
  await entered(file, [['certificate', pass('db', 0)]])
  expect((await emergenciesAt(file, null)).emergencies).toHaveLength(1)
  await entered(file, [['certificate', { verdict: 'pass', action: 'deploy', pending: 1 }]])
  expect((await emergenciesAt(file, null)).emergencies).toHaveLength(1)
  await entered(file, [['certificate', pass('other', 1)]])
  expect((await emergenciesAt(file, null)).emergencies).toHaveLength(1)
  await entered(file, [['certificate', pass('db', 1)]])
  expect(await emergenciesAt(file, null)).toEqual({ emergencies: [] })
})

it('marks those of commits that the repository does not have, and no other', async () => {
  const [here, gone, digest] = ['1'.repeat(40), '2'.repeat(40), `sha256:${'3'.repeat(64)}`]
  const open = (named: string | null, seq: number): Emergency => ({
    entry: { ...newEntry(null, input({ kind: 'emergency' })), seq },
    reason: 'r',
    action: 'deploy',
    candidate: named,
    folders: null,
    judged: [],
  })
  const all = [open(here, 1), open(gone, 2), open(digest, 3), open(null, 4)]
  const asked: (readonly string[])[] = []
  const folderIds = async (commits: readonly string[]): Promise<(string | null)[]> => {
    asked.push(commits)
    return commits.map((one) => (one === here ? '4'.repeat(40) : null))
  }
  const elsewhere = (reported: readonly ReportEmergency[]): number[] =>
    reported.filter(({ isElsewhere }) => isElsewhere === true).map(({ seq }) => seq)
  expect(elsewhere(await reportedHere(all, { folderIds }))).toEqual([2])
  expect(asked).toEqual([[here, gone]])
  expect(elsewhere(await reportedHere(all, null))).toEqual([])
  const broken = async (): Promise<never> => await Promise.reject(new SeaworthyError('git', 'git is not there'))
  expect(elsewhere(await reportedHere(all, { folderIds: broken }))).toEqual([])
  const bug = async (): Promise<never> => await Promise.reject(new Error('a bug'))
  await expect(reportedHere(all, { folderIds: bug })).rejects.toThrow('a bug')
})

it.each(['', 'no ledger at all', '\0'.repeat(5_000)])(
  'says that nobody knows where it cannot be read: %#',
  async (content) => {
    using project = new Project({ 'state.db': content })
    const told = await emergenciesAt(project.at('state.db'), null)
    expect(told.emergencies).toBeUndefined()
    expect(told.emergenciesUnread).toContain('state.db')
    expect((await emergenciesAt(project.at('state.db/x'), null)).emergencies).toBeUndefined()
    expect((await emergenciesAt(project.root, null)).emergenciesUnread).toContain('a folder')
  },
)
