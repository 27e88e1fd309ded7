import { describe, expect, it } from 'vitest'
import { claims } from '../../../src/checks/migrations-obligations/claims.ts'
import { JUDGED_AT, readFrom, sample } from '../../../src/checks/migrations-obligations/sample.ts'
import type { Action } from '../../../src/gate/check.ts'
import { judgeClaim } from '../../../src/gate/cold/claim.ts'
import { Observations } from '../../../src/gate/observation.ts'
import { DEFAULT_POLICY } from '../../../src/gate/policy.ts'
import { answers } from '../../../src/observers/answers/kind.ts'

const [SAME, OTHER] = [`sha256:${'a'.repeat(64)}`, `sha256:${'b'.repeat(64)}`]

function answered(production: Observations, action: Action = 'deploy') {
  const context = {
    subject: 'db',
    evaluatedAt: JUDGED_AT,
    witness: 'bundle',
    action,
    settings: DEFAULT_POLICY.settings,
  }
  const found = claims(sample, context).find(({ claim }) => claim.id === 'ledger/database answers db')
  if (found === undefined) throw new Error('nothing is claimed of who answered')
  const again = {
    commit: { failed: 'no' },
    inputs: [],
    besides: [],
    run: { failed: 'no' },
    brought: new Map(),
    production: new Map([['db', production]]),
  }
  return { claim: found.claim, ...judgeClaim(found.claim, found.look(again)) }
}

describe('whose answers they are', () => {
  it('is the database whose ledger the verifier reads, and no other one', () => {
    expect(answered(new Observations([readFrom(SAME)])).outcome).toBe('confirmed')
    expect(answered(new Observations([readFrom(OTHER)]))).toMatchObject({
      outcome: 'contradicted',
      claim: { severity: 'blocking' },
      why: `the bundle says ${SAME}, and ${OTHER} was seen`,
    })
  })

  it('stands in the way of a deploy where nobody can say', () => {
    for (const production of [new Observations([]), new Observations([readFrom(null)])]) {
      expect(answered(production)).toMatchObject({ outcome: 'cannot-be-checked', claim: { unchecked: 'blocking' } })
      expect(answered(production, 'pull-request').claim.unchecked).toBe('discrepancy')
    }
    expect(
      claims(sample.without(answers), {
        subject: 'db',
        evaluatedAt: JUDGED_AT,
        witness: 'bundle',
        action: 'deploy',
        settings: DEFAULT_POLICY.settings,
      }),
    ).toEqual([])
  })
})
