import { expect, it } from 'vitest'
import type { EntryInput } from '../../src/gate/chain/chain.ts'
import { input } from '../gate/chain/entries.ts'
import { open } from '../state/ledgers.ts'
import { Project, type Ran, seaworthy } from './cli.ts'

const COMMIT = 'f00dfeedf00dfeedf00dfeedf00dfeedf00dfeed'
const emergency = input({
  kind: 'emergency',
  candidate: COMMIT,
  content: { reason: 'the court is shut', action: 'deploy', candidate: COMMIT },
})
const nameless = input({ kind: 'emergency', candidate: null, content: {} })

async function withLedger(inputs: readonly EntryInput[]): Promise<[Project, (...args: string[]) => Promise<Ran>]> {
  const project = new Project()
  const store = await open(project.at('state.db'))
  for (const one of inputs) await store.append(one)
  await store.close()
  return [project, (...args) => seaworthy(['ledger', ...args], project.root, { SEAWORTHY_STATE: 'state.db' })]
}

it('closes one emergency by hand, and tells by whom and why', async () => {
  const [project, ledger] = await withLedger([emergency, nameless])
  using _ = project
  const reason = 'rolled back at 03:20,\n Ada has looked'
  expect(await ledger('close', '1', '--reason', reason)).toMatchObject({
    code: 0,
    stdout: `emergency #1 is closed by hand, as #3 in ${project.at('state.db')}\n`,
  })
  const { stdout } = await ledger()
  expect(stdout.match(/OPEN EMERGENCY #\d/g)).toEqual(['OPEN EMERGENCY #2'])
  expect(stdout).toMatch(
    /^3 .* acceptance +f00dfeedf00d .* closes emergency #1 by hand: rolled back at 03:20, Ada has looked$/m,
  )
  expect(await ledger('close', '1', '--reason', reason)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('emergency #1 is closed already, by #3 (acceptance)'),
  })
  const second = await ledger('close', '#2', '--reason', reason, '--json')
  expect(JSON.parse(second.stdout)).toMatchObject({
    command: 'ledger close',
    exitCode: 0,
    emergency: 2,
    entry: { seq: 4 },
  })
  const listed = JSON.parse((await ledger('--json', '--kind', 'acceptance')).stdout)
  expect(listed).toMatchObject({
    emergencies: [],
    entries: [
      { candidate: null },
      { candidate: COMMIT, content: { emergency: 1, reason: 'rolled back at 03:20, Ada has looked' } },
    ],
  })
})

it('closes nothing without a reason, and nothing that is no emergency', async () => {
  const [project, ledger] = await withLedger([input({ candidate: COMMIT }), emergency])
  using _ = project
  const refused = async (words: string, ...args: string[]): Promise<void> =>
    expect(await ledger('close', ...args)).toMatchObject({ code: 2, stderr: expect.stringContaining(words) })
  await refused("required option '--reason <reason>'", '2')
  await refused('--reason needs a reason of 10 ', '2', '--reason', ' done ')
  await refused('looks like a flag', '2', '--reason', '--state-of-affairs')
  for (const no of ['two', '2e0', '0x2', '2.0', ' 2', '##2', '0', ''])
    await refused('a number, such as 3', no, '--reason', 'rolled back at 03:20')
  await refused('#1 of the ledger is no emergency', '1', '--reason', 'rolled back at 03:20')
  await refused('#9 of the ledger is no emergency', '9', '--reason', 'rolled back at 03:20')
  expect((await ledger()).stdout).toContain('OPEN EMERGENCY #2')
  expect(await ledger('close', '2', '--reason', 'rolled back at 03:20', '--state', 'none.db')).toMatchObject({
    code: 4,
  })
})
