import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RunAgain, runAgain } from '../../src/commands/verify/cold-run.ts'
import type { RunRequest } from '../../src/gate/evidence.ts'
import type { Observations } from '../../src/gate/observation.ts'
import type { Judgement } from '../../src/gate/verdict.ts'
import { Repository } from '../../src/git/repository.ts'
import { type Pending, pending } from '../../src/observers/pending/kind.ts'
import { rehearsal } from '../../src/observers/rehearsal/kind.ts'
import { gitEnv, ScratchRepository } from '../git/scratch-repository.ts'
import { never, usePrivateCache } from '../postgres/private-places.ts'
import { told } from './told-run.ts'

const places = usePrivateCache()
afterAll(() => places.remove())

describe('the gate, run again at the commit', () => {
  const scratch = new ScratchRepository()
  let checkout: Repository
  beforeAll(async () => {
    scratch.commit({ 'db/001_users.sql': 'CREATE TABLE users (id int);\n' })
    const opened = await Repository.open(scratch.root, gitEnv)
    if (opened === null) throw new Error('no repository')
    checkout = opened
  })
  afterAll(() => scratch[Symbol.dispose]())

  const again = async (
    request: Partial<RunRequest>,
    change: Partial<RunAgain> = {},
    run = told({ all: true, ...request }),
  ) => {
    const { root } = change.checkout ?? scratch
    const cold = { root, inputs: [], shapeOfBundle: null, serverUrl: null, useCache: false }
    return await runAgain(
      { told: run, checkout, cold, notFrom: [], env: gitEnv, version: '1', limitMs: 60_000, ...change },
      { signal: never, progress: () => undefined },
    )
  }

  it('takes no program from the checkout or from where its verifier stands, whatever the bundle asks for', async () => {
    const place = path.join(scratch.root, 'node_modules/postgres-14')
    for (const folder of ['dist', 'native/bin']) mkdirSync(path.join(place, folder), { recursive: true })
    writeFileSync(path.join(place, 'dist/index.js'), '')
    writeFileSync(path.join(place, 'package.json'), '{ "version": "14.23.0", "exports": "./dist/index.js" }')
    const { run } = await again({ major: 14 }, { notFrom: [scratch.root] })
    if (!('done' in run)) throw new Error(run.failed)
    expect(run.done.subjects[0]?.observations.find(rehearsal)).toMatchObject({
      status: 'failed',
      reason: 'PostgreSQL 14 was not found on this machine',
    })
  })

  it('tells itself what git knows: a bundle that hides the base hides no edited file, and may only word it', async () => {
    using own = new ScratchRepository()
    const live = own.commit({ 'db/001_users.sql': 'CREATE TABLE users (id int);\n' })
    own.git('checkout', '-q', '-b', 'feature')
    own.commit({ 'db/001_users.sql': 'CREATE TABLE users (id text);\n', 'db/002_b.sql': 'SELECT 1;\n' })
    own.git('branch', '-f', 'main', live)
    const root = await Repository.open(own.root, gitEnv)
    if (root === null) throw new Error('no repository')
    const folders = [{ dir: 'db', format: 'numbered', baseline: '001', ledgerTable: null }]
    const change = { basis: 'baseline', files: ['db/002_b.sql'], explanation: 'in my words' } as const
    /** What the judges are asked by, where the bundle says this. */
    const judgedBy = async (lie: Partial<Pending>): Promise<Pending | undefined> => {
      const run = told({ folders, major: 14 }, { ...change, ...lie })
      let seen: Pending | undefined
      const judge = (observations: Observations): Judgement => {
        seen = observations.need(pending)
        return { findings: [], proved: [] }
      }
      const check = { id: 'x', version: 1, question: 'q', needs: [pending], uses: [], explanations: [], judge }
      const asking = { ...run, question: { ...run.question, checks: [check] } }
      await again({}, { checkout: root, notFrom: [own.root] }, asking)
      return seen
    }
    const edited = [{ file: 'db/001_users.sql', change: 'edited', version: '001' } as const]
    const hidden = { baseCommit: null, newSinceBase: null, baseProblem: null }
    for (const lie of [hidden, { baseCommit: live, newSinceBase: change.files }])
      expect(await judgedBy(lie)).toMatchObject({
        changedBaseline: edited,
        explanation: expect.stringContaining('live files compared with main'),
      })
    const honest = { baseCommit: live, newSinceBase: change.files, changedBaseline: edited } as const
    expect(await judgedBy(honest)).toMatchObject({ ...honest, explanation: 'in my words' })
  })

  it('of roles and a ledger that no server takes could not be run, and that is no bug', async () => {
    const folder = { dir: 'db', format: 'numbered', baseline: null }
    for (const ledgerTable of ['pg_catalog.pg_shadow', 'one.two.three'])
      expect(await again({ folders: [{ ...folder, ledgerTable }] })).toMatchObject({
        run: { failed: expect.stringMatching(/^the gate could not be run at the commit: /) },
      })
  })

  it('of what no run was ever asked could not be run either', async () => {
    expect(await again({ major: 1 })).toMatchObject({
      run: {
        failed:
          'the gate could not be run at the commit: the bundle records a run with major that this version cannot ask for again',
      },
    })
  })

  it('takes no longer than its verifier waits', async () => {
    expect(await again({}, { limitMs: 0 })).toMatchObject({
      run: { failed: 'the gate could not be run at the commit: it took longer than 0 seconds' },
    })
  })
})
