import { afterAll, beforeAll, expect, it } from 'vitest'
import { contradictionOf } from '../../src/gate/verify/asked.ts'
import { evaluate } from '../../src/gate/evaluate.ts'
import type { RunRequest } from '../../src/gate/evidence.ts'
import { type Observation, notObserved } from '../../src/gate/observation.ts'
import { foldersSeen } from '../../src/commands/verify/folder-seen.ts'
import { ledger } from '../../src/observers/ledger/kind.ts'
import { newKey, publicHalf, SignedBundle, type Told, toldBy, writeSigned } from './signed-bundle.ts'

let real: SignedBundle
let told: Told
beforeAll(async () => {
  real = await SignedBundle.make()
  told = await toldBy(real.dir)
})
afterAll(() => real[Symbol.dispose]())

const ROLES = {
  mode: 'single',
  isConfigured: false,
  deployRole: 'deploy',
  ownerRole: 'owner',
  attributes: [],
  memberOf: [],
  owns: [],
}
const DIGEST = 'a'.repeat(64)
const input = (as: string): RunRequest['inputs'][number] => ({ as, file: null, sha256: DIGEST })

/** What somebody with a key writes down of a run that was given more, or other things, than its observations show. */
const LIES: readonly (readonly [what: string, request: Partial<RunRequest>, words: string])[] = [
  ['a ledger that is left out', { inputs: [input('ledger courts/migrations')] }, 'ledger was given'],
  ['a ledger of another folder', { inputs: [input('ledger elsewhere')] }, 'a folder that was not looked at'],
  ['a shape that is left out', { inputs: [input('shape')] }, 'shape was given'],
  ['answers that are left out', { inputs: [input('answers')] }, 'answers was given'],
  ['a workload that is left out', { inputs: [input('workload')] }, 'a workload was given'],
  ['branches that are left out', { branches: true }, 'other branches'],
  ['another baseline', { folders: folders({ baseline: '7' }) }, 'another baseline'],
  ['no baseline', { folders: folders({ baseline: null }) }, 'asked of git, and decided by baseline'],
  ['a commit', { since: 'main', folders: folders({ baseline: null }) }, 'asked of since'],
  ['nothing that is live', { all: true }, 'asked of all'],
  ['another tool', { folders: folders({ format: 'flyway' }) }, 'another tool'],
  ['another version', { major: 12 }, '12 was asked for'],
  ['another server', { server: 'given' }, 'another server'],
]

function folders(change: Partial<RunRequest['folders'][number]>): RunRequest['folders'] {
  return ['courts/migrations', 'users/migrations'].map((dir) => ({
    dir,
    format: 'golang-migrate',
    baseline: '1',
    ledgerTable: null,
    ...change,
  }))
}

it.each(LIES)('whoever holds the key and tells of %s is refused', async (_what, change, words) => {
  using damaged = real.copy()
  const key = newKey()
  const about = { ...told.about, request: { ...told.about.request, ...change } }
  writeSigned(damaged.dir, { ...told, about }, key)
  const { exitCode, problems, verification } = await real.verify(damaged.dir, { key: publicHalf(key) })
  expect([exitCode, problems]).toEqual([1, { candidate: 'verify/other-request' }])
  const step = verification.result.steps.find((one) => one.step === 'candidate')
  expect(step?.message).toContain(words)
})

it('other roles than those of the rehearsal, and roles that are none, are refused', async () => {
  using damaged = real.copy()
  const key = newKey()
  const { request } = told.about
  const roles = { ...ROLES, mode: 'split' }
  writeSigned(damaged.dir, { ...told, about: { ...told.about, request: { ...request, roles } } }, key)
  expect((await real.verify(damaged.dir, { key: publicHalf(key) })).problems).toEqual({
    candidate: 'verify/other-request',
  })
  for (const none of [null, 7, { mode: 'single' }, { ...roles, extra: 1 }, { ...roles, owns: ['a\0b'] }]) {
    writeSigned(damaged.dir, { ...told, about: { ...told.about, request: { ...request, roles: none } } }, key)
    expect((await real.verify(damaged.dir, { key: publicHalf(key) })).problems).toEqual({ files: 'bundle/manifest' })
  }
})

it.each<[string, Partial<RunRequest>]>([
  ['a ledger', { folders: folders({ ledgerTable: 'a\0b.c' }) }],
  ['a role', { roles: { ...ROLES, deployRole: 'a\0b' } }],
])('%s with a NUL in its name is in no manifest', async (_, change) => {
  using damaged = real.copy()
  const key = newKey()
  writeSigned(damaged.dir, { ...told, about: { ...told.about, request: { ...told.about.request, ...change } } }, key)
  expect((await real.verify(damaged.dir, { key: publicHalf(key) })).problems).toEqual({ files: 'bundle/manifest' })
})

const twice = <T>(list: readonly T[]): T[] => [...list, ...list]
it.each<[string, (one: Told) => Told]>([
  ['an input', (one) => asking(one, { inputs: twice([input('configuration')]) })],
  ['a folder that was asked for', (one) => asking(one, { folders: twice(one.about.request.folders) })],
  ['a folder', (one) => ({ ...one, question: { ...one.question, subjects: twice(one.question.subjects) } })],
  [
    'a folder of the candidate',
    (one) => {
      const { candidate } = one.about
      return { ...one, about: { ...one.about, candidate: { ...candidate, migrations: twice(candidate.migrations) } } }
    },
  ],
])('%s that is named twice is in no manifest', async (_, lie) => {
  using damaged = real.copy()
  const key = newKey()
  writeSigned(damaged.dir, lie(told), key)
  const { exitCode, problems, verification } = await real.verify(damaged.dir, { key: publicHalf(key) })
  expect([exitCode, problems]).toEqual([1, { files: 'bundle/manifest' }])
  expect(verification.result.steps.find((one) => one.step === 'files')?.message).toContain(' twice')
})

it.each(['besides', 'read ledger courts/migrations', 'ledger', 'configuration 2', ''])(
  'an input that no run has, %j, is in no manifest',
  async (as) => {
    using damaged = real.copy()
    const key = newKey()
    writeSigned(damaged.dir, asking(told, { inputs: [input(as)] }), key)
    expect((await real.verify(damaged.dir, { key: publicHalf(key) })).problems).toEqual({ files: 'bundle/manifest' })
  },
)

function asking(one: Told, change: Partial<RunRequest>): Told {
  return { ...one, about: { ...one.about, request: { ...one.about.request, ...change } } }
}

it('a ledger that could not be read is there; one with another digest is another one', () => {
  const [first] = told.question.subjects
  if (first === undefined) throw new Error('no subject')
  const manifest = {
    isPartial: false,
    candidate: told.about.candidate,
    request: { ...told.about.request, inputs: [input('ledger courts/migrations')] },
  }
  const contradiction = (observation: Observation): string | null => {
    const subjects = [{ ...first, observations: first.observations.with(observation) }]
    return contradictionOf(manifest, foldersSeen({ subjects }))
  }
  const seen = (digest: string) =>
    ({ kind: 'ledger', version: 1, witness: `file l.csv sha256:${digest}`, status: 'observed', data: {} }) as const
  expect(contradiction(notObserved(ledger, 'none', 'no such file', null))).toBeNull()
  expect(contradiction(seen(DIGEST))).toBeNull()
  expect(contradiction(seen('b'.repeat(64)))).toContain('not the one that was given')
})

it('the same run told as it was is genuine', async () => {
  using damaged = real.copy()
  const key = newKey()
  writeSigned(damaged.dir, { ...told, evaluation: evaluate(told.question) }, key)
  expect(await real.verify(damaged.dir, { key: publicHalf(key) })).toMatchObject({ exitCode: 0, problems: {} })
})
