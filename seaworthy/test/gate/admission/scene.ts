import type { AdmissionInput, Seen } from '../../../src/gate/admission/admission.ts'
import { digestOf } from '../../../src/gate/canonical.ts'
import { type Candidate, subjectsOf } from '../../../src/gate/certificate/candidate.ts'
import type { Precondition } from '../../../src/gate/certificate/precondition.ts'
import {
  type CertifiedObligation,
  PREDICATE_TYPE,
  type Release,
  type Statement,
  STATEMENT_TYPE,
} from '../../../src/gate/certificate/statement.ts'
import { DEFAULT_POLICY, type Policy } from '../../../src/gate/policy.ts'

export const NOW = '2026-11-21T12:00:00.000Z'
export const MADE = '2026-11-21T10:00:00.000Z'
export const PRODUCTION = `sha256:${'a'.repeat(64)}`
export const STAGING = `sha256:${'b'.repeat(64)}`
export const COMMIT = '1'.repeat(40)

export const candidate: Candidate = {
  commit: COMMIT,
  tree: '2'.repeat(40),
  isDirty: false,
  images: [],
  buildInfo: null,
  migrations: [{ folder: 'migrations', format: 'numbered', digest: `sha256:${'3'.repeat(64)}` }],
}

/** A ledger with these rows, each with a content. */
export function ledgerOf(rows: Readonly<Record<string, string>>, witness = `postgresql://db/app t of ${PRODUCTION}`) {
  const parts = Object.entries(rows).map(([name, content]) => ({ name, digest: content.padEnd(32, '0') }))
  const found: Precondition = { kind: 'ledger', subject: 'migrations', witness, digest: digestOf(rows), parts }
  return found
}

export const question: CertifiedObligation = {
  id: 'c'.repeat(32),
  question: 'no duplicates in users.handle',
  subject: 'column public.users.handle',
  sql: 'SELECT count(*) FROM public.users',
  failsFrom: 1,
  consequence: 'the index is not built',
  code: 'obligation/unique',
  state: 'answered',
  answeredAt: '2026-11-21T09:00:00.000Z',
  witness: PRODUCTION,
}

export const seen = (precondition: Precondition): Seen => ({ kind: 'ledger', subject: 'migrations', precondition })

const release: Release = {
  schemaVersion: 1,
  verdict: 'pass',
  action: 'deploy',
  evaluatedAt: MADE,
  expiresAt: '2026-11-22T10:00:00.000Z',
  toolVersion: '0.0.0',
  judges: DEFAULT_POLICY.required.deploy.map((check) => ({ check, version: 1 })),
  candidate,
  manifest: `sha256:${'4'.repeat(64)}`,
  policy: digestOf(DEFAULT_POLICY),
  preconditions: [ledgerOf({ '1': 'aa', '2': 'bb' })],
  obligations: [question],
  ledgerHead: null,
}

export const statement = (of: Partial<Release> = {}, result?: 'PASSED' | 'FAILED'): Statement => ({
  _type: STATEMENT_TYPE,
  subject: subjectsOf(candidate),
  predicateType: PREDICATE_TYPE,
  predicate: {
    verifier: { id: 'pkg:npm/seaworthy', version: { seaworthy: '0.0.0' } },
    timeVerified: MADE,
    resourceUri: '',
    policy: { uri: 'policy.json', digest: {} },
    inputAttestations: [],
    verificationResult: result ?? ((of.verdict ?? 'pass') === 'pass' ? 'PASSED' : 'FAILED'),
    verifiedLevels: [],
    seaworthy_release: { ...release, ...of },
  },
})

/** Everything as it was certified. */
export const asCertified: AdmissionInput = {
  presented: { statement: statement(), keyId: 'e'.repeat(64) },
  action: 'deploy',
  now: NOW,
  policy: DEFAULT_POLICY,
  running: candidate,
  seen: [seen(ledgerOf({ '1': 'aa', '2': 'bb' }))],
  databases: [{ as: '--ledger-url', place: 'db:5432/app', identity: PRODUCTION, isReplica: false }],
  answers: null,
  emergency: null,
}

/** The same with another certificate. */
export const certified = (of: Partial<Release>, input: Partial<AdmissionInput> = {}): AdmissionInput => ({
  ...asCertified,
  presented: { statement: statement(of), keyId: 'e'.repeat(64) },
  ...input,
})

/** The same under a policy with other rules for admissions, of which the certificate knows. */
export function under(admission: Partial<Policy['admission']>, input: Partial<AdmissionInput> = {}): AdmissionInput {
  const policy: Policy = { ...DEFAULT_POLICY, admission: { ...DEFAULT_POLICY.admission, ...admission } }
  return { ...certified({ policy: digestOf(policy) }), policy, ...input }
}

export const IMAGE = { name: 'registry.example/app', digest: `sha256:${'5'.repeat(64)}` }
export const OTHER_IMAGE = { ...IMAGE, digest: `sha256:${'6'.repeat(64)}` }
export const BUILD = { digest: `sha256:${'7'.repeat(64)}`, commit: COMMIT }
export const OTHER_BUILD = { digest: `sha256:${'8'.repeat(64)}`, commit: '9'.repeat(40) }
export const database = asCertified.databases[0]!

export const running = (of: Partial<AdmissionInput['running']>): AdmissionInput => ({
  ...asCertified,
  running: { ...candidate, ...of },
})
export const of = (named: Partial<Candidate>, now: Partial<AdmissionInput['running']> = named): AdmissionInput =>
  certified({ candidate: { ...candidate, ...named } }, { running: { ...candidate, ...now } })
export const refused = (problem: 'not-signed' | 'other-key' | 'bad-signature' | 'not-readable'): AdmissionInput => ({
  ...asCertified,
  presented: { problem, message: `it is ${problem}` },
})
export const answered = (
  answeredAt: string,
  rows: number | null,
  identity = PRODUCTION,
): AdmissionInput['answers'] => ({
  identity,
  answers: [{ id: question.id, answeredAt, rows, problem: rows === null ? 'a timeout' : null }],
})
export const asking = (
  state: 'open' | 'violated' | 'stale' | 'answered',
  answeredAt: string | null = null,
): AdmissionInput => certified({ obligations: [{ ...question, state, answeredAt, witness: null }] })
export const moved = (rows: Readonly<Record<string, string>>): AdmissionInput => ({
  ...asCertified,
  seen: [seen(ledgerOf(rows))],
})
