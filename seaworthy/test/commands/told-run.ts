import { sampleFolder, samplePending } from '../../src/checks/sample-folder.ts'
import type { ToldRun } from '../../src/gate/cold/looked-again.ts'
import { evaluate, type Question } from '../../src/gate/evaluate.ts'
import type { RunRequest } from '../../src/gate/evidence.ts'
import { Observations } from '../../src/gate/observation.ts'
import { DEFAULT_POLICY } from '../../src/gate/policy.ts'
import type { Pending } from '../../src/observers/pending/kind.ts'

export const ROLES = {
  mode: 'split',
  isConfigured: true,
  deployRole: 'deploy',
  ownerRole: 'owner',
  attributes: [],
  memberOf: [],
  owns: [],
}

const REQUEST: RunRequest = {
  folders: [{ dir: 'db', format: 'numbered', baseline: null, ledgerTable: null }],
  since: null,
  all: false,
  branches: false,
  roles: ROLES,
  major: null,
  down: 'pending',
  lockTimeoutMs: 10_000,
  statementTimeoutMs: 20_000,
  inputs: [],
  server: 'scratch',
}

/** What a bundle says of a run of one folder, `db`. */
export function told(request: Partial<RunRequest> = {}, change: Partial<Pending> = {}): ToldRun {
  const question: Question = {
    subjects: [{ name: 'db', observations: new Observations([sampleFolder([]), samplePending([], change)]) }],
    checks: [],
    policy: DEFAULT_POLICY,
    action: 'deploy',
    evaluatedAt: '2026-11-21T12:00:00.000Z',
    isPartial: false,
  }
  return {
    witness: 'bundle',
    candidate: { commit: null, tree: null, isDirty: null, images: [], buildInfo: null, migrations: [] },
    request: { ...REQUEST, ...request },
    question,
    evaluation: evaluate(question),
    rehearsed: new Set(),
  }
}
