import { claims } from '../../../src/checks/migrations-ledger/claims.ts'
import { sampleFolder, sampleMigration, samplePending } from '../../../src/checks/sample-folder.ts'
import type { Action } from '../../../src/gate/check.ts'
import { judgeClaim } from '../../../src/gate/cold/claim.ts'
import type { ClaimContext, LookedAgain } from '../../../src/gate/cold/looked-again.ts'
import { type Observation, Observations, observed } from '../../../src/gate/observation.ts'
import { DEFAULT_POLICY } from '../../../src/gate/policy.ts'
import { type Ledger, ledger, type LedgerRow } from '../../../src/observers/ledger/kind.ts'
import type { Pending } from '../../../src/observers/pending/kind.ts'

export const CONTEXT: ClaimContext = {
  subject: 'migrations',
  evaluatedAt: '2026-11-21T12:00:00.000Z',
  witness: 'bundle sha256:m',
  action: 'pull-request',
  settings: DEFAULT_POLICY.settings,
}
export const MIGRATIONS = ['001', '002', '003'].map((version) => sampleMigration(version, 'x', 'SELECT 1'))
export const THIRD = MIGRATIONS[2]!.up.file
export const [EARLY, LATE] = ['2026-11-20T12:00:00.000Z', '2026-11-22T12:00:00.000Z']
export const PRODUCTION = 'postgresql://db/app public.ledger'
export const [ONE, OTHER] = [`sha256:${'1'.repeat(64)}`, `sha256:${'2'.repeat(64)}`]

export const row = (key: string, change: Partial<LedgerRow> = {}): LedgerRow => ({
  key,
  name: 'x',
  checksum: null,
  appliedAt: EARLY,
  isDirty: false,
  ...change,
})
export const rows = (...of: LedgerRow[]): Ledger => ({ style: 'rows', rows: of })
export const newest = (key: string, change: Partial<LedgerRow> = {}): Ledger => ({
  style: 'high-water',
  rows: [row(key, { name: null, appliedAt: null, ...change })],
})

export const told = (of: Ledger | null, change: Partial<Pending> = {}, witness = PRODUCTION): Observations =>
  new Observations([
    sampleFolder(MIGRATIONS),
    samplePending([THIRD], change),
    ...(of === null ? [] : [observed(ledger, witness, of)]),
  ])

export const NOTHING: LookedAgain = {
  commit: { failed: 'no clone' },
  inputs: [],
  run: { failed: 'no run' },
  besides: [],
  brought: new Map(),
  production: new Map(),
}
export const production = (seen: Observation): LookedAgain => ({
  ...NOTHING,
  production: new Map([['migrations', new Observations([seen])]]),
})
export const holding = (of: Ledger, witness = PRODUCTION): LookedAgain => production(observed(ledger, witness, of))

export const judged = (of: Observations, again: LookedAgain, action: Action = 'pull-request') =>
  new Map(
    claims(of, { ...CONTEXT, action }).map(({ claim, look }) => [
      claim.id,
      { claim, ...judgeClaim(claim, look(again)) },
    ]),
  )
export const outcome = (of: Observations, again: LookedAgain, id: string, action?: Action): string =>
  judged(of, again, action).get(id)?.outcome ?? 'none'
