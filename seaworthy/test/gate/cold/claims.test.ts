import { describe, expect, it } from 'vitest'
import type { Check } from '../../../src/gate/check.ts'
import { judgeClaim } from '../../../src/gate/cold/claim.ts'
import { claimsOf, NOT_BROUGHT } from '../../../src/gate/cold/claims.ts'
import type { LookedAgain, ToldRun } from '../../../src/gate/cold/looked-again.ts'
import { evaluate, type Question } from '../../../src/gate/evaluate.ts'
import { type Finding, cannotProve, refuse, warn } from '../../../src/gate/finding.ts'
import { type Kind, notObserved, Observations, observed } from '../../../src/gate/observation.ts'
import { DEFAULT_POLICY } from '../../../src/gate/policy.ts'
import type { Judgement } from '../../../src/gate/verdict.ts'
import { AGAIN, checkOf, kindOf, ledger, QUESTION, RUN } from './scene.ts'

const read = kindOf<Judgement>('read')
const rehearsed = kindOf<Judgement>('rehearsed')

/** A check that says what it was told. */
const parrot = (id: string, kind: Kind<Judgement>): Check => ({
  ...checkOf(id, [kind]),
  judge: (observations) => observations.need(kind),
})

const saw = (...findings: Finding[]): Judgement => ({ findings, proved: ['it holds'] })
const at = { file: 'db/1.sql', line: 3, column: 1 }
const drop = refuse({ code: 'data-loss/drop-table', message: 'gone', subject: 'table users', where: at })
const unseen = cannotProve({ code: 'unproven/x', message: 'no server' })

/** What the rehearsal showed; the reading shows nothing bad. */
const asked = (rehearsal: Judgement = saw()): Question => ({
  ...QUESTION,
  subjects: [
    {
      name: 'db',
      observations: new Observations([
        observed(read, 'files', saw()),
        observed(rehearsed, 'server', rehearsal),
        observed(ledger, 'file', { rows: 1 }),
      ]),
    },
  ],
  checks: [parrot('static', read), { ...parrot('real', rehearsed), claims: () => [] }],
  policy: { ...DEFAULT_POLICY, required: { 'pull-request': [], deploy: [] } },
  action: 'pull-request',
})

const told = (question = asked(), change: Partial<ToldRun> = {}): ToldRun => ({
  ...RUN,
  question,
  evaluation: evaluate(question),
  rehearsed: new Set(['rehearsed']),
  ...change,
})
const again = (question = asked(), change: Partial<LookedAgain> = {}): LookedAgain => ({
  ...AGAIN,
  run: { done: { subjects: question.subjects, evaluation: evaluate(question) }, witness: 'the gate' },
  ...change,
})

const judged = (run: ToldRun, looked: LookedAgain) =>
  claimsOf(run).map(({ claim, look }) => ({ id: claim.id, ...judgeClaim(claim, look(looked)) }))
/** What becomes of every claim, by its id. */
const outcomes = (run: ToldRun, looked: LookedAgain): Record<string, string> =>
  Object.fromEntries(judged(run, looked).map(({ id, outcome }) => [id, outcome]))
const why = (run: ToldRun, looked: LookedAgain, id: string): string | undefined =>
  judged(run, looked).find((one) => one.id === id)?.why

it('what every bundle claims, in the order in which a person would ask', () => {
  expect(judged(told(), again()).map(({ id, outcome }) => [id, outcome])).toEqual(
    [
      'repository/commit',
      'repository/content',
      'repository/branch',
      'repository/migrations db',
      'repository/format db',
      'repository/folders',
      'repository/configuration',
      'order/commit evaluated',
      'input/besides',
      'reading/static db',
      'rehearsal/real db',
      'rehearsal/verdict',
    ].map((id) => [id, 'confirmed']),
  )
})

describe('what is claimed of the inputs', () => {
  const inputs = [
    { as: 'ledger db', file: null, sha256: 'a' },
    { as: 'seedSql', file: 'rows.sql', sha256: 'b' },
    { as: 'shape', file: 'shape.json', sha256: null },
    { as: 'configuration', file: 'seaworthy.config.ts', sha256: 'c' },
    { as: 'something new', file: null, sha256: 'd' },
    { as: '__proto__', file: null, sha256: 'e' },
  ]
  const given: Partial<ToldRun> = { request: { ...RUN.request, inputs } }
  const brought = (rows: number): Pick<LookedAgain, 'brought'> => ({
    brought: new Map([['db', new Observations([observed(ledger, 'file', { rows })])]]),
  })
  const READ = 'input/read ledger db'

  it('is compared by their digests, and by what was read of them', () => {
    const run = told(asked(), given)
    const seen = ['a', 'x', 'y'].map((done) => ({ done, witness: 'clone' }))
    expect(outcomes(run, again(asked(), { inputs: [...seen, { failed: 'gone' }], ...brought(1) }))).toMatchObject({
      'input/ledger db': 'confirmed',
      'input/seedSql': 'contradicted',
      'input/shape': 'cannot-be-checked',
      'input/configuration': 'cannot-be-checked',
      'input/something new': 'cannot-be-checked',
      [READ]: 'confirmed',
    })
    expect(outcomes(run, again(asked(), brought(2)))[READ]).toBe('contradicted')
    expect(claimsOf(run).find(({ claim }) => claim.id === 'input/__proto__')?.claim).toMatchObject({
      says: '__proto__ is a file outside of the repository with the SHA-256 e',
      needs: 'Ask the builder for that file, and look at its SHA-256.',
    })
    expect(NOT_BROUGHT).toBe('taken from the bundle, not looked at again: nobody brought that very file')
    expect(why(run, again(), READ)).toBe(NOT_BROUGHT)
  })

  it('is nothing of what was read where no file was given, or none could be read', () => {
    // A ledger from production itself is no file, and is looked at there.
    expect(outcomes(told(), again())[READ]).toBeUndefined()
    const question = asked()
    const failed = question.subjects.map((one) => ({
      ...one,
      observations: one.observations.with(notObserved(ledger, 'file', 'no')),
    }))
    expect(outcomes(told({ ...question, subjects: failed }, given), again())[READ]).toBeUndefined()
  })
})

it('what a verifier brings and the run had not is contradicted, file by file, and stands in the way', () => {
  const besides = [
    { as: 'workload', what: 'w.sql' },
    { as: 'shape', what: '--shape-url' },
    { as: 'a thing', what: 'x' },
  ]
  expect(judged(told(), again(asked(), { besides })).find(({ id }) => id === 'input/besides')).toMatchObject({
    outcome: 'contradicted',
    why: "the bundle does not have the queries of the running version (w.sql): the run was made without it; the bundle does not have production's shape (--shape-url): the run was made without it; the bundle does not have a thing (x): the run was made without it",
  })
  expect(claimsOf(told()).find(({ claim }) => claim.id === 'input/besides')?.claim).toMatchObject({
    says: 'nothing that a verifier brings was kept from the run',
    severity: 'blocking',
    unchecked: 'blocking',
  })
})

describe('what every check says', () => {
  it('is a reading or a rehearsal, and is compared by verdict and findings', () => {
    const harm = again(asked(saw(drop)))
    expect(outcomes(told(), harm)).toMatchObject({
      'reading/static db': 'confirmed',
      'rehearsal/real db': 'contradicted',
      'rehearsal/verdict': 'contradicted',
    })
    expect(why(told(), harm, 'rehearsal/real db')).toContain(
      'the bundle does not have data-loss/drop-table (error, fail) of table users at db/1.sql:3:1',
    )
    const invented = told(asked(saw(warn({ code: 'lock/x', message: 'slow' }))))
    expect(why(invented, again(), 'rehearsal/real db')).toContain(
      'only the bundle has lock/x (warning, none) of the run',
    )
  })

  it('is not contradicted by a second look that proves less, and not confirmed either', () => {
    const less = again(asked(saw(unseen)))
    expect(why(told(), less, 'rehearsal/real db')).toBe('the second look is unproven: no server')
    expect(outcomes(told(), less)).toMatchObject({
      'rehearsal/real db': 'cannot-be-checked',
      'rehearsal/verdict': 'cannot-be-checked',
    })
    const nothing = again(asked({ findings: [], proved: [] }))
    expect(why(told(), nothing, 'rehearsal/real db')).toBe('the second look is unproven: it proved nothing')
    expect(outcomes(told(asked(saw(unseen))), less)['rehearsal/real db']).toBe('confirmed')
  })

  it('cannot be checked without a run, and is contradicted by one in which it did not run', () => {
    expect(outcomes(told(), again(asked(), { run: { failed: 'no scratch server' } }))).toMatchObject({
      'reading/static db': 'cannot-be-checked',
    })
    const missing = again({ ...asked(), checks: asked().checks.slice(0, 1) })
    expect(outcomes(told(), missing)['rehearsal/real db']).toBe('contradicted')
  })

  it('of the policy counts too, without its notes', () => {
    const given = { as: 'shape', file: 'shape.json', change: 'edited', base: 'b1', why: null } as const
    expect(outcomes(told({ ...asked(), given: [given] }), again())['rehearsal/verdict']).toBe('contradicted')
    const unknown = { ...given, change: 'unknown', base: null } as const
    expect(outcomes(told({ ...asked(), given: [unknown] }), again())['rehearsal/verdict']).toBe('confirmed')
  })

  it('of what only a check knows is asked of that check', () => {
    const [own] = claimsOf(told())
    const speaking = {
      ...parrot('static', read),
      claims: () => [{ ...own!, claim: { ...own!.claim, id: 'ledger/mine' } }],
    }
    expect(outcomes(told({ ...asked(), checks: [speaking] }), again())['ledger/mine']).toBe('confirmed')
  })
})
