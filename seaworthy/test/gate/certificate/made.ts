import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { canonicalJson } from '../../../src/gate/canonical.ts'
import type { Candidate } from '../../../src/gate/certificate/candidate.ts'
import { IN_TOTO, sealEnvelope } from '../../../src/gate/certificate/dsse.ts'
import { preconditionsOf } from '../../../src/gate/certificate/precondition.ts'
import { type CertificateInput, statementOf } from '../../../src/gate/certificate/statement.ts'
import type { Check } from '../../../src/gate/check.ts'
import { evaluate, type Question } from '../../../src/gate/evaluate.ts'
import { bundle, type BundleFiles, digestsOf, type RunRequest } from '../../../src/gate/evidence.ts'
import { refuse } from '../../../src/gate/finding.ts'
import { type Kind, Observations, observed } from '../../../src/gate/observation.ts'
import { DEFAULT_POLICY, type Policy } from '../../../src/gate/policy.ts'

/** An Ed25519 key that is the same in every run. Its PKCS#8 form: RFC 8410, section 7. */
export function keyOf(seed: string): { readonly privateKey: KeyObject; readonly publicKey: KeyObject } {
  const der = Buffer.concat([
    Buffer.from('302e020100300506032b657004220420', 'hex'),
    createHash('sha256').update(seed).digest(),
  ])
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  return { privateKey, publicKey: createPublicKey(privateKey) }
}

export const signer = keyOf('the signer')
export const stranger = keyOf('a stranger')

const hex = (letter: string): string => letter.repeat(64)

export const CANDIDATE: Candidate = {
  commit: 'a'.repeat(40),
  tree: 'b'.repeat(40),
  isDirty: false,
  images: [{ name: 'registry.example/app', digest: `sha256:${hex('c')}` }],
  buildInfo: { digest: `sha256:${hex('d')}`, commit: 'a'.repeat(40) },
  migrations: [{ folder: 'db/migrations', format: 'golang-migrate', digest: `sha256:${hex('e')}` }],
}

/** What is observed here: whether it holds, and what is live. */
interface Seen {
  readonly holds: boolean
  readonly live: readonly string[]
}

export const seen: Kind<Seen> = {
  name: 'seen',
  version: 1,
  parse: () => Promise.reject(new Error('not from outside')),
}

export const ID = '0'.repeat(32)

const check: Check = {
  id: 'looking',
  version: 7,
  question: 'Does it hold?',
  needs: [seen],
  uses: [],
  judge: (observations) => ({
    findings: observations.need(seen).holds ? [] : [refuse({ code: 'apply/no', message: 'it does not hold' })],
    proved: ['it was looked at'],
    obligations: [
      {
        id: ID,
        question: 'no duplicates in users.handle',
        subject: 'column public.users.handle',
        where: null,
        sql: 'SELECT 1',
        rowsSql: 'SELECT 2',
        failsFrom: 1,
        consequence: 'the index cannot be built',
        code: 'obligation/unique',
      },
    ],
  }),
  explanations: [],
  preconditions: [
    { kind: seen, parts: (observations) => observations.need(seen).live.map((one) => [`row ${one}`, one]) },
  ],
}

const POLICY: Policy = { ...DEFAULT_POLICY, required: { 'pull-request': ['looking'], deploy: ['looking'] } }

const REQUEST: RunRequest = {
  folders: [],
  since: null,
  all: false,
  branches: false,
  roles: null,
  major: 18,
  down: 'pending',
  lockTimeoutMs: 1,
  statementTimeoutMs: 1,
  inputs: [],
  server: 'scratch',
}

export interface Made {
  readonly holds?: boolean
  readonly candidate?: Candidate
  readonly question?: Partial<Question>
  readonly rest?: Partial<CertificateInput>
}

/** What a statement is made of, for a run over one observation. */
export function inputOf({
  holds = true,
  candidate = CANDIDATE,
  question: over = {},
  rest = {},
}: Made = {}): CertificateInput & { readonly files: BundleFiles } {
  const observations = new Observations([observed(seen, 'database d', { holds, live: ['1', '2'] })])
  const question: Question = {
    subjects: [{ name: 'db/migrations', observations }],
    checks: [check],
    policy: POLICY,
    action: 'deploy',
    evaluatedAt: '2026-11-21T12:00:00.000Z',
    isPartial: false,
    ...over,
  }
  const evaluation = evaluate(question)
  const obligations = evaluation.obligations.map((one) => ({
    ...one,
    state: 'answered' as const,
    answer: { id: ID, answeredAt: '2026-11-21T11:00:00.000Z', rows: 0, problem: null },
    witness: `sha256:${hex('f')}`,
  }))
  const files = bundle(question, evaluation, { toolVersion: '1.2.3', candidate, request: REQUEST })
  return {
    question,
    evaluation,
    candidate,
    obligations,
    preconditions: preconditionsOf('db/migrations', observations, check.preconditions ?? []),
    files,
    digests: digestsOf(files),
    toolVersion: '1.2.3',
    ledgerHead: { seq: 4, digest: `sha256:${hex('1')}` },
    ...rest,
  }
}

export const payloadOf = (made: Made = {}): string => canonicalJson(statementOf(inputOf(made)))
export const envelopeOf = (made: Made = {}): string => sealEnvelope(IN_TOTO, payloadOf(made), signer.privateKey)
