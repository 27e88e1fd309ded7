import { generateKeyPairSync } from 'node:crypto'
import { bundleFromJSON } from '@sigstore/bundle'
import { toSignedEntity, type TrustMaterial, Verifier } from '@sigstore/verify'
import { describe, expect, it } from 'vitest'
import { canonicalJson, digestOf, sha256 } from '../../../src/gate/canonical.ts'
import { expiryOf } from '../../../src/gate/certificate/expiry.ts'
import { statementOf } from '../../../src/gate/certificate/statement.ts'
import { DEFAULT_POLICY } from '../../../src/gate/policy.ts'
import { CANDIDATE, envelopeOf, ID, inputOf, payloadOf, signer, stranger } from './made.ts'

describe('the statement', () => {
  // in-toto/attestation, spec/v1/statement.md and resource_descriptor.md: the members that must be there, their names and values.
  it('is one of in-toto, version 1', () => {
    const statement = statementOf(inputOf())
    expect(Object.keys(statement).toSorted()).toEqual(['_type', 'predicate', 'predicateType', 'subject'])
    expect(statement._type).toBe('https://in-toto.io/Statement/v1')
    expect(statement.subject).toEqual([
      { name: 'commit', digest: { gitCommit: 'a'.repeat(40) } },
      { name: 'tree', digest: { gitTree: 'b'.repeat(40) } },
      { name: 'image registry.example/app', digest: { sha256: 'c'.repeat(64) } },
      { name: 'migrations db/migrations', digest: { sha256: 'e'.repeat(64) } },
    ])
  })

  // slsa.dev/spec/v1.0/verification_summary: required are verifier.id, timeVerified, resourceUri, policy, verificationResult and
  // verifiedLevels; further members are to be named vendor_name.
  it('holds a verification summary of SLSA, version 1', () => {
    const input = inputOf()
    const { predicateType, predicate } = statementOf(input)
    expect(predicateType).toBe('https://slsa.dev/verification_summary/v1')
    expect(predicate).toMatchObject({
      verifier: { id: 'pkg:npm/seaworthy', version: { seaworthy: '1.2.3' } },
      timeVerified: '2026-11-21T12:00:00.000Z',
      resourceUri: `gitoid:commit:sha1:${'a'.repeat(40)}`,
      policy: { uri: 'policy.json', digest: { sha256: sha256(canonicalJson(input.question.policy)) } },
      verificationResult: 'PASSED',
      verifiedLevels: ['SEAWORTHY_DEPLOY'],
    })
    expect(predicate.inputAttestations).toEqual([
      { uri: 'observations/1/seen.json', digest: { sha256: input.digests.get('observations/1/seen.json') } },
    ])
    const own = new Set([
      'verifier',
      'timeVerified',
      'resourceUri',
      'policy',
      'inputAttestations',
      'verificationResult',
      'verifiedLevels',
    ])
    expect(Object.keys(predicate).filter((member) => !own.has(member))).toEqual(['seaworthy_release'])
  })

  it('says besides what the verdict was, of which judges, for what, until when, and what it rests on', () => {
    const input = inputOf()
    const { seaworthy_release: release } = statementOf(input).predicate
    expect(release).toMatchObject({
      schemaVersion: 1,
      verdict: 'pass',
      action: 'deploy',
      evaluatedAt: '2026-11-21T12:00:00.000Z',
      expiresAt: '2026-11-22T12:00:00.000Z',
      toolVersion: '1.2.3',
      judges: [{ check: 'looking', version: 7 }],
      candidate: CANDIDATE,
      manifest: `sha256:${input.digests.get('manifest.json')}`,
      policy: digestOf(input.question.policy),
      ledgerHead: { seq: 4 },
    })
    expect(release.preconditions).toMatchObject([
      { kind: 'seen', subject: 'db/migrations', witness: 'database d', parts: [{ name: 'row 1' }, { name: 'row 2' }] },
    ])
    expect(release.obligations).toEqual([
      expect.objectContaining({ id: ID, state: 'answered', answeredAt: '2026-11-21T11:00:00.000Z', failsFrom: 1 }),
    ])
    expect(release.obligations[0]).not.toHaveProperty('rowsSql')
  })

  it('has no time of an answer where there is none', () => {
    const { obligations } = inputOf()
    const open = obligations.map((one) => ({ ...one, state: 'open' as const, answer: null, witness: null }))
    const statement = statementOf(inputOf({ rest: { obligations: open, ledgerHead: null } }))
    expect(statement.predicate.seaworthy_release).toMatchObject({
      obligations: [{ state: 'open', answeredAt: null, witness: null }],
      ledgerHead: null,
    })
  })

  it('of anything but a pass is FAILED for whoever reads summaries alone', () => {
    const failed = statementOf(inputOf({ holds: false })).predicate
    expect(failed).toMatchObject({
      verificationResult: 'FAILED',
      verifiedLevels: ['FAILED'],
      seaworthy_release: { verdict: 'fail' },
    })
    const unproven = statementOf(inputOf({ question: { subjects: [] } })).predicate
    expect(unproven).toMatchObject({
      verificationResult: 'FAILED',
      verifiedLevels: ['FAILED'],
      seaworthy_release: { verdict: 'unproven' },
    })
    const merge = statementOf(inputOf({ question: { action: 'pull-request' } })).predicate
    expect(merge.verifiedLevels).toEqual(['SEAWORTHY_PULL_REQUEST'])
  })

  it('is never made of a partial run', () => {
    expect(() => statementOf(inputOf({ question: { isPartial: true } }))).toThrow('a partial run cannot be certified')
  })

  it('names what came with the release and was judged by, and is never made without a manifest', () => {
    const given = [{ as: 'shape', file: 's.json', change: 'new', base: null, why: null }] as const
    const uris = statementOf(inputOf({ question: { given } })).predicate.inputAttestations.map(({ uri }) => uri)
    expect(uris).toEqual(['observations/1/seen.json', 'given.json'])
    expect(() => statementOf(inputOf({ rest: { digests: new Map() } }))).toThrow('nothing without a manifest')
  })

  it('has the same bytes, whoever makes it', () => {
    expect(payloadOf()).toBe(payloadOf())
    expect(JSON.stringify(JSON.parse(payloadOf()))).toBe(payloadOf())
  })
})

describe('a certificate counts', () => {
  const at = '2026-11-21T12:00:00.000Z'
  const { evaluation } = inputOf()
  const accepted = (expires: string): typeof evaluation => ({
    ...evaluation,
    accepted: [
      {
        finding: evaluation.policyFindings[0]!,
        acceptance: { code: 'lock/a', reason: 'because of it', author: 'ada', expires },
        subject: 's',
        check: 'c',
      },
    ],
  })

  it('for as many hours as the policy says', () => {
    expect(expiryOf(evaluation, DEFAULT_POLICY, at)).toBe('2026-11-22T12:00:00.000Z')
    expect(expiryOf(evaluation, { ...DEFAULT_POLICY, certificate: { validHours: 0.5 } }, at)).toBe(
      '2026-11-21T12:30:00.000Z',
    )
  })

  it('never longer than the last day of what was accepted in it', () => {
    expect(expiryOf(accepted('2026-11-21'), DEFAULT_POLICY, at)).toBe('2026-11-21T23:59:59.999Z')
    expect(expiryOf(accepted('2027-01-01'), DEFAULT_POLICY, at)).toBe('2026-11-22T12:00:00.000Z')
  })
})

describe("sigstore's verifier", () => {
  const verify = (envelope: string, key = signer.publicKey): void => {
    const keys: TrustMaterial = {
      certificateAuthorities: [],
      timestampAuthorities: [],
      tlogs: [],
      ctlogs: [],
      publicKey: () => ({ publicKey: key, validFor: () => true }),
    }
    const entity = toSignedEntity(
      bundleFromJSON({
        mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
        verificationMaterial: { publicKey: { hint: 'the key of the project' } },
        dsseEnvelope: JSON.parse(envelope),
      }),
    )
    new Verifier(keys, { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 }).verify(entity)
  }
  const envelope = envelopeOf()

  it('takes a certificate of ours, with its key alone', () => {
    expect(() => verify(envelope)).not.toThrow()
    expect(() => verify(envelope, stranger.publicKey)).toThrow('signature verification failed')
    expect(() => verify(envelope, generateKeyPairSync('ed25519').publicKey)).toThrow('signature verification failed')
  })

  it('refuses it with one byte changed: of the payload, of its type, of the signature', () => {
    const { payload, payloadType, signatures } = JSON.parse(envelope)
    const flipped = (text: string, at: number): string => {
      const bytes = Buffer.from(text, 'base64')
      bytes[at]! ^= 1
      return bytes.toString('base64')
    }
    const changed = [
      ...[0, 100, 1_000].map((at) => ({ payload: flipped(payload, at), payloadType, signatures })),
      { payload, payloadType: `${payloadType} `, signatures },
      { payload, payloadType, signatures: [{ ...signatures[0], sig: flipped(signatures[0].sig, 63) }] },
    ]
    for (const one of changed) expect(() => verify(JSON.stringify(one))).toThrow('signature verification failed')
  })
})
