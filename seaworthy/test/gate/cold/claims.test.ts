import { describe, expect, it } from 'vitest'
import type { Check } from '../../../src/gate/check.ts'
import { judgeClaim } from '../../../src/gate/cold/claim.ts'
import { askedLines, rehearsedLines } from '../../../src/gate/cold/asked.ts'
import { claimsOf, NOT_BROUGHT } from '../../../src/gate/cold/claims.ts'
import { datedClaim, inProduction } from '../../../src/gate/cold/dated.ts'
import type { CommitSeen, LookedAgain, ToldRun } from '../../../src/gate/cold/looked-again.ts'
import { evaluate, type Question } from '../../../src/gate/evaluate.ts'
import { type Finding, cannotProve, note, refuse, warn } from '../../../src/gate/finding.ts'
import { type Kind, notObserved, Observations, observed } from '../../../src/gate/observation.ts'
import { DEFAULT_POLICY } from '../../../src/gate/policy.ts'
import type { Judgement } from '../../../src/gate/verdict.ts'

const kindOf = <T>(name: string): Kind<T> => ({ name, version: 1, parse: () => Promise.reject(new Error('not read')) })
const read = kindOf<Judgement>('read')
const rehearsed = kindOf<Judgement>('rehearsed')
const ledger = kindOf<{ rows: number }>('ledger')
const shape = kindOf<{ at: string | null }>('shape')

const parrot = (id: string, kind: Kind<Judgement>): Check => ({
  id,
  version: 1,
  question: 'What were we told?',
  needs: [kind],
  uses: [],
  judge: (observations) => observations.need(kind),
  explanations: [],
})

const CONTEXT = { subject: 'db', evaluatedAt: '2026-11-21T12:00:00.000Z', witness: 'bundle sha256:m' }

const saw = (...findings: Finding[]): Judgement => ({ findings, proved: ['it holds'] })
const at = { file: 'db/1.sql', line: 3, column: 1 }
const drop = refuse({ code: 'data-loss/drop-table', message: 'gone', subject: 'table users', where: at })

const asked = (reading: Judgement, rehearsal: Judgement): Question => ({
  subjects: [
    {
      name: 'db',
      observations: new Observations([
        observed(read, 'files', reading),
        observed(rehearsed, 'server', rehearsal),
        observed(ledger, 'file', { rows: 1 }),
      ]),
    },
  ],
  checks: [parrot('static', read), { ...parrot('real', rehearsed), claims: () => [] }],
  policy: { ...DEFAULT_POLICY, required: { 'pull-request': [], deploy: [] } },
  action: 'pull-request',
  evaluatedAt: CONTEXT.evaluatedAt,
  isPartial: false,
})

const told = (change: Partial<ToldRun> = {}, question = asked(saw(), saw())): ToldRun => ({
  witness: CONTEXT.witness,
  candidate: {
    commit: 'c1',
    tree: 't1',
    isDirty: false,
    images: [],
    buildInfo: null,
    migrations: [{ folder: 'db', format: 'numbered', digest: 'sha256:d' }],
  },
  request: {
    folders: [],
    since: null,
    all: false,
    branches: false,
    roles: {},
    major: null,
    down: 'pending',
    lockTimeoutMs: 1,
    statementTimeoutMs: 1,
    inputs: [],
    server: 'scratch',
  },
  question,
  evaluation: evaluate(question),
  rehearsed: new Set(['rehearsed']),
  ...change,
})

const COMMIT: CommitSeen = {
  commit: 'c1',
  tree: 't1',
  committedAt: '2026-11-21T11:00:00+00:00',
  exchanged: [],
  isOnBranch: true,
  migrations: new Map([['db', { format: 'numbered', digest: 'sha256:d' }]]),
  otherFolders: [],
  bases: new Map(),
}

const again = (change: Partial<LookedAgain> = {}, question = asked(saw(), saw())): LookedAgain => ({
  commit: { done: COMMIT, witness: 'clone' },
  inputs: [],
  run: { done: { subjects: question.subjects, evaluation: evaluate(question) }, witness: 'the gate' },
  brought: new Map(),
  production: new Map(),
  ...change,
})

/** What becomes of every claim, by its id. */
const outcomes = (run: ToldRun, looked: LookedAgain): Record<string, string> =>
  Object.fromEntries(claimsOf(run).map(({ claim, look }) => [claim.id, judgeClaim(claim, look(looked)).outcome]))
const why = (run: ToldRun, looked: LookedAgain, id: string): string | undefined =>
  claimsOf(run)
    .filter(({ claim }) => claim.id === id)
    .map(({ claim, look }) => judgeClaim(claim, look(looked)).why)[0]

describe('what every bundle claims', () => {
  it('of its commit is confirmed by the same commit and contradicted by any other', () => {
    const seen = outcomes(told(), again())
    expect(seen).toMatchObject({
      'repository/commit': 'confirmed',
      'repository/content': 'confirmed',
      'repository/branch': 'confirmed',
      'repository/migrations db': 'confirmed',
      'order/commit evaluated': 'confirmed',
    })
    const commit = (change: Partial<CommitSeen>) =>
      again({ commit: { done: { ...COMMIT, ...change }, witness: 'clone' } })
    expect(outcomes(told(), commit({ tree: 't2' }))['repository/commit']).toBe('contradicted')
    const exchanged = outcomes(told(), commit({ exchanged: ['the file db/1.sql'] }))
    expect(exchanged['repository/content']).toBe('contradicted')
    expect(exchanged['repository/migrations db']).toBe('cannot-be-checked')
    expect(outcomes(told(), commit({ isOnBranch: false }))['repository/branch']).toBe('contradicted')
    expect(outcomes(told(), commit({ migrations: new Map() }))['repository/migrations db']).toBe('contradicted')
    expect(outcomes(told(), again())['repository/folders']).toBe('confirmed')
    expect(outcomes(told(), commit({ otherFolders: ['hidden'] }))['repository/folders']).toBe('contradicted')
    const late = commit({ committedAt: '2026-11-22T11:00:00+00:00' })
    expect(outcomes(told(), late)['order/commit evaluated']).toBe('contradicted')
    const missing = again({ commit: { failed: 'the clone has no commit c1' } })
    expect(outcomes(told(), missing)['repository/commit']).toBe('cannot-be-checked')
    expect(claimsOf(told()).find(({ claim }) => claim.id === 'repository/commit')?.claim.needs).toContain(
      'git fetch origin c1',
    )
  })

  it('of a dirty tree, or of none, cannot be checked', () => {
    const { candidate } = told()
    const dirty = told({ candidate: { ...candidate, isDirty: true } })
    expect(why(dirty, again(), 'repository/clean')).toContain('uncommitted changes')
    const outside = told({ candidate: { ...candidate, commit: null, tree: null, isDirty: null } })
    expect(why(outside, again(), 'repository/clean')).toBe('it was judged outside of git')
    expect(outcomes(outside, again({ commit: { failed: 'no commit' } }))['repository/commit']).toBe('cannot-be-checked')
    expect(outcomes(told(), again())['repository/clean']).toBeUndefined()
  })

  it('of its inputs: by their digests, and by what was read of them', () => {
    const inputs = [
      { as: 'ledger db', file: null, sha256: 'a' },
      { as: 'seedSql', file: 'rows.sql', sha256: 'b' },
      { as: 'shape', file: 'shape.json', sha256: null },
      { as: 'configuration', file: 'seaworthy.config.ts', sha256: 'c' },
      { as: 'something new', file: null, sha256: 'd' },
    ]
    const run = told({ request: { ...told().request, inputs } })
    const same = again({
      inputs: [
        { done: 'a', witness: 'file' },
        { done: 'x', witness: 'clone' },
        { done: 'y', witness: 'clone' },
        { failed: 'gone' },
      ],
      brought: new Map([['db', new Observations([observed(ledger, 'file', { rows: 1 })])]]),
    })
    expect(outcomes(run, same)).toMatchObject({
      'input/ledger db': 'confirmed',
      'input/seedSql': 'contradicted',
      'input/shape': 'cannot-be-checked',
      'input/configuration': 'cannot-be-checked',
      'input/something new': 'cannot-be-checked',
      'input/read ledger db': 'confirmed',
    })
    expect(why(run, again(), 'input/read ledger db')).toBe(NOT_BROUGHT)
    const other = new Observations([observed(ledger, 'file', { rows: 2 })])
    expect(outcomes(run, again({ brought: new Map([['db', other]]) }))['input/read ledger db']).toBe('contradicted')
    const claims = new Map(claimsOf(run).map(({ claim }) => [claim.id, claim]))
    expect(claims.get('input/ledger db')).toMatchObject({ severity: 'blocking', unchecked: 'discrepancy' })
    expect(claims.get('input/ledger db')?.needs).toContain('--ledger FILE')
    expect(claims.get('input/seedSql')).toMatchObject({ severity: 'blocking', unchecked: 'blocking' })
    expect(claims.get('input/configuration')?.needs).toContain('Ask the builder for that file')
    // A ledger from production itself is no file, and is looked at there.
    expect(outcomes(told(), again())['input/read ledger db']).toBeUndefined()
    const unread = asked(saw(), saw())
    const failed = unread.subjects.map((one) => ({
      ...one,
      observations: one.observations.with(notObserved(ledger, 'file', 'no')),
    }))
    const without = told({ request: { ...told().request, inputs } }, { ...unread, subjects: failed })
    expect(outcomes(without, again())['input/read ledger db']).toBeUndefined()
  })
})

describe('what every check says', () => {
  it('is a reading or a rehearsal, and is compared by verdict and findings', () => {
    expect(outcomes(told(), again())).toMatchObject({
      'reading/static db': 'confirmed',
      'rehearsal/real db': 'confirmed',
      'rehearsal/verdict': 'confirmed',
    })
    const harm = again({}, asked(saw(), saw(drop)))
    expect(outcomes(told(), harm)).toMatchObject({
      'reading/static db': 'confirmed',
      'rehearsal/real db': 'contradicted',
      'rehearsal/verdict': 'contradicted',
    })
    expect(why(told(), harm, 'rehearsal/real db')).toContain(
      'the bundle does not have data-loss/drop-table (error, fail) of table users at db/1.sql:3:1',
    )
    const invented = told({}, asked(saw(), saw(warn({ code: 'lock/x', message: 'slow' }))))
    expect(why(invented, again(), 'rehearsal/real db')).toContain(
      'only the bundle has lock/x (warning, none) of the run',
    )
  })

  it('is not contradicted by a second look that proves less, and not confirmed either', () => {
    const less = again({}, asked(saw(), saw(cannotProve({ code: 'unproven/x', message: 'no server' }))))
    expect(why(told(), less, 'rehearsal/real db')).toBe('the second look is unproven: no server')
    expect(outcomes(told(), less)).toMatchObject({
      'rehearsal/real db': 'cannot-be-checked',
      'rehearsal/verdict': 'cannot-be-checked',
    })
    const nothing = again({}, asked(saw(), { findings: [], proved: [] }))
    expect(why(told(), nothing, 'rehearsal/real db')).toBe('the second look is unproven: it proved nothing')
    const unproven = asked(saw(), saw(cannotProve({ code: 'unproven/x', message: 'no server' })))
    expect(outcomes(told({}, unproven), again({}, unproven))['rehearsal/real db']).toBe('confirmed')
  })

  it('cannot be checked without a run, and is contradicted by one in which it did not run', () => {
    const failed = again({ run: { failed: 'no scratch server' } })
    expect(outcomes(told(), failed)).toMatchObject({ 'reading/static db': 'cannot-be-checked' })
    const other = asked(saw(), saw())
    const missing = again({}, { ...other, checks: other.checks.slice(0, 1) })
    expect(outcomes(told(), missing)['rehearsal/real db']).toBe('contradicted')
  })

  it('of the policy counts too, without its notes', () => {
    const question = asked(saw(), saw())
    const given = { as: 'shape', file: 'shape.json', change: 'edited', base: 'b1', why: null } as const
    const changed = { ...question, given: [given] }
    expect(outcomes(told({}, changed), again())['rehearsal/verdict']).toBe('contradicted')
    const unknown = { ...question, given: [{ ...given, change: 'unknown', base: null } as const] }
    expect(outcomes(told({}, unknown), again())['rehearsal/verdict']).toBe('confirmed')
    expect(note({ code: 'a/b', message: 'c' }).severity).toBe('note')
  })

  it('of what only a check knows is asked of that check', () => {
    const question = asked(saw(), saw())
    const [first] = question.checks
    const own = claimsOf(told())[0]
    const speaking = { ...first!, claims: () => [{ ...own!, claim: { ...own!.claim, id: 'ledger/mine' } }] }
    expect(outcomes(told({}, { ...question, checks: [speaking] }), again())['ledger/mine']).toBe('confirmed')
  })
})

describe('how a run was asked for', () => {
  const { request } = told()
  const folder = { dir: 'db', format: 'numbered', baseline: null, ledgerTable: null }
  const lines = (change: Partial<typeof request>) => askedLines({ ...request, folders: [folder], ...change })

  it('is told in lines', () => {
    expect(lines({})).toEqual([
      'db as numbered',
      'roles unknown; PostgreSQL of the default version on a scratch server; downs: pending',
    ])
    const named = { ...folder, format: null, baseline: '001', ledgerTable: 'public.applied' }
    expect(lines({ folders: [named], since: 'v1', branches: true, roles: { mode: 'split' }, major: 17 })).toEqual([
      'db as whatever it is, live up to 001, ledger public.applied',
      'live: what v1 has',
      'the migrating role does not own what is there; PostgreSQL 17 on a scratch server; downs: pending',
      'with the versions of other branches',
    ])
    expect(lines({ all: true, roles: { mode: 'single' } })[1]).toBe('nothing taken as live')
    expect(lines({ all: true, roles: { mode: 'single' } })[2]).toContain('one role owns everything')
    for (const roles of [null, 7, { mode: 7 }]) expect(lines({ roles })[1]).toContain('roles unknown')
  })

  it('where a shape decided roles and version, says so, and what the rehearsal really had', () => {
    const shaped = { inputs: [{ as: 'shape', file: null, sha256: 'a' }] }
    expect(lines({ ...shaped, roles: { mode: 'single', isConfigured: false } })[1]).toBe(
      "roles as production's shape has them; PostgreSQL of the shape's version on a scratch server; downs: pending",
    )
    expect(lines({ ...shaped, roles: { mode: 'split', isConfigured: true }, major: 16 })[1]).toBe(
      'the migrating role does not own what is there; PostgreSQL 16 on a scratch server; downs: pending',
    )
    const had = { folder: 'db', version: '15.18', migratingRole: 'app_owner', owningRole: 'app_owner', ofShape: null }
    expect(
      rehearsedLines([had, { ...had, migratingRole: 'deploy' }, { ...had, ofShape: 'the login owns the ledger' }]),
    ).toEqual([
      'db on PostgreSQL 15.18: app_owner migrates and owns what is there',
      'db on PostgreSQL 15.18: deploy migrates what app_owner owns',
      "db on PostgreSQL 15.18: app_owner migrates, and owners are those of production's shape (the login owns the ledger)",
    ])
  })
})

describe('what says itself when it was made', () => {
  const dated = {
    kind: shape,
    source: 'parrot',
    event: 'captured',
    says: 'it was captured before',
    at: (one: { at: string | null }) => one.at,
  }
  const outcome = (time: string | null, brought: LookedAgain['brought']): string => {
    const { claim, look } = datedClaim(dated, { at: time }, CONTEXT)
    return judgeClaim(claim, look(again({ brought }))).outcome
  }
  const early = '2026-11-21T11:00:00.000Z'
  const late = '2026-11-21T13:00:00.000Z'
  const file = (time: string | null) =>
    new Map([['db', new Observations([observed(shape, 'file shape.json', { at: time })])]])

  it("is contradicted by its own word, and confirmed only by somebody else's", () => {
    expect(outcome(early, new Map())).toBe('cannot-be-checked')
    expect(outcome(late, new Map())).toBe('contradicted')
    expect(outcome(early, file(early))).toBe('confirmed')
    expect(outcome(early, file(late))).toBe('contradicted')
    const { claim, look } = datedClaim(dated, { at: null }, CONTEXT)
    // Whoever brought the file is not sent for it again.
    expect(claim.needs).toContain('run again with --shape FILE')
    expect(judgeClaim(claim, look(again({ brought: file(null) })))).toMatchObject({
      outcome: 'cannot-be-checked',
      needs: 'Nothing: no time is in that file.',
    })
    expect(outcome(early, new Map([['db', new Observations([notObserved(shape, 'file', 'no')])]]))).toBe(
      'cannot-be-checked',
    )
  })

  it('production is asked, or it is said why not', () => {
    const ask = (production: LookedAgain['production']) =>
      inProduction(again({ production }), ledger, 'db', '--ledger-url')
    expect(ask(new Map())).toEqual({
      status: 'could-not-look',
      reason: 'production was not looked at (--ledger-url says where it is)',
    })
    const seen = new Observations([observed(ledger, 'postgresql://db', { rows: 3 })])
    expect(ask(new Map([['db', seen]]))).toEqual({ data: { rows: 3 }, witness: 'postgresql://db' })
    const failed = new Observations([notObserved(ledger, 'postgresql://db', 'the password is wrong')])
    expect(ask(new Map([['db', failed]]))).toEqual({ status: 'could-not-look', reason: 'the password is wrong' })
  })
})
