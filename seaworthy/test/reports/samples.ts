import type { Claim, Looked } from '../../src/gate/cold/claim.ts'
import { cannotProve, type Finding, note, refuse, warn } from '../../src/gate/finding.ts'
import { type Review, reviewOf } from '../../src/gate/review/review.ts'
import type { ReportCheck, ReportFinding, ReportSubject, RunReport } from '../../src/reports/run-report.ts'

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`

export const subject = (over: Partial<ReportSubject> = {}): ReportSubject => ({
  folder: 'migrations',
  format: 'golang-migrate',
  detectedBy: '001_courts.up.sql',
  migrations: 132,
  pending: { count: 3, explanation: 'new since main (merge base 1a2b3c4)' },
  server: 'PostgreSQL 18.4 (embedded)',
  assumptions: ['ownership was assumed: no roles are configured, so one deploy role owns everything'],
  baselineCached: true,
  ...over,
})

export const check = (over: Partial<ReportCheck> = {}): ReportCheck => ({
  check: 'migrations-contract',
  version: 1,
  subject: 'migrations',
  verdict: 'pass',
  reason: null,
  durationMs: 42,
  findings: [],
  proved: ['no pending migration loses data or breaks the running version'],
  evidence: [digest('a')],
  ...over,
})

export const report = (over: Partial<RunReport> = {}): RunReport => ({
  schemaVersion: 1,
  tool: 'seaworthy',
  version: '0.1.0',
  command: 'check',
  verdict: 'pass',
  exitCode: 0,
  action: 'pull-request',
  evaluatedAt: '2026-11-21T05:00:00.000Z',
  durationMs: 1_340,
  candidate: {
    commit: '0123456789abcdef0123456789abcdef01234567',
    tree: 'fedcba9876543210fedcba9876543210fedcba98',
    isDirty: false,
    images: [],
    buildInfo: null,
    migrations: [{ folder: 'migrations', format: 'golang-migrate', digest: digest('b') }],
  },
  subjects: [subject()],
  checks: healthyChecks(),
  policyFindings: [],
  accepted: [],
  explanations: [],
  evidenceDir: null,
  partial: false,
  obligations: [],
  ...over,
})

export const healthyChecks = (folder = 'migrations'): ReportCheck[] => [
  check({
    check: 'migrations-ledger',
    subject: folder,
    proved: ['132 migrations, no version twice', 'no baseline file was edited'],
  }),
  check({ subject: folder }),
  check({
    check: 'migrations-rehearsal',
    subject: folder,
    durationMs: 820,
    proved: ['129 baseline and 3 pending migrations apply on PostgreSQL 18.4 as the role deploy'],
  }),
  check({
    check: 'migrations-down',
    subject: folder,
    verdict: 'not-applicable',
    reason: 'there are no down files',
    proved: [],
    durationMs: 0,
  }),
]

const place = (file: string, line: number, column = 1): Finding['where'] => ({
  file: `migrations/${file}`,
  line,
  column,
})

const duplicate = refuse({
  code: 'ledger/duplicate-version',
  message: 'version 123 stands twice in the folder: 123_add_rooms.up.sql and 123_deadline_kinds.up.sql (duplicate)',
  where: place('123_deadline_kinds.up.sql', 1),
  subject: 'migration 123',
  hint: 'Rename the newer one to the next free slot: seaworthy reserve deadline_kinds',
})

const dropped: ReportFinding = {
  ...refuse({
    code: 'rehearsal/undefined-column',
    message:
      'column "courtroom_label" of relation "hearings" does not exist (SQLSTATE 42703); 091_tidy_hearings.up.sql dropped it',
    where: place('125_label_rooms.up.sql', 4, 8),
    subject: 'migration 125',
    hint: 'Add the column again in this migration, or use the one that replaced it.',
  }),
  excerpt: {
    line: 4,
    text: 'UPDATE hearings SET courtroom_label = upper(courtroom_label) WHERE court_id IS NOT NULL;',
  },
}

const owner: ReportFinding = {
  ...refuse({
    code: 'rehearsal/not-owner',
    message:
      'must be owner of table hearings (SQLSTATE 42501): it belongs to court_owner, and migrations run as court_app',
    where: place('129_hearing_notes.up.sql', 3),
    subject: 'table public.hearings',
    hint: 'Once, as court_owner or a superuser:\n  ALTER TABLE public.hearings OWNER TO court_app;\nA database that is stuck half-way: mark 129 as not applied, then run it again:\n  UPDATE schema_migrations SET version = 128, dirty = false;',
  }),
  excerpt: { line: 3, text: 'ALTER TABLE hearings\tADD COLUMN notes text;' },
}

const extension = cannotProve({
  code: 'unproven/missing-extension',
  message: 'the scratch server does not have the extension postgis, so 3 migrations could not be rehearsed',
  where: place('044_geo.up.sql', 1),
  subject: 'extension postgis',
  hint: 'Give a server that has it: --server URL',
})

const index: ReportFinding = {
  ...warn({
    code: 'lock/index-not-concurrently',
    message: 'CREATE INDEX holds a lock that stops every write to public.hearings while it builds',
    where: place('129_hearing_notes.up.sql', 5),
    subject: 'table public.hearings',
    hint: 'CREATE INDEX CONCURRENTLY, in a file of its own.',
  }),
  excerpt: { line: 5, text: 'CREATE INDEX hearings_notes ON hearings (notes);' },
}

/** The three outages of story 1, with something unproven, a warning and a note. */
export const outage = (): RunReport => {
  const [ledger = check(), contract = check(), rehearsal = check(), down = check()] = healthyChecks()
  return report({
    verdict: 'fail',
    exitCode: 1,
    durationMs: 2_310,
    checks: [
      { ...ledger, verdict: 'fail', findings: [duplicate] },
      { ...contract, findings: [index, note({ code: 'compat/new-table', message: 'creates 1 table' })] },
      { ...rehearsal, verdict: 'fail', findings: [dropped, owner, extension] },
      down,
    ],
    explanations: [
      {
        code: 'rehearsal/not-owner',
        title: 'The migrating role does not own the object',
        why: 'In production the deploy role did not create the table, so it may not alter it.',
        instead: 'Give the table to the deploy role.',
      },
    ],
  })
}

/** An outage that somebody has answered for: the finding stands among the notes, as the policy leaves it. */
export const accepted = (): RunReport => {
  const acceptance = {
    code: 'lock/index-not-concurrently',
    reason: 'the table is <b>small</b>',
    author: 'jo',
    expires: '2026-12-31',
  }
  const after = note({
    ...index,
    message: `${index.message} (accepted until 2026-12-31 by jo: the table is <b>small</b>)`,
  })
  const finding = { ...index, severity: 'error', outcome: 'fail' } as const
  return report({
    checks: [check({ findings: [after] })],
    accepted: [{ check: 'migrations-contract', subject: 'migrations', finding, acceptance }],
  })
}

/** A folder that has everything wrong with it: many findings of the same code. */
export const flood = (errors: number, warnings: number): RunReport =>
  report({
    verdict: 'fail',
    exitCode: 1,
    checks: [
      check({
        verdict: 'fail',
        findings: [
          ...Array.from({ length: errors }, (_, index) =>
            refuse({
              code: index % 3 === 0 ? 'data-loss/drop-table' : 'data-loss/drop-column',
              message: `drops something that production reads, number ${index}`,
              where: place(`${String(index).padStart(4, '0')}_x.up.sql`, index + 1),
              subject: `table public.t${index}`,
              hint: 'Stop reading it in one release, drop it in the next.',
            }),
          ),
          ...Array.from({ length: warnings }, (_, index) =>
            warn({
              code: 'lock/no-timeout',
              message: `no lock_timeout, number ${index}`,
              where: place('a.sql', index + 1),
            }),
          ),
        ],
      }),
    ],
  })

export const DIGEST = `sha256:${'ab'.repeat(32)}`

/** A review of claims, each with what the look at it said. */
export function reviewed(claims: readonly (readonly [Partial<Claim>, Looked])[]): Review {
  return reviewOf(
    {
      toolVersion: '1.0.0',
      reviewedAt: '2026-11-21T13:00:00.000Z',
      certificate: { digest: DIGEST, keyId: '0'.repeat(64) },
      manifest: DIGEST,
      candidate: { commit: 'c'.repeat(40), tree: null, isDirty: false, images: [], buildInfo: null, migrations: [] },
      action: 'deploy',
      evaluatedAt: '2025-11-21T12:00:00.000Z',
      expiresAt: '9999-12-31T23:59:59.999Z',
      verdict: 'pass',
      asked: ['db/migrations as golang-migrate'],
      rehearsed: ['db/migrations on PostgreSQL 15.18: app_owner migrates and owns what is there'],
      otherPolicy: null,
      policy: { isIndependent: false, reviewers: [] },
    },
    claims.map(([change, looked], index) => ({
      claim: {
        id: `repository/${index}`,
        kind: 'repository',
        says: `at that commit db/migrations holds the migrations with the digest ${DIGEST}`,
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
    })),
    { commit: { failed: '' }, inputs: [], besides: [], run: { failed: '' }, brought: new Map(), production: new Map() },
  )
}
