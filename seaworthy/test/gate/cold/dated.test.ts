import { describe, expect, it } from 'vitest'
import { couldNotLook, judgeClaim, type JudgedClaim, type Looked, seenBy } from '../../../src/gate/cold/claim.ts'
import { datedClaim, inProduction } from '../../../src/gate/cold/dated.ts'
import type { LookedAgain } from '../../../src/gate/cold/looked-again.ts'
import { notObserved, Observations, observed } from '../../../src/gate/observation.ts'
import { DEFAULT_POLICY } from '../../../src/gate/policy.ts'
import { AGAIN, EVALUATED, kindOf, ledger } from './scene.ts'

const captured = kindOf<{ readonly at: string | null }>('shape')
const EARLY = '2026-11-21T11:00:00.000Z'
const LATE = '2026-11-21T13:00:00.000Z'
const NONE: LookedAgain['brought'] = new Map()
const file = (at: string | null): LookedAgain['brought'] =>
  new Map([['db', new Observations([observed(captured, 'w', { at })])]])
const unread = new Map([['db', new Observations([notObserved(captured, 'w', 'no')])]])

describe('what says itself when it was made', () => {
  const dated = (at: string | null) =>
    datedClaim(
      {
        kind: captured,
        source: 'a-check',
        event: 'shape captured',
        says: 'it was captured before',
        at: (data) => data.at,
      },
      { at },
      { subject: 'db', evaluatedAt: EVALUATED, witness: 'bundle', action: 'deploy', settings: DEFAULT_POLICY.settings },
    )
  const look = (brought: LookedAgain['brought'], at: string | null = EARLY): Looked =>
    dated(at).look({ ...AGAIN, brought })
  const judged = (at: string | null, brought: LookedAgain['brought']): JudgedClaim =>
    judgeClaim(dated(at).claim, look(brought, at))

  it('is claimed word for word', () => {
    expect(dated(EARLY).claim).toEqual({
      id: 'order/shape evaluated db',
      kind: 'order',
      says: 'it was captured before',
      source: 'a-check',
      severity: 'blocking',
      unchecked: 'discrepancy',
      comparison: 'order',
      expected: { before: { event: 'shape captured', at: EARLY }, after: { event: 'evaluated', at: EVALUATED } },
      witness: 'bundle',
      needs: 'Get that file from where it is kept, not from the builder, and run again with --shape FILE.',
    })
  })

  it('is read off the file that somebody brought', () => {
    expect(look(NONE)).toEqual(seenBy('bundle', {}))
    expect(look(unread)).toEqual(seenBy('bundle', {}))
    expect(look(file(LATE))).toEqual(seenBy('w', { 'shape captured': LATE }))
    // Whoever brought the file is not sent for it again.
    expect(look(file(null))).toEqual(
      couldNotLook('that file does not say when: shape captured', 'Nothing: no time is in that file.'),
    )
  })

  it.each([
    ['its own early word', EARLY, NONE, 'cannot-be-checked'],
    ['its own late word', LATE, NONE, 'contradicted'],
    ['a file that could not be read', EARLY, unread, 'cannot-be-checked'],
    ['the same early file', EARLY, file(EARLY), 'confirmed'],
    ['a later file', EARLY, file(LATE), 'contradicted'],
    ['a file without a time', null, file(null), 'cannot-be-checked'],
  ])('by %s', (_, at, brought, outcome) => expect(judged(at, brought).outcome).toBe(outcome))
})

it('production is asked, or it is said why not', () => {
  const ask = (production: LookedAgain['production']) =>
    inProduction({ ...AGAIN, production }, ledger, 'db', '--ledger-url')
  expect(ask(new Map())).toEqual(couldNotLook('production was not looked at (--ledger-url says where it is)'))
  const seen = new Observations([observed(ledger, 'postgresql://db', { rows: 3 })])
  expect(ask(new Map([['db', seen]]))).toEqual({ data: { rows: 3 }, witness: 'postgresql://db' })
  const failed = new Observations([notObserved(ledger, 'postgresql://db', 'the password is wrong')])
  expect(ask(new Map([['db', failed]]))).toEqual(couldNotLook('the password is wrong'))
})
