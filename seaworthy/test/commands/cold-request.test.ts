import { symlinkSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { broughtBesides, type BroughtFiles, coldInputs } from '../../src/commands/verify/cold-inputs.ts'
import { basesOf, coldRequest } from '../../src/commands/verify/cold-request.ts'
import { sha256 } from '../../src/gate/canonical.ts'
import { NOT_BROUGHT } from '../../src/gate/cold/claims.ts'
import type { RunRequest } from '../../src/gate/evidence.ts'
import { notObserved } from '../../src/gate/observation.ts'
import { ledger } from '../../src/observers/ledger/kind.ts'
import { shape } from '../../src/observers/shape/kind.ts'
import type { Pending } from '../../src/observers/pending/kind.ts'
import { Project } from './cli.ts'
import { ROLES, told } from './told-run.ts'

const COLD = { root: '/checkout', inputs: [], shapeOfBundle: null, serverUrl: null, useCache: true }

describe('the request of a bundle, asked again', () => {
  it('is the recorded one, in the fresh checkout, without any configuration', () => {
    const inputs = [
      { as: 'ledger db', file: '/checkout/ledger.csv', tried: { done: 'a', witness: 'w' } },
      { as: 'shape', file: null, tried: { failed: 'x' } },
      { as: 'workload', file: '/mine/w.sql', tried: { done: 'b', witness: 'w' } },
    ]
    const asked = coldRequest(told(), { ...COLD, inputs, shapeOfBundle: '/tmp/shape.json' })
    expect(asked).toMatchObject({
      folders: [{ dir: '/checkout/db', format: 'numbered', ledgerFile: '/checkout/ledger.csv', ledgerUrl: null }],
      roles: ROLES,
      action: 'deploy',
      only: [],
      inputs: { shape: '/tmp/shape.json', workload: '/mine/w.sql', seedSql: null, answers: null },
      lockTimeoutMs: 10_000,
    })
  })

  it('names the commit that git took as live, where nothing else said what is', () => {
    const since = (change: Partial<Pending>) => coldRequest(told({}, { baseCommit: 'b1', ...change }), COLD).since
    expect(since({ basis: 'merge-base' })).toBe('b1')
    expect(since({ basis: 'ci-range' })).toBe('b1')
    expect(since({ basis: 'ledger' })).toBeNull()
    expect(since({ basis: 'baseline' })).toBeNull()
    expect(basesOf(told({}, { basis: 'ledger', baseCommit: 'b1' }))).toEqual({ commits: ['b1'], isNoneKnown: false })
    expect(basesOf(told())).toEqual({ commits: [], isNoneKnown: false })
    expect(basesOf(told({}, { baseProblem: 'shallow' }))).toEqual({ commits: [], isNoneKnown: true })
  })

  it.each<[string, Partial<RunRequest>]>([
    [
      'a folder outside of the checkout',
      { folders: [{ dir: '../../etc', format: 'numbered', baseline: null, ledgerTable: null }] },
    ],
    ['an absolute folder', { folders: [{ dir: '/etc', format: 'numbered', baseline: null, ledgerTable: null }] }],
    ['a format that nobody knows', { folders: [{ dir: 'db', format: 'ftp', baseline: null, ledgerTable: null }] }],
    ['no folder', { folders: [] }],
    ['roles that are none', { roles: { ...ROLES, attributes: ['superuser'] } }],
    ['a role more than there is', { roles: { ...ROLES, extra: 1 } }],
    ['downs of another kind', { down: 'sideways' }],
    ['a version that is none', { major: 1 }],
  ])('is refused with %s', (_, request) => {
    expect(() => coldRequest(told(request), COLD)).toThrow(/cannot ask for again/)
  })

  it('does not say how long a verifier waits', () => {
    const asked = coldRequest(told({ lockTimeoutMs: 2 ** 40, statementTimeoutMs: -5 }), COLD)
    expect(asked).toMatchObject({ lockTimeoutMs: 600_000, statementTimeoutMs: 1 })
  })
})

const NONE: BroughtFiles = { shape: null, workload: null, seedSql: null, answers: null, ledger: null }

describe('the inputs of a bundle', () => {
  it('are taken from where the verifier has them, else from the commit, and only if they are the very same', async () => {
    using checkout = new Project({ 'shape.json': '{}', 'rows.sql': 'SELECT 1', 'folder/x': '' })
    using mine = new Project({ 'my-shape.json': '{}', secret: 'canary' })
    symlinkSync(mine.at('secret'), checkout.at('link'))
    const input = (as: string, file: string | null, text: string) => ({ as, file, sha256: sha256(text) })
    const inputs = [
      input('shape', 'shape.json', '{}'),
      input('seedSql', 'rows.sql', 'SELECT 2'),
      input('workload', 'gone.sql', 'x'),
      input('answers', 'link', 'canary'),
      input('ledger db', null, 'x'),
      input('configuration', 'folder', 'x'),
      input('more', '../outside', 'x'),
    ]
    const found = await coldInputs({ inputs }, NONE, checkout.root)
    expect(found.map((one) => one.file)).toEqual([checkout.at('shape.json'), null, null, null, null, null, null])
    expect(found[1]?.tried).toMatchObject({ done: sha256('SELECT 1') })
    expect(found[4]?.tried).toEqual({ failed: NOT_BROUGHT })
    for (const one of [found[2], found[3], found[5], found[6]]) expect(one?.tried).toHaveProperty('failed')
    const brought = await coldInputs(
      { inputs },
      { ...NONE, shape: mine.at('my-shape.json'), ledger: mine.at('gone') },
      null,
    )
    expect(brought[0]).toMatchObject({
      file: mine.at('my-shape.json'),
      tried: { witness: "the verifier's file my-shape.json" },
    })
    expect(brought[1]?.tried).toEqual({ failed: 'the commit could not be checked out afresh' })
    expect(brought[4]?.tried).toMatchObject({ failed: expect.stringContaining('there is no such file') })
  })
})

describe('what a verifier brings and the run had not', () => {
  const brought: BroughtFiles = { ...NONE, workload: '/mine/w.sql', ledger: '/mine/ledger.csv' }
  const input = (as: string) => ({ as, file: null, sha256: null })

  it('is told, file by file; production’s shape too', () => {
    const [workload, ledger] = [
      { as: 'workload', what: 'w.sql' },
      { as: 'ledger', what: 'ledger.csv' },
    ]
    expect(broughtBesides(told(), NONE, null)).toEqual([])
    expect(broughtBesides(told(), brought, null)).toEqual([workload, ledger])
    expect(broughtBesides(told({ inputs: [input('workload'), input('ledger db')] }), brought, null)).toEqual([])
    // A name that only begins like it is another input: the run is not made with it.
    expect(broughtBesides(told({ inputs: [input('workload x'), input('ledger')] }), brought, null)).toEqual([workload])
    expect(broughtBesides(told(), NONE, 'postgresql://db/app')).toEqual([{ as: 'shape', what: '--shape-url' }])
    const shaped = told()
    const observations = shaped.question.subjects[0]!.observations.with(notObserved(shape, 'file', 'no'))
    const question = { ...shaped.question, subjects: [{ name: 'db', observations }] }
    expect(broughtBesides({ ...shaped, question }, NONE, 'postgresql://db/app')).toEqual([])
  })

  it('is refused where nobody would look at it: a ledger file, and the ledger was read in production', () => {
    const run = told()
    const observations = run.question.subjects[0]!.observations.with(notObserved(ledger, 'postgresql://db', 'no'))
    const question = { ...run.question, subjects: [{ name: 'db', observations }] }
    expect(() => broughtBesides({ ...run, question }, brought, null)).toThrow(/comes from no such file/)
    expect(broughtBesides({ ...run, question }, NONE, null)).toEqual([])
  })
})
