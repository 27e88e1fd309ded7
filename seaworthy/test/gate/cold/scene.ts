import type { Candidate } from '../../../src/gate/certificate/candidate.ts'
import type { Check, CheckResult } from '../../../src/gate/check.ts'
import type { Claim, Looked } from '../../../src/gate/cold/claim.ts'
import { claimsOf } from '../../../src/gate/cold/claims.ts'
import type { CommitSeen, LookedAgain, ToldRun } from '../../../src/gate/cold/looked-again.ts'
import type { Evaluation, Question, SubjectResult } from '../../../src/gate/evaluate.ts'
import type { Finding } from '../../../src/gate/finding.ts'
import { type Kind, Observations, observed } from '../../../src/gate/observation.ts'
import { DEFAULT_POLICY } from '../../../src/gate/policy.ts'

export const kindOf = <T = unknown>(name: string): Kind<T> => ({
  name,
  version: 1,
  parse: () => Promise.reject(new Error('not from outside')),
})
export const [ledger, shape] = [kindOf('ledger'), kindOf('shape')]
const [server, files] = [kindOf('server'), kindOf('files')]

export const checkOf = (id: string, needs: Check['needs'], uses: Check['uses'] = []): Check => ({
  id,
  version: 1,
  question: 'q',
  needs,
  uses,
  explanations: [],
  judge: () => ({ findings: [], proved: [] }),
})
export const resultOf = (
  check: string,
  subject: string,
  verdict: CheckResult['verdict'] = 'pass',
  findings: readonly Finding[] = [],
): SubjectResult => ({
  check,
  subject,
  verdict,
  findings,
  version: 1,
  proved: [],
  obligations: [],
  settled: [],
  allows: [],
  reason: null,
  carried: [],
})
export const evaluation = (change: Partial<Evaluation> = {}): Evaluation => ({
  verdict: 'pass',
  results: [],
  accepted: [],
  allowed: [],
  overruled: [],
  obligations: [],
  policyFindings: [],
  ...change,
})

export const CANDIDATE: Candidate = {
  commit: 'c1',
  tree: 't1',
  isDirty: false,
  images: [],
  buildInfo: null,
  migrations: [{ folder: 'db', format: 'numbered', digest: 'sha256:d' }],
}
export const EVALUATED = '2026-11-21T12:00:00.000Z'
export const QUESTION: Question = {
  subjects: ['two', 'db'].map((name) => ({
    name,
    observations: new Observations([observed(ledger, `file of ${name}`, { name }), observed(shape, 'f', { s: 1 })]),
  })),
  checks: [checkOf('static', [files]), checkOf('real', [files], [server, files])],
  policy: DEFAULT_POLICY,
  action: 'deploy',
  evaluatedAt: EVALUATED,
  isPartial: false,
}
export const RUN: ToldRun = {
  witness: 'bundle',
  candidate: CANDIDATE,
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
  question: QUESTION,
  evaluation: evaluation(),
  rehearsed: new Set(['server']),
}
/** The candidate's commit, as it says. */
export const COMMIT: CommitSeen = {
  commit: 'c1',
  tree: 't1',
  committedAt: '2026-11-21T11:00:00Z',
  exchanged: [],
  isOnBranch: true,
  migrations: new Map([['db', { format: 'numbered', digest: 'sha256:d' }]]),
  formats: new Map([['db', 'numbered']]),
  otherFolders: [],
  configurations: [],
  bases: new Map(),
}
export const AGAIN: LookedAgain = {
  commit: { done: COMMIT, witness: 'clone' },
  inputs: [],
  run: { failed: 'no server' },
  besides: [],
  brought: new Map(),
  production: new Map(),
}
export const BLOCKING = {
  source: 'certificate',
  severity: 'blocking',
  unchecked: 'blocking',
  comparison: 'equal',
} as const
export const KNOWN = { severity: 'discrepancy', unchecked: 'discrepancy' } as const

/** What was seen of the commit, but for this. */
export const commitSeen = (change: Partial<CommitSeen>): Pick<LookedAgain, 'commit'> => ({
  commit: { done: { ...COMMIT, ...change }, witness: 'clone' },
})

export const claims = (run: Partial<ToldRun>): readonly Claim[] =>
  claimsOf({ ...RUN, ...run }).map(({ claim }) => claim)
export const about = (run: Partial<ToldRun>, ...starts: string[]): readonly Claim[] =>
  claims(run).filter(({ id }) => starts.some((start) => id.startsWith(start)))
export const look = (run: Partial<ToldRun>, id: string, again: Partial<LookedAgain> = {}): Looked | undefined =>
  claimsOf({ ...RUN, ...run })
    .find(({ claim }) => claim.id === id)
    ?.look({ ...AGAIN, ...again })
