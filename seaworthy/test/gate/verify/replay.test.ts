import { describe, expect, it } from 'vitest'
import { canonicalJson } from '../../../src/gate/canonical.ts'
import { sealEnvelope } from '../../../src/gate/certificate/dsse.ts'
import { statementOf } from '../../../src/gate/certificate/statement.ts'
import type { Manifest } from '../../../src/gate/evidence.ts'
import { DEFAULT_POLICY, type Policy } from '../../../src/gate/policy.ts'
import {
  candidateStep,
  certificateStep,
  policyStep,
  showReplay,
  showSignature,
  showStatement,
  timeStep,
} from '../../../src/gate/verify/replay.ts'
import { holds, refused, unproven } from '../../../src/gate/verify/verification.ts'
import { CANDIDATE, envelopeOf, inputOf, type Made, payloadOf, signer, stranger } from '../certificate/made.ts'

const manifestIn = (files: ReadonlyMap<string, string>): Manifest => JSON.parse(files.get('manifest.json')!)

describe('the signature', () => {
  it.each([
    ['there is none', null, 'unsigned', 'unproven', 'the bundle is not signed: nothing says who made it'],
    ['another key', envelopeOf(), 'other-key', 'refused', 'the certificate does not count: it says that another key'],
    ['no envelope', '{}', 'not-an-envelope', 'refused', 'the certificate does not count: it is no DSSE envelope'],
  ])('%s', (_, certificate, problem, outcome, message) => {
    const { step, evidence } = showSignature(certificate, stranger.publicKey)
    expect(evidence).toBeNull()
    expect(step).toMatchObject({ step: 'signature', outcome, code: `verify/${problem}` })
    expect(step.message).toContain(message)
  })

  it('holds for the key that made it, and gives what was signed', () => {
    const { step, evidence } = showSignature(envelopeOf(), signer.publicKey)
    expect(step).toEqual(holds('signature', expect.stringMatching(/^signed with the key [0-9a-f]{64}$/)))
    expect(evidence).toBe(payloadOf())
    const other = sealEnvelope('text/plain', payloadOf(), signer.privateKey)
    expect(showSignature(other, signer.publicKey).step.code).toBe('verify/other-type')
  })
})

describe('the statement', () => {
  const input = inputOf()
  const statement = statementOf(input)
  const text = input.files.get('manifest.json')!

  it('is none where its schema does not take it', () => {
    expect(showStatement({ problem: 'predicate: missing' }, text)).toEqual({
      step: refused(
        'statement',
        'verify/not-a-statement',
        'what was signed is no certificate of this version: predicate: missing',
      ),
      evidence: null,
    })
  })

  it('is about one manifest', () => {
    expect(showStatement({ statement }, `${text} `)).toEqual({
      step: refused(
        'statement',
        'verify/other-manifest',
        'the certificate is about another bundle: it has another digest of manifest.json',
      ),
      evidence: null,
    })
    expect(showStatement({ statement }, text)).toEqual({
      step: holds('statement', 'it certifies this bundle, with the verdict pass'),
      evidence: statement,
    })
  })
})

describe('the candidate', () => {
  const [one] = CANDIDATE.migrations
  const two = { ...one!, folder: 'db/other' }
  const folder = { format: null, baseline: null, ledgerTable: null }
  const base = manifestIn(inputOf().files)
  const manifest: Manifest = {
    ...base,
    subjects: [{ name: 'db/migrations', observations: [] }],
    request: { ...base.request, folders: [{ ...folder, dir: 'db/migrations' }] },
  }
  const other = refused(
    'candidate',
    'verify/other-candidate',
    'it names other migrations than those that were observed',
  )

  it('is the one whose migrations were observed', () => {
    expect(candidateStep(manifest, [one!], [])).toEqual(
      holds('candidate', 'the migrations that it names are those that were observed'),
    )
  })

  it('is refused where an observation contradicts what was asked for', () => {
    const seen = {
      folder: 'db/migrations',
      observations: new Map(),
      format: 'flyway',
      pending: null,
      isLedgerRead: false,
      rehearsal: null,
      querySources: null,
    }
    expect(candidateStep(manifest, [one!], [seen])).toEqual(
      refused('candidate', 'verify/other-request', 'db/migrations: it was read as of another tool than was asked for'),
    )
  })

  it.each<[string, Manifest, readonly (typeof two)[]]>([
    ['another digest', manifest, [{ ...one!, digest: 'sha256:0' }]],
    ['another folder', manifest, [two]],
    ['one more', manifest, [one!, two]],
    ['none', manifest, []],
    ['a subject more', { ...manifest, subjects: [...manifest.subjects, { name: 'x', observations: [] }] }, [one!]],
    ['another request', { ...manifest, request: { ...base.request, folders: [{ ...folder, dir: 'x' }] } }, [one!]],
  ])('is refused: %s', (_, said, observed) => expect(candidateStep(said, observed, [])).toEqual(other))
})

describe('the replay', () => {
  const replayed = (made: Made = {}, change: (files: Map<string, string>) => void = () => {}, version = '1.2.3') => {
    const { question, files } = inputOf(made)
    const changed = new Map(files)
    change(changed)
    return showReplay(question, manifestIn(files), changed, version)
  }

  it('says the same again, whatever the verdict', () => {
    const { step, evidence, evaluation } = replayed()
    expect(step).toEqual(holds('replay', '1 judge says the same again: pass'))
    expect(evidence).toBe(evaluation)
    expect(evaluation.verdict).toBe('pass')
    expect(replayed({ holds: false }).step.message).toBe('1 judge says the same again: fail')
    const [check] = inputOf().question.checks
    const checks = [check!, { ...check!, id: 'also' }]
    expect(replayed({ question: { checks } }).step.message).toBe('2 judges say the same again: pass')
  })

  it('of a part of the checks is none', () => {
    const { step, evidence, evaluation } = replayed({ question: { isPartial: true } })
    expect(step).toEqual(refused('replay', 'verify/partial', 'only a part of the checks was asked for (--only)'))
    expect(evidence).toBeNull()
    expect(evaluation.verdict).toBe('pass')
  })

  it('refuses findings that the judges do not have, and names the place', () => {
    const lie = (files: Map<string, string>): void => {
      files.set('findings.json', files.get('findings.json')!.replaceAll('"verdict":"fail"', '"verdict":"pass"'))
    }
    const { step, evidence } = replayed({ holds: false }, lie)
    const message = '1 judge says fail, and the bundle says fail: findings.json differs at verdict'
    expect(step).toEqual(refused('replay', 'verify/other-findings', message))
    expect(evidence).toBeNull()
  })

  it.each(['policy.json', 'manifest.json'])('refuses another %s, byte for byte', (path) => {
    const { step } = replayed({}, (files) => files.set(path, `${files.get(path)} `))
    const message = `1 judge says pass, and the bundle says pass: ${path} is another one`
    expect(step).toEqual(refused('replay', 'verify/other-findings', message))
  })

  it.each<[string, (files: Map<string, string>) => void]>([
    ['no findings', (files) => files.delete('findings.json')],
    ['findings that are no JSON', (files) => files.set('findings.json', '{')],
  ])('refuses %s', (_, change) => {
    expect(replayed({}, change).step).toEqual(
      refused(
        'replay',
        'verify/other-findings',
        '1 judge says pass, and the bundle says pass: findings.json is another one',
      ),
    )
  })

  it('claims nothing where another version judged', () => {
    const { step, evidence } = replayed({}, (files) => files.set('policy.json', '{}'), '9.0.0')
    expect(step).toEqual(
      unproven(
        'replay',
        'verify/other-tool-version',
        '1 judge says pass, and the bundle says pass: policy.json is another one; Seaworthy 1.2.3 wrote it, and this is 9.0.0',
      ),
    )
    expect(evidence).toBeNull()
    expect(replayed({}, () => {}, '9.0.0').step.outcome).toBe('holds')
  })
})

describe('the certificate', () => {
  const statement = statementOf(inputOf())

  it('made again, has the bytes that were signed', () => {
    expect(certificateStep(payloadOf(), statement)).toEqual(
      holds('certificate', 'made again from the bundle, it has the bytes that were signed'),
    )
  })

  it.each([
    [
      'another verdict',
      payloadOf().replace('"verdict":"pass"', '"verdict":"fail"'),
      ': it differs at predicate.seaworthy_release.verdict',
    ],
    ['the same in another order', canonicalJson(JSON.parse(payloadOf())).replace('{', '{ '), ''],
  ])('refuses %s', (_, payload, where) => {
    expect(certificateStep(payload, statement)).toEqual(
      refused(
        'certificate',
        'verify/other-statement',
        `the bundle gives another statement than the one that was signed${where}`,
      ),
    )
  })
})

describe('the time', () => {
  const { question, evaluation } = inputOf()
  const at = (time: string) => timeStep(question, evaluation, new Date(time))
  const MADE = '2026-11-21T12:00:00.000Z'
  const GOOD_UNTIL = '2026-11-22T12:00:00.000Z'

  it.each(['2026-11-21T11:59:00.000Z', MADE, '2026-11-22T11:59:59.999Z'])('is good at %s', (time) =>
    expect(at(time)).toEqual(holds('time', `made at ${MADE}, good until ${GOOD_UNTIL}; as of ${time}`)),
  )

  it('is not, a minute before it was made and from the moment on at which it expires', () => {
    const early = '2026-11-21T11:58:59.999Z'
    expect(at(early)).toEqual(
      refused('time', 'verify/from-the-future', `it was made at ${MADE}, which is in the future as of ${early}`),
    )
    expect(at(GOOD_UNTIL)).toEqual(
      refused(
        'time',
        'verify/expired',
        `it expired at ${GOOD_UNTIL}; nobody may act on it any more, as of ${GOOD_UNTIL}`,
      ),
    )
  })
})

describe('the policy', () => {
  const stricter: Policy = { ...DEFAULT_POLICY, certificate: { validHours: 1 } }

  it('is the one that was given, or the bundle’s own', () => {
    expect(policyStep(DEFAULT_POLICY, { ...DEFAULT_POLICY })).toEqual(
      holds('policy', 'it is exactly the policy that was given'),
    )
    expect(policyStep(stricter, 'embedded')).toEqual(holds('policy', 'the bundle’s own, which is to be read below'))
  })

  it('that is another one is told by its differences', () => {
    const both: Policy = { ...stricter, changedInputs: 'refuse' }
    expect(policyStep(both, DEFAULT_POLICY)).toEqual(
      refused(
        'policy',
        'verify/other-policy',
        'it was judged by another policy: changedInputs: yours "warn", the bundle’s "refuse"; certificate.validHours: yours 24, the bundle’s 1',
      ),
    )
  })

  it('tells no more than 120 characters of a value, and nothing where there is none', () => {
    const reviewed = (...reviewers: string[]): Policy => ({
      ...DEFAULT_POLICY,
      review: { isIndependent: false, reviewers },
    })
    const message = (text: string): string => policyStep(reviewed(text), reviewed()).message
    const all = 'it was judged by another policy: review.reviewers[0]: yours nothing, the bundle’s '
    expect(message('a'.repeat(118))).toBe(`${all}"${'a'.repeat(118)}"`)
    expect(message('a'.repeat(119))).toBe(`${all}"${'a'.repeat(119)}…`)
  })
})
