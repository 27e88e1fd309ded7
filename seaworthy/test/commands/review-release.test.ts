import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type HeldReview, reviewAt } from '../../src/commands/review/review.ts'
import { aboutBundle, toldBy as toldOf } from '../../src/commands/verify/cold.ts'
import { readBundle } from '../../src/evidence/read.ts'
import { keyId } from '../../src/gate/certificate/dsse.ts'
import type { Json } from '../../src/gate/chain/chain.ts'
import { type Claim, seenBy } from '../../src/gate/cold/claim.ts'
import { claimsOf } from '../../src/gate/cold/claims.ts'
import { orderOf } from '../../src/gate/cold/order.ts'
import { evaluate, type Question } from '../../src/gate/evaluate.ts'
import { notObserved } from '../../src/gate/observation.ts'
import { inTheWay } from '../../src/gate/review/release.ts'
import { reviewOf } from '../../src/gate/review/review.ts'
import { rehearsal } from '../../src/observers/rehearsal/kind.ts'
import { SignedBundle, TOOL_VERSION, toldBy, writeSigned } from '../evidence/signed-bundle.ts'
import { usePrivateCache } from '../postgres/private-places.ts'
import { seaworthy } from './cli.ts'

const places = usePrivateCache()
let honest: SignedBundle
beforeAll(async () => {
  honest = await SignedBundle.make()
  const { project } = honest
  project.write({ 'gate.pub': readFileSync(project.at('gate.key.pub')), 'policy.json': honest.read('policy.json') })
})
afterAll(() => {
  honest[Symbol.dispose]()
  places.remove()
})

/** Whoever looked again saw just that. */
function itself({ comparison, expected }: Claim): Json {
  const order = comparison === 'order' ? orderOf(expected) : null
  if (order === null) return expected
  return { [order.before.event]: order.before.at, [order.after.event]: order.after.at }
}

/** A bundle that says this, and beside it a review in which every claim is confirmed. */
async function reviewedBundle(name: string, change: (question: Question) => Question): Promise<void> {
  const { project, privateKey, key } = honest
  const told = await toldBy(honest.dir)
  const question = change(told.question)
  const evaluation = evaluate(question)
  writeSigned(project.at(name), { question, evaluation, about: told.about }, privateKey)
  const bundle = await readBundle(project.at(name))
  const certificate = { text: bundle.certificate ?? '', keyId: keyId(key) }
  const about = aboutBundle({ bundle, certificate, question, evaluation, review: question.policy.review })
  const claims = claimsOf(toldOf({ bundle, question, evaluation }))
  const review = reviewOf(
    { toolVersion: TOOL_VERSION, reviewedAt: new Date().toISOString(), ...about, otherPolicy: null },
    claims.map(({ claim }) => ({ claim, look: () => seenBy('clone', itself(claim)) })),
    { commit: { failed: '' }, inputs: [], besides: [], run: { failed: '' }, brought: new Map(), production: new Map() },
  )
  expect(review.verdict).toBe('confirmed')
  project.write({
    [`${name}.json`]: JSON.stringify(review),
    [`${name}-policy.json`]: bundle.files.get('policy.json') ?? '',
  })
}

const held = async (name: string, wish: { policy?: string; now?: Date } = {}): Promise<HeldReview> => {
  const { project } = honest
  const policy = project.at(wish.policy ?? `${name}-policy.json`)
  return await reviewAt(
    project.at(`${name}.json`),
    { bundle: project.at(name), key: project.at('gate.pub'), policy },
    { now: wish.now ?? new Date(), toolVersion: TOOL_VERSION },
  )
}

it.each<[what: string, change: (question: Question) => Question, exitCode: number, why: string]>([
  ['fails', (one) => ({ ...one, policy: { ...one.policy, accept: [] } }), 1, 'the verdict is fail'],
  [
    'is unproven',
    (one) => ({
      ...one,
      subjects: one.subjects.map((subject) => ({
        ...subject,
        observations: subject.observations.with(notObserved(rehearsal, 'scratch server', 'it did not start')),
      })),
    }),
    3,
    'the verdict is unproven',
  ],
])('a release that %s is none to act on, however complete its review is', async (what, change, exitCode, why) => {
  const name = what.replace(' ', '-')
  await reviewedBundle(name, change)
  const { release } = await held(name)
  expect(release.exitCode).toBe(exitCode)
  expect(inTheWay(release)).toContain(why)
  const { project } = honest
  const against = ['--bundle', name, '--key', 'gate.pub', '--policy', `${name}-policy.json`]
  for (const args of [[], against]) {
    const shown = await seaworthy(['review', 'show', `${name}.json`, ...args, '--json'], project.root)
    expect(shown.code).toBe(exitCode)
    expect(JSON.parse(shown.stdout)).toMatchObject({
      state: 'complete',
      exitCode,
      release: { exitCode, inTheWay: [why] },
    })
  }
  await seaworthy(['review', 'show', `${name}.json`, ...against, '--report', 'markdown=R.md'], project.root)
  expect(readFileSync(project.at('R.md'), 'utf8')).toContain(`- **in the way of the release**: ${why}`)
})

it('a release that passes has to be judged by the policy that is given, and to be in time', async () => {
  await reviewedBundle('passes', (one) => one)
  expect((await held('passes')).release.exitCode).toBe(0)
  const { project, policy } = honest
  const { validHours } = policy.certificate
  const longer = { ...policy, certificate: { ...policy.certificate, validHours: validHours + 1 } }
  project.write({ 'longer.json': JSON.stringify(longer) })
  const other = await held('passes', { policy: 'longer.json' })
  expect(other.release.exitCode).toBe(1)
  expect(inTheWay(other.release)).toEqual([expect.stringContaining('judged by another policy')])
  const late = await held('passes', { now: new Date(Date.now() + (validHours + 1) * 3_600_000) })
  expect(late.release.exitCode).toBe(1)
  expect(inTheWay(late.release)).toEqual([expect.stringContaining('it expired at')])
})
