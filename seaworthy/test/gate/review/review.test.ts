import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { keyId } from '../../../src/gate/certificate/dsse.ts'
import { type Claim, couldNotLook, type Looked, seenBy } from '../../../src/gate/cold/claim.ts'
import type { ClaimToCheck, LookedAgain } from '../../../src/gate/cold/looked-again.ts'
import {
  problemsAgainst,
  problemsOfReview,
  type Review,
  type ReviewAbout,
  reviewOf,
} from '../../../src/gate/review/review.ts'
import { objectionTo, signedAnswer, signerOf, stateOf, withAnswer } from '../../../src/gate/review/answer.ts'

const builder = generateKeyPairSync('ed25519').privateKey
const ada = generateKeyPairSync('ed25519').privateKey
const other = generateKeyPairSync('ed25519').privateKey

const ABOUT: ReviewAbout = {
  toolVersion: '1.0.0',
  reviewedAt: '2026-11-21T13:00:00.000Z',
  certificate: { digest: 'sha256:c', keyId: keyId(builder) },
  manifest: 'sha256:m',
  candidate: { commit: null, tree: null, isDirty: null, images: [], buildInfo: null, migrations: [] },
  action: 'deploy',
  evaluatedAt: '2025-11-21T12:00:00.000Z',
  expiresAt: '9999-12-31T23:59:59.999Z',
  verdict: 'pass',
  asked: ['db as numbered'],
  rehearsed: [],
  otherPolicy: null,
  policy: { isIndependent: false, reviewers: [] },
}

const NOTHING: LookedAgain = {
  commit: { failed: 'nobody looked' },
  inputs: [],
  run: { failed: 'nobody looked' },
  besides: [],
  brought: new Map(),
  production: new Map(),
}

const claim = (id: string, looked: Looked, change: Partial<Claim> = {}): ClaimToCheck => ({
  claim: {
    id,
    kind: 'repository',
    says: id,
    source: 'certificate',
    severity: 'blocking',
    unchecked: 'blocking',
    comparison: 'equal',
    expected: 1,
    witness: 'bundle',
    needs: 'a look',
    ...change,
  },
  look: () => looked,
})

const same = seenBy('clone', 1)
const different = seenBy('clone', 2)
const unseen = couldNotLook('no clone')

const review = (claims: readonly ClaimToCheck[], policy: Partial<ReviewAbout['policy']> = {}): Review =>
  reviewOf({ ...ABOUT, policy: { ...ABOUT.policy, ...policy } }, claims, NOTHING)

describe('a review', () => {
  it.each<[string, readonly ClaimToCheck[], string, readonly string[]]>([
    ['all confirmed', [claim('a', same)], 'confirmed', []],
    [
      'a blocking one contradicted',
      [claim('a', same), claim('b', different)],
      'contradicted',
      ['F1 blocking contradicted'],
    ],
    ['a blocking one unchecked', [claim('a', unseen)], 'unproven', ['F1 blocking cannot-be-checked']],
    [
      'both',
      [claim('a', unseen), claim('b', different)],
      'contradicted',
      ['F1 blocking cannot-be-checked', 'F2 blocking contradicted'],
    ],
    [
      'a discrepancy',
      [claim('a', different, { severity: 'discrepancy' })],
      'confirmed',
      ['F1 discrepancy contradicted'],
    ],
    [
      'one that matters only if it is contradicted',
      [claim('a', unseen, { unchecked: 'discrepancy' })],
      'confirmed',
      ['F1 discrepancy cannot-be-checked'],
    ],
    [
      'the same once it is',
      [claim('a', different, { unchecked: 'discrepancy' })],
      'contradicted',
      ['F1 blocking contradicted'],
    ],
  ])('%s', (_, claims, verdict, findings) => {
    const made = review(claims)
    expect(made.verdict).toBe(verdict)
    expect(made.findings.map((one) => `${one.id} ${one.severity} ${one.outcome}`)).toEqual(findings)
    expect(problemsOfReview(made)).toEqual([])
  })

  it('tells claims that share a reason in one finding', () => {
    const { findings } = review([claim('a', unseen), claim('b', different), claim('c', unseen)])
    expect(findings.map((one) => one.claims)).toEqual([['a', 'c'], ['b']])
    expect(findings[0]).toMatchObject({ why: 'no clone', needs: 'a look' })
  })

  it('that was edited is noticed, whatever was edited', () => {
    const made = review([claim('a', same), claim('b', different)])
    const [first, second] = made.claims
    const edits: Partial<Review>[] = [
      { verdict: 'confirmed' },
      { findings: [] },
      { claims: made.claims.map((one) => ({ ...one, outcome: 'confirmed' as const, needs: null })) },
      { claims: [first!] },
      { claims: [first!, first!] },
      { claims: [first!, { ...second!, looked: same }] },
      { about: { ...made.about, policy: { isIndependent: false, reviewers: ['x'] } } },
      { digest: 'sha256:0' },
    ]
    for (const edit of edits) expect(problemsOfReview({ ...made, ...edit })).not.toEqual([])
    expect(problemsOfReview(review([]))).toContain('there is no claim in it')
    expect(problemsOfReview(review([claim('a', same), claim('a', same)]))).toContain('a claim is in it twice')
  })

  it('is held against the bundle that it is about', () => {
    const made = review([claim('a', same)])
    const { claim: ours } = claim('a', same)
    const bundle = { about: ABOUT, claims: [ours] }
    expect(problemsAgainst(made, bundle)).toEqual([])
    const { certificate } = ABOUT
    for (const [change, what] of [
      [{ manifest: 'sha256:x' }, 'it is about another bundle'],
      [{ certificate: { ...certificate, digest: 'sha256:x' } }, 'it is about another certificate'],
      [{ certificate: { ...certificate, keyId: keyId(ada) } }, 'it names another key for the certificate'],
      [{ policy: { isIndependent: true, reviewers: [] } }, 'it has another policy of who may answer'],
      [{ policy: { isIndependent: false, reviewers: ['x'] } }, 'it has another policy of who may answer'],
      [{ candidate: { ...ABOUT.candidate, commit: 'x' } }, 'it is about another candidate'],
      [{ action: 'pull-request' }, 'it is about another action'],
      [{ evaluatedAt: '2026-11-21T12:00:01.000Z' }, 'it was judged at another time'],
      [{ verdict: 'fail' }, 'the judges say another verdict'],
      [{ asked: [] }, 'the run was asked for in another way'],
      [{ rehearsed: ['x'] }, 'the rehearsals had something else'],
      [{ expiresAt: 'x' }, 'it expires at another time'],
    ] as const) {
      const problems = problemsAgainst(made, { ...bundle, about: { ...ABOUT, ...change } })
      expect(problems).toEqual([expect.stringContaining(what)])
    }
    expect(problemsAgainst(made, { ...bundle, claims: [] })).toEqual(['the bundle does not claim a'])
    expect(problemsAgainst(made, { ...bundle, claims: [ours, claim('b', same).claim] })).toEqual([
      'the bundle claims b, and the review does not have it so',
    ])
    expect(problemsAgainst(made, { ...bundle, claims: [{ ...ours, expected: 7 }] })).toHaveLength(1)
  })
})

const EVIDENCE = { text: 'deploy 417 brought it', file: null }
const plain = (finding: string) => ({ finding, by: 'Ada', at: '2026-11-21T14:00:00.000Z', evidence: EVIDENCE })

describe('answers', () => {
  const contradicted = [claim('a', different), claim('b', unseen)]

  it('make a review complete once every blocking finding has one', () => {
    const made = review([...contradicted, claim('c', different, { severity: 'discrepancy', expected: 3 })])
    expect(stateOf(made).state).toBe('contradicted')
    const once = withAnswer(made, { ...plain('F1'), signature: null })
    expect(stateOf(once).state).toBe('open')
    const twice = withAnswer(once, { ...plain('F2'), signature: null })
    expect(stateOf(twice)).toMatchObject({
      state: 'complete',
      findings: [{ isAnswered: true }, { isAnswered: true }, { isAnswered: false }],
    })
    // What was said stays, and is no part of what was found.
    expect(twice.answers).toHaveLength(2)
    expect(problemsOfReview(twice)).toEqual([])
    expect(stateOf(review([claim('a', same)])).state).toBe('complete')
  })

  it('that are unsigned, or signed by whoever signed the certificate, do not count where the policy wants another', () => {
    const made = review(contradicted, { isIndependent: true })
    const objection = (answer: Parameters<typeof withAnswer>[1]): string | null => objectionTo(made, answer)
    expect(objection({ ...plain('F1'), signature: null })).toContain('the policy wants it signed, by another key')
    expect(objection(signedAnswer(made, plain('F1'), builder))).toContain('the key that signed the certificate')
    expect(objection(signedAnswer(made, plain('F1'), ada))).toBeNull()
    expect(stateOf(withAnswer(made, signedAnswer(made, plain('F1'), builder))).state).toBe('contradicted')
  })

  it('count only by the reviewers that the policy names', () => {
    const made = review(contradicted, { reviewers: [keyId(ada)] })
    expect(objectionTo(made, { ...plain('F1'), signature: null })).toContain('signed by one of its reviewers')
    expect(objectionTo(made, signedAnswer(made, plain('F1'), other))).toContain(`does not name the key ${keyId(other)}`)
    expect(objectionTo(made, signedAnswer(made, plain('F1'), ada))).toBeNull()
  })

  it('whose signature is of something else do not count anywhere', () => {
    const made = review(contradicted)
    const another = review([claim('x', different)])
    const signed = signedAnswer(made, plain('F1'), ada)
    expect(signerOf(made, signed)).toBe(keyId(ada))
    expect(signerOf(made, { ...signed, signature: null })).toBeNull()
    const publicKey = signedAnswer(made, plain('F1'), other).signature?.publicKey ?? ''
    const broken = [
      { ...signed, by: 'Eve' },
      { ...signed, finding: 'F2' },
      { ...signed, evidence: { text: 'trust me', file: null } },
      signedAnswer(another, plain('F1'), ada),
      { ...signed, signature: { publicKey, envelope: signed.signature?.envelope ?? '' } },
      { ...signed, signature: { publicKey: 'no key', envelope: signed.signature?.envelope ?? '' } },
      { ...signed, signature: { publicKey, envelope: '{}' } },
    ]
    for (const answer of broken) {
      expect(signerOf(made, answer)).toBeNull()
      expect(objectionTo(made, answer)).toBe('its signature is not of this answer to this review')
    }
  })
})
