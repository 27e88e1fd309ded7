import { setTimeout as wait } from 'node:timers/promises'
import { expect, it, test } from 'vitest'
import type { AdmitReport } from '../../src/commands/admit/admit.ts'
import { emergencyReason } from '../../src/commands/admit/emergency.ts'
import { admitText } from '../../src/commands/admit/output.ts'
import { TimeLimit } from '../../src/commands/admit/time-limit.ts'
import { warn } from '../../src/gate/finding.ts'
import { displayWidth } from '../../src/reports/plain-text.ts'

const LONG = 'production has moved on and everything that was said of it is to be asked again '.repeat(5).trim()
const emergency = { seq: 3, at: '2026-11-21T02:15:00.000Z', by: 'ada', action: 'deploy', candidate: null, reason: LONG }
const report: AdmitReport = {
  schemaVersion: 1,
  tool: 'seaworthy',
  version: '0.0.0',
  command: 'admit',
  verdict: 'fail',
  isAdmitted: true,
  exitCode: 0,
  action: 'deploy',
  looked: [
    { what: 'policy', seen: 'sha256:63adbf4f7f7d…' },
    { what: 'ledger of services/accounts/migrations', seen: LONG },
  ],
  findings: [warn({ code: 'admission/not-signed', message: LONG, subject: 'c', hint: LONG })],
  proved: [],
  compared: { at: '', certificate: null, policy: '', candidate: {}, preconditions: [], answers: null },
  emergency: { reason: LONG, seq: 3 },
  entry: { seq: 4, digest: 'sha256:', file: '/var/lib/seaworthy/state.db', closes: [] },
  emergencies: [emergency, { ...emergency, seq: 2 }, { ...emergency, seq: 1, isElsewhere: true }],
}

it.each([80, 60, 120])('fits into %i columns', (width) => {
  const text = admitText(report, { color: false, width })
  expect(Math.max(...text.split('\n').map(displayWidth))).toBeLessThanOrEqual(width)
  expect(text.replaceAll(/\s+/g, ' ')).toContain(`→ ${LONG}`)
})

it('does not tell its own emergency twice, and those of others in one line', () => {
  const text = admitText(report, { color: false, width: 1_000 })
  expect(text).toMatch(/^ADMITTED IN AN EMERGENCY {2}deploy: fail/)
  expect(text).not.toContain('open emergency #3')
  expect(text).toContain('open emergency #2')
  expect(text).toContain('open emergencies of commits that this repository does not have: #1\n')
  expect(text).toContain('recorded as #4 (the emergency as #3) in /var/lib/seaworthy/state.db\n')
  expect(admitText(report, { color: true, width: 80 })).toContain('\u001b[33mADMITTED IN AN EMERGENCY\u001b[')
})

test('what takes longer than the limit is not known, and what fails on its own is an error', async () => {
  using limit = new TimeLimit(5, new AbortController().signal)
  expect(await limit.within(async () => await Promise.resolve('seen'))).toBe('seen')
  await expect(limit.within(async () => await Promise.reject(new Error('a bug')))).rejects.toThrow('a bug')
  const never = Promise.withResolvers<string>()
  expect(await limit.within(async () => await never.promise)).toBeNull()
  expect(limit.signal.aborted).toBe(true)
  expect(await limit.within(async () => await Promise.resolve('seen'))).toBeNull()
  expect(limit.reason).toContain('within 0.005 s')
})

test('what is broken off because the time is over is not known; what somebody cancels is no answer', async () => {
  const brokenOff = async (signal: AbortSignal): Promise<unknown> => await wait(60_000, null, { signal })
  using limit = new TimeLimit(5, new AbortController().signal)
  expect(await limit.within(async () => await brokenOff(limit.signal))).toBeNull()
  const cancel = new AbortController()
  using long = new TimeLimit(60_000, cancel.signal)
  const look = long.within(async () => await brokenOff(long.signal))
  cancel.abort()
  await expect(look).rejects.toMatchObject({ name: 'AbortError' })
})

test.each(['', 'now!', ' a   b    c ', '--action deploy', '-', 'x'.repeat(2_001)])(
  'an emergency needs a reason: %j',
  (text) => {
    expect(() => emergencyReason(text)).toThrow(/^--emergency needs a reason/)
  },
)

test('a reason is one line', () => {
  expect(emergencyReason(' login is down,\n Ada ')).toBe('login is down, Ada')
})
