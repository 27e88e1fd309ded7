import { describe, expect, it } from 'vitest'
import { holds, refused, resultOf, type StepCode, unproven } from '../../src/gate/verification.ts'

const CODES: readonly StepCode[] = [
  'verify/other-key',
  'verify/bad-signature',
  'verify/not-an-envelope',
  'verify/not-canonical',
  'verify/other-type',
  'verify/unsigned',
  'verify/not-a-statement',
  'verify/other-manifest',
  'verify/other-candidate',
  'verify/partial',
  'verify/other-findings',
  'verify/other-tool-version',
  'verify/other-statement',
  'verify/from-the-future',
  'verify/expired',
  'verify/other-policy',
]

describe('a step of a verification', () => {
  it.each(CODES)('%s says the next thing to do', (code) => {
    for (const make of [refused, unproven]) expect(make('files', code, 'no').hint).toMatch(/^[A-Z]/)
  })

  it('that holds, or was not reached, needs nothing', () => {
    const { steps, exitCode } = resultOf(
      [holds('files', 'all of them'), refused('signature', 'bundle/x', 'no', 'Look.')],
      null,
    )
    expect(steps.map((one) => one.hint)).toEqual([null, 'Look.', ...Array.from({ length: 7 }, () => null)])
    expect(exitCode).toBe(1)
  })
})
