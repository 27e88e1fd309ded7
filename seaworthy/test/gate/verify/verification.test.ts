import { describe, expect, it } from 'vitest'
import {
  holds,
  refused,
  resultOf,
  type Step,
  type StepCode,
  type StepName,
  unproven,
} from '../../../src/gate/verify/verification.ts'
import type { Verdict } from '../../../src/gate/verdict.ts'

const NAMES: readonly StepName[] = [
  'files',
  'signature',
  'statement',
  'judges',
  'candidate',
  'replay',
  'certificate',
  'time',
  'policy',
]
const all = (...others: readonly Step[]): Step[] =>
  NAMES.map((name) => others.find((one) => one.step === name) ?? holds(name, 'it does'))

describe('what the steps come to', () => {
  it('all hold: as the judges say', () => {
    const exit = (verdict: Verdict | null) => resultOf(all(), verdict)
    expect(exit('pass')).toEqual({ isGenuine: true, verdict: 'pass', steps: all(), exitCode: 0 })
    expect(exit('fail').exitCode).toBe(1)
    expect(exit('unproven').exitCode).toBe(3)
    expect(exit(null).exitCode).toBe(3)
  })

  it.each(NAMES)('%s refused, or unproven, is never a pass', (name) => {
    const bad = refused(name, 'verify/partial', 'no')
    const isGenuine = name === 'time' || name === 'policy'
    expect(resultOf(all(bad), 'pass')).toMatchObject({ exitCode: 1, isGenuine })
    expect(resultOf(all(bad), 'unproven').exitCode).toBe(1)
    expect(resultOf(all(unproven(name, 'verify/unsigned', 'no')), 'pass')).toMatchObject({ exitCode: 3, isGenuine })
    expect(resultOf(all(unproven(name, 'verify/unsigned', 'no')), 'fail').exitCode).toBe(1)
  })

  it('what nobody came to is unproven, in its place', () => {
    const { steps, isGenuine, exitCode } = resultOf([holds('policy', 'p'), holds('signature', 's')], 'pass')
    expect(steps.map((one) => one.step)).toEqual(NAMES)
    expect(steps[1]).toEqual(holds('signature', 's'))
    expect(steps[8]).toEqual(holds('policy', 'p'))
    expect(steps[0]).toEqual({
      step: 'files',
      outcome: 'unproven',
      code: 'verify/not-reached',
      message: 'not looked at, since an earlier step does not hold',
      hint: null,
    })
    expect(isGenuine).toBe(false)
    expect(exitCode).toBe(3)
    for (const name of NAMES) {
      const others = all().filter((one) => one.step !== name)
      expect(resultOf(others, 'pass').exitCode).toBe(3)
    }
  })
})

describe('a step', () => {
  it('says what became of it', () => {
    expect(holds('files', 'm')).toEqual({ step: 'files', outcome: 'holds', code: null, message: 'm', hint: null })
    const code = 'bundle/x'
    expect(refused('files', code, 'm', 'h')).toEqual({
      step: 'files',
      outcome: 'refused',
      code,
      message: 'm',
      hint: 'h',
    })
    expect(unproven('time', code, 'm')).toEqual({ step: 'time', outcome: 'unproven', code, message: 'm', hint: null })
  })

  const AGAIN = 'Do not act on it. Have it made again: seaworthy check --evidence DIR --sign KEY.'
  const WHOLE = 'Get the whole folder again from whoever made it; what is in it now was changed, or is of two bundles.'

  it.each<[StepCode, string]>([
    [
      'verify/other-key',
      'Bring the key of whoever made the bundle, from them and not with the bundle: --key FILE. If yours is theirs, somebody else made it.',
    ],
    ['verify/bad-signature', WHOLE],
    ['verify/not-an-envelope', WHOLE],
    ['verify/not-canonical', WHOLE],
    ['verify/other-type', WHOLE],
    ['verify/other-manifest', WHOLE],
    [
      'verify/not-a-statement',
      'Use the version of Seaworthy that wrote it: manifest.json says which one. Else have it made again.',
    ],
    ['verify/unsigned', 'Have it signed by whoever made it: seaworthy check --evidence DIR --sign KEY.'],
    ['verify/other-candidate', AGAIN],
    ['verify/other-request', AGAIN],
    ['verify/partial', 'Have it made again without --only.'],
    ['verify/other-findings', AGAIN],
    ['verify/other-tool-version', 'Verify it with the version that wrote it.'],
    ['verify/other-statement', AGAIN],
    ['verify/from-the-future', 'Compare the clocks. If yours is right, have it made again.'],
    [
      'verify/expired',
      'Have it made again: seaworthy check --evidence DIR --sign KEY. To look back as of then: --at TIME.',
    ],
    [
      'verify/other-policy',
      'Read the difference. Have it checked under your policy, or bring the one that you agree with: --policy FILE (embedded prints its own).',
    ],
  ])('%s says what to do', (code, hint) => {
    expect(refused('files', code, 'm').hint).toBe(hint)
    expect(unproven('files', code, 'm').hint).toBe(hint)
  })
})
