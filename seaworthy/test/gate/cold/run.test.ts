import { describe, expect, it } from 'vitest'
import { digestOf } from '../../../src/gate/canonical.ts'
import type { Check } from '../../../src/gate/check.ts'
import { couldNotLook, type Looked, seenBy } from '../../../src/gate/cold/claim.ts'
import { NOT_BROUGHT } from '../../../src/gate/cold/claims.ts'
import type { LookedAgain } from '../../../src/gate/cold/looked-again.ts'
import type { Evaluation } from '../../../src/gate/evaluate.ts'
import { cannotProve, note, refuse } from '../../../src/gate/finding.ts'
import { Observations, observed } from '../../../src/gate/observation.ts'
import {
  resultOf,
  checkOf,
  evaluation,
  EVALUATED,
  QUESTION,
  RUN,
  BLOCKING,
  claims,
  about,
  look,
  kindOf,
  ledger,
} from './scene.ts'

describe('what is claimed of the inputs', () => {
  const inputs = [
    { as: 'ledger db', file: 'l.json', sha256: 'a' },
    { as: 'seedSql', file: null, sha256: 'b' },
    { as: 'new', file: 'n', sha256: null },
    { as: 'workload', file: 'w.sql', sha256: 'c' },
    { as: 'answers', file: 'a.json', sha256: 'd' },
    { as: 'configuration', file: 'c.ts', sha256: 'e' },
    { as: 'shape', file: 's.json', sha256: 'f' },
  ]
  const run = { request: { ...RUN.request, inputs } }
  const bring = (flag: string): string =>
    `Get that file from where it is kept, not from the builder, and run again with ${flag} FILE.`
  const ask = 'Ask the builder for that file, and look at its SHA-256.'
  const common = { ...BLOCKING, kind: 'input', witness: 'bundle' }

  it('word for word', () => {
    const [known, must] = [{ ...common, unchecked: 'discrepancy' }, common]
    expect(about(run, 'input/').filter(({ id }) => !id.startsWith('input/read'))).toEqual([
      {
        ...known,
        id: 'input/ledger db',
        says: "the snapshot of production's ledger is l.json with the SHA-256 a",
        expected: 'a',
        needs: bring('--ledger'),
      },
      {
        ...must,
        id: 'input/seedSql',
        says: 'the rows of the rehearsal is a file outside of the repository with the SHA-256 b',
        expected: 'b',
        needs: bring('--seed-sql'),
      },
      { ...must, id: 'input/new', says: 'new is n that nobody could read', expected: null, needs: ask },
      {
        ...must,
        id: 'input/workload',
        says: 'the queries of the running version is w.sql with the SHA-256 c',
        expected: 'c',
        needs: bring('--workload'),
      },
      {
        ...known,
        id: 'input/answers',
        says: "production's answers is a.json with the SHA-256 d",
        expected: 'd',
        needs: bring('--answers'),
      },
      {
        ...known,
        id: 'input/configuration',
        says: 'the configuration is c.ts with the SHA-256 e',
        expected: 'e',
        needs: ask,
      },
      {
        ...known,
        id: 'input/shape',
        says: "production's shape is s.json with the SHA-256 f",
        expected: 'f',
        needs: bring('--shape'),
      },
      {
        ...must,
        id: 'input/besides',
        says: 'nothing that a verifier brings was kept from the run',
        expected: [],
        needs: 'Run again with the files that production is known by.',
      },
    ])
  })

  it('and of what was read of them, folder by folder', () => {
    const read = { ...common, unchecked: 'discrepancy' }
    expect(about(run, 'input/read')).toEqual([
      {
        ...read,
        id: 'input/read shape two',
        says: "what was read of production's shape for two is what the bundle has",
        expected: digestOf({ s: 1 }),
        needs: bring('--shape'),
      },
      {
        ...read,
        id: 'input/read ledger db',
        says: "what was read of the snapshot of production's ledger for db is what the bundle has",
        expected: digestOf({ name: 'db' }),
        needs: bring('--ledger'),
      },
      {
        ...read,
        id: 'input/read shape db',
        says: "what was read of production's shape for db is what the bundle has",
        expected: digestOf({ s: 1 }),
        needs: bring('--shape'),
      },
    ])
  })

  it.each([
    ['ledger', true],
    ['shape', true],
    ['answers', true],
    ['workload', false],
  ])('of %s, where it is read as it stands: %j', (as, isRead) => {
    const [first] = QUESTION.subjects
    const observations = new Observations([observed(kindOf(as), 'f', {})])
    const given = { ...QUESTION, subjects: [{ ...first!, observations }] }
    const request = { ...RUN.request, inputs: [{ as, file: 'f', sha256: 'a' }] }
    const ids = about({ question: given, request }, 'input/read').map(({ id }) => id)
    expect(ids).toEqual(isRead ? [`input/read ${as} two`] : [])
  })

  it('is looked at where somebody has the file', () => {
    const seen = (id: string, again: Partial<LookedAgain>): Looked | undefined => look(run, id, again)
    expect(seen('input/new', { inputs: inputs.map(() => ({ done: 'x', witness: 'w' })) })).toEqual(
      couldNotLook('it could not be read when the bundle was made'),
    )
    expect(seen('input/shape', { inputs: [] })).toEqual(couldNotLook('nobody looked'))
    expect(seen('input/seedSql', { inputs: [{ failed: 'no' }, { done: 'b', witness: 'w' }] })).toEqual(seenBy('w', 'b'))
    const brought = new Map([['db', new Observations([observed(ledger, 'w', { name: 'x' })])]])
    expect(seen('input/read ledger db', { brought })).toEqual(seenBy('w', digestOf({ name: 'x' })))
    expect(seen('input/read shape db', { brought })).toEqual(couldNotLook(NOT_BROUGHT))
    expect(seen('input/read shape two', { brought })).toEqual(couldNotLook(NOT_BROUGHT))
  })
})

describe('what is claimed of the run', () => {
  const at = { file: 'db/1.sql', line: 3, column: 1 }
  const drop = refuse({ code: 'data-loss/x', message: 'm', subject: 'table a', where: at })
  const bare = refuse({ code: 'apply/x', message: 'm' })
  const open = cannotProve({ code: 'unproven/x', message: 'no server' })
  const run = {
    evaluation: evaluation({
      verdict: 'fail',
      results: [resultOf('static', 'db'), resultOf('real', 'two'), resultOf('real', 'db', 'fail', [drop, bare])],
      policyFindings: [bare, note({ code: 'policy/n', message: 'n' })],
    }),
  }
  const common = {
    ...BLOCKING,
    witness: 'bundle',
    needs: 'Make it possible to run the gate at that commit: see why it could not, and run again.',
  }
  const DROP = 'data-loss/x (error, fail) of table a at db/1.sql:3:1'
  const BARE = 'apply/x (error, fail) of the run'
  const pass = { verdict: 'pass', findings: [] }

  it('word for word', () => {
    expect(about(run, 'reading/', 'rehearsal/')).toEqual([
      {
        ...common,
        id: 'reading/static db',
        kind: 'reading',
        says: 'static of db: pass, with the same findings',
        source: 'static',
        expected: pass,
      },
      {
        ...common,
        id: 'rehearsal/real two',
        kind: 'rehearsal',
        says: 'real of two: pass, with the same findings',
        source: 'real',
        expected: pass,
      },
      {
        ...common,
        id: 'rehearsal/real db',
        kind: 'rehearsal',
        says: 'real of db: fail, with the same findings',
        source: 'real',
        expected: { verdict: 'fail', findings: [BARE, DROP] },
      },
      {
        ...common,
        id: 'rehearsal/verdict',
        kind: 'rehearsal',
        says: 'the verdict of the whole gate is fail',
        expected: { verdict: 'fail', folders: ['db', 'two'], policy: [BARE] },
      },
    ])
  })

  const ran = (change: Partial<Evaluation>): Partial<LookedAgain> => ({
    run: { done: { subjects: QUESTION.subjects.slice(0, 1), evaluation: evaluation(change) }, witness: 'gate' },
  })

  it('is read off the second run, check by check and folder by folder', () => {
    const other = ran({ results: [resultOf('real', 'two', 'fail', [drop]), resultOf('static', 'db')] })
    expect(look(run, 'rehearsal/real two', other)).toEqual(seenBy('gate', { verdict: 'fail', findings: [DROP] }))
    expect(look(run, 'rehearsal/real db', other)).toEqual(seenBy('gate', { verdict: 'it did not run', findings: [] }))
    expect(look(run, 'reading/static db', other)).toEqual(seenBy('gate', pass))
    expect(look(run, 'rehearsal/verdict', other)).toEqual(
      seenBy('gate', { verdict: 'pass', folders: ['two'], policy: [] }),
    )
    expect(look(run, 'rehearsal/verdict')).toEqual(couldNotLook('no server'))
  })

  it('that proves less was not looked at as well: for the reason of that check and that folder', () => {
    const unseen = (why: string): Looked => couldNotLook(`the second look is unproven: ${why}`)
    const less = ran({
      verdict: 'unproven',
      results: [
        resultOf('static', 'db', 'unproven', [cannotProve({ code: 'unproven/s', message: 'no file' })]),
        resultOf('real', 'two', 'unproven', [drop, open]),
        resultOf('real', 'db', 'unproven'),
      ],
    })
    expect(look(run, 'reading/static db', less)).toEqual(unseen('no file'))
    expect(look(run, 'rehearsal/real two', less)).toEqual(unseen('no server'))
    expect(look(run, 'rehearsal/real db', less)).toEqual(unseen('it proved nothing'))
    expect(look(run, 'rehearsal/verdict', less)).toEqual(unseen('no file'))
    // What was unproven before is the same again.
    const before = { evaluation: evaluation({ verdict: 'unproven', results: [resultOf('real', 'db', 'unproven')] }) }
    expect(look(before, 'rehearsal/real db', less)).toEqual(seenBy('gate', { verdict: 'unproven', findings: [] }))
    expect(look(before, 'rehearsal/verdict', less)).toMatchObject({ status: 'seen' })
    // The whole may be unproven where this check is not.
    const whole = ran({ verdict: 'unproven', results: [resultOf('real', 'two')] })
    expect(look(run, 'rehearsal/real two', whole)).toEqual(seenBy('gate', pass))
    expect(look(run, 'rehearsal/verdict', whole)).toEqual(unseen('it proved nothing'))
  })
})

it('a check is told which folder, when, and whose word it is', () => {
  const contexts: unknown[] = []
  const speaking: Check = {
    ...checkOf('static', []),
    claims: (_, context) => {
      contexts.push(context)
      return []
    },
  }
  claims({ question: { ...QUESTION, checks: [speaking] } })
  const { settings } = QUESTION.policy
  expect(contexts).toEqual(
    ['two', 'db'].map((subject) => ({
      subject,
      action: 'deploy',
      settings,
      evaluatedAt: EVALUATED,
      witness: 'bundle',
    })),
  )
})
