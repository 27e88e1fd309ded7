import { expect, it } from 'vitest'
import { couldNotLook, type Looked, seenBy } from '../../../src/gate/cold/claim.ts'
import { databaseClaim } from '../../../src/gate/cold/database.ts'
import { Observations, observed } from '../../../src/gate/observation.ts'
import { DEFAULT_POLICY } from '../../../src/gate/policy.ts'
import { AGAIN, EVALUATED, ledger } from './scene.ts'

const ID = `sha256:${'1'.repeat(64)}`
const OTHER = `sha256:${'2'.repeat(64)}`
const WHO_ASKS = 'Let it be read by a login that may execute pg_control_system(): then it says which database it is of.'

const of = (identity: string | null) =>
  databaseClaim({ id: 'ledger/x', source: 'a-check', unchecked: 'discrepancy', what: 'it is of', identity }, ledger, {
    subject: 'db',
    evaluatedAt: EVALUATED,
    witness: 'bundle',
    action: 'deploy',
    settings: DEFAULT_POLICY.settings,
  })
const seen = (identity: string | null, witness: string): Looked =>
  of(identity).look({ ...AGAIN, production: new Map([['db', new Observations([observed(ledger, witness, {})])]]) })

it('claims that something is of the database whose ledger is read', () => {
  expect(of(ID).claim).toEqual({
    id: 'ledger/x',
    kind: 'ledger',
    says: `it is of the database ${ID}`,
    source: 'a-check',
    severity: 'blocking',
    unchecked: 'discrepancy',
    comparison: 'equal',
    expected: ID,
    witness: 'bundle',
    needs: 'Look at production yourself: run again with --ledger-url, as a login that may read the ledger.',
  })
  expect(of(null).claim.says).toBe('it is of a database that does not say which one it is')
})

it('is seen by who that database says it is; where one of the two does not say, nothing is told', () => {
  expect(seen(ID, `there of ${ID}`)).toEqual(seenBy(`there of ${ID}`, ID))
  expect(seen(ID, `there of ${OTHER}`)).toEqual(seenBy(`there of ${OTHER}`, OTHER))
  expect(seen(null, 'there')).toEqual(couldNotLook('the bundle does not say of which database', WHO_ASKS))
  expect(seen(null, `there of ${ID}`)).toEqual(couldNotLook('the bundle does not say of which database', WHO_ASKS))
  expect(seen(ID, 'there')).toEqual(couldNotLook('this login may not ask production which database it is', WHO_ASKS))
  expect(of(ID).look(AGAIN)).toEqual(couldNotLook('production was not looked at (--ledger-url says where it is)'))
})
