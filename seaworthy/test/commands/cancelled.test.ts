import { afterAll, beforeAll, expect, test } from 'vitest'
import { becomes, usePrivateCache } from '../postgres/private-places.ts'
import { startTricklingServer } from '../postgres/trickling-server.ts'
import { AdmissionProject } from './admission-project.ts'
import { start } from './cli.ts'

const places = usePrivateCache()
let world: AdmissionProject
beforeAll(async () => {
  world = await AdmissionProject.make()
}, 120_000)
afterAll(async () => {
  await world[Symbol.asyncDispose]()
  places.remove()
})

test('a server that keeps talking is left when the time is over, and nothing else is blamed for it', async () => {
  await using trickling = await startTricklingServer()
  const report = await world.admit({ ledgerUrl: trickling.url, timeoutMs: 2_000 })
  expect(report).toMatchObject({ verdict: 'unproven', isAdmitted: false, exitCode: 3 })
  expect([...new Set(report.findings.map(({ code }) => code))]).toEqual(['admission/precondition-not-looked-at'])
  expect(await becomes(() => trickling.connections() === 0)).toBe(true)
})

test.each([
  ['admit', 'out/e', '--key', 'out/k.pub', '--action', 'deploy', '--policy', 'out/policy.json'],
  ['check', '--only', 'migrations-ledger'],
  ['prove'],
  ['capture'],
  ['reserve'],
])('whoever cancels %s does not wait for a server that keeps talking', async (...args) => {
  await using trickling = await startTricklingServer()
  const { url } = trickling
  const places = { SEAWORTHY_LEDGER_URL: url, SEAWORTHY_CAPTURE_URL: url, SEAWORTHY_PROVE_URL: url }
  const running = start(args, world.project.root, { ...world.env, ...places })
  await trickling.asked
  const cancelledAt = performance.now()
  running.kill('SIGINT')
  expect(await running.done).toMatchObject({ code: 130, stderr: expect.stringContaining('Cancelled') })
  expect(performance.now() - cancelledAt).toBeLessThan(5_000)
})
