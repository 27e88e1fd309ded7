import * as fc from 'fast-check'
import type { Finding } from '../../src/gate/finding.ts'
import type { AskedObligation } from '../../src/gate/obligation.ts'
import { combine } from '../../src/gate/verdict.ts'
import type { ReportCheck, ReportFinding, RunReport } from '../../src/reports/run-report.ts'
import { check, report, subject } from './samples.ts'

/** Text as an attacker, or a strange encoding, would write it. */
export const CANARIES = [
  '\u001B[31mred\u001B[0m',
  '\u001B]0;title\u0007',
  '\u009B2J',
  '<script>alert(1)</script>',
  '</details><img src=x onerror=alert(1)>',
  '| a | b |',
  '```\n# heading\n```',
  '%0A::error::x',
  '\n::error file=a::x',
  '::stop-commands::x',
  '##[error]x',
  '##vso[task.complete]',
  ']]>',
  '&amp;"\'',
  '[link](https://evil.example)',
  '![](https://evil.example/x.png)',
  'https://evil.example www.evil.example',
  '@everyone #1 !2',
  '\u202Egnp.exe',
  '\uD800',
  '\u0000\u0008\u007F\uFFFE',
  '{0} {{1}}',
  'a\r\nb\rc\u2028d',
  '表を消す 🚢 é',
]

const hostile = fc.oneof(
  fc.constantFrom(...CANARIES),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ maxLength: 200 }),
  fc.lorem({ maxCount: 40 }),
)
const text = fc.array(hostile, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(' '))
const nullable = fc.option(text, { nil: null })
const place = fc.record({
  file: fc.oneof(text, fc.constant('migrations/001_x.up.sql')),
  line: fc.integer({ min: 1, max: 99_999 }),
  column: fc.integer({ min: 1, max: 300 }),
})

const grade = fc.constantFrom<Pick<Finding, 'severity' | 'outcome'>>(
  { severity: 'error', outcome: 'fail' },
  { severity: 'error', outcome: 'unproven' },
  { severity: 'warning', outcome: 'none' },
  { severity: 'note', outcome: 'none' },
)

const finding: fc.Arbitrary<ReportFinding> = fc
  .record({
    grade,
    code: fc.oneof(fc.constantFrom('data-loss/drop-table', 'lock/x'), text),
    message: text,
    where: fc.option(place, { nil: null }),
    subject: nullable,
    hint: nullable,
    docs: text,
    proof: nullable,
    endLine: fc.option(fc.integer({ min: 1, max: 99_999 }), { nil: null }),
    excerpt: fc.option(fc.record({ line: fc.integer({ min: 1, max: 9_999 }), text }), { nil: null }),
  })
  .map(({ grade, ...rest }) => ({ ...rest, ...grade }))

const anyCheck: fc.Arbitrary<ReportCheck> = fc
  .record({
    check: fc.oneof(fc.constantFrom('migrations-ledger', 'migrations-contract'), text),
    verdict: fc.constantFrom('pass', 'fail', 'unproven', 'not-applicable'),
    subject: fc.oneof(fc.constant('migrations'), text),
    reason: nullable,
    findings: fc.array(finding, { maxLength: 6 }),
    proved: fc.array(text, { maxLength: 3 }),
    carried: fc.array(
      fc.record({
        code: fc.constantFrom('data-loss/drop-table', 'lock/x'),
        where: fc.option(place, { nil: null }),
        subject: nullable,
        outcome: fc.constantFrom('fail', 'unproven', 'none'),
        by: fc.constantFrom('migrations-ledger', 'migrations-contract'),
      }),
      { maxLength: 2 },
    ),
    durationMs: fc.double({ min: 0, max: 1e7, noNaN: true }),
  })
  .map(check)

const obligation: fc.Arbitrary<AskedObligation> = fc.record({
  id: fc.string({ unit: fc.constantFrom(...'0123456789abcdef'.split('')), minLength: 32, maxLength: 32 }),
  question: text,
  subject: text,
  where: fc.option(place, { nil: null }),
  sql: text,
  rowsSql: text,
  failsFrom: fc.constant(1),
  consequence: text,
  code: text,
  state: fc.constantFrom('open', 'answered', 'violated', 'stale'),
  answer: fc.option(
    fc.record({ id: text, answeredAt: text, rows: fc.option(fc.nat(), { nil: null }), problem: nullable }),
    { nil: null },
  ),
})

/** Any report that a run could make, and many that none should. */
export const anyReport: fc.Arbitrary<RunReport> = fc
  .record({
    checks: fc.array(anyCheck, { maxLength: 4 }),
    policyFindings: fc.array(finding, { maxLength: 2 }),
    accepted: fc.array(
      fc.record({
        check: fc.constant('migrations-ledger'),
        subject: fc.constant('migrations'),
        finding,
        acceptance: fc.record({ code: text, reason: text, author: text, expires: text }),
      }),
      { maxLength: 2 },
    ),
    subjects: fc.array(
      fc.record({
        folder: text,
        format: text,
        detectedBy: text,
        migrations: fc.nat(900),
        pending: fc.record({ count: fc.nat(9), explanation: text }),
        server: nullable,
        assumptions: fc.array(text, { maxLength: 3 }),
        baselineCached: fc.option(fc.boolean(), { nil: null }),
      }),
      { maxLength: 8 },
    ),
    explanations: fc.array(
      fc.record({ code: fc.constantFrom('lock/x', 'a/b'), title: text, why: text, instead: text }),
      {
        maxLength: 1,
      },
    ),
    obligations: fc.array(obligation, { maxLength: 8 }),
    evidenceDir: nullable,
    evidence: fc.option(fc.record({ dir: text, certificate: fc.constant(null) }), { nil: null }),
    partial: fc.boolean(),
  })
  .map((parts) => {
    const verdict = combine(parts.checks.map((one) => one.verdict))
    return report({ ...parts, verdict, exitCode: verdict === 'pass' ? 0 : verdict === 'fail' ? 1 : 3 })
  })

/** One canary in every text of a report. */
export const poisoned = (canary: string): RunReport => {
  const bad = (grade: Pick<Finding, 'severity' | 'outcome'>): ReportFinding => ({
    ...grade,
    code: `a/${canary}`,
    message: canary,
    where: { file: canary, line: 2, column: 1 },
    subject: canary,
    hint: `${canary}\n${canary}`,
    docs: canary,
    proof: canary,
    excerpt: { line: 2, text: canary },
  })
  const error = bad({ severity: 'error', outcome: 'fail' })
  const findings = [
    error,
    { ...error, where: null },
    bad({ severity: 'error', outcome: 'unproven' }),
    bad({ severity: 'warning', outcome: 'none' }),
    bad({ severity: 'note', outcome: 'none' }),
  ]
  return report({
    verdict: 'fail',
    exitCode: 1,
    version: canary,
    subjects: [
      subject({ folder: canary, format: canary, detectedBy: canary, server: canary, assumptions: [canary] }),
      subject({ pending: { count: 1, explanation: canary } }),
    ],
    checks: [
      check({ subject: canary, verdict: 'fail', findings }),
      check({ proved: [canary, canary] }),
      check({ check: canary, verdict: 'not-applicable', reason: canary }),
    ],
    policyFindings: [error],
    accepted: [
      {
        check: 'migrations-contract',
        subject: canary,
        finding: error,
        acceptance: { code: canary, reason: canary, author: canary, expires: canary },
      },
    ],
    explanations: [{ code: `a/${canary}`, title: canary, why: canary, instead: canary }],
    obligations: (['open', 'answered', 'violated', 'stale'] as const).map((state) => ({
      id: '0'.repeat(32),
      question: canary,
      subject: canary,
      where: { file: canary, line: 2, column: 1 },
      sql: canary,
      rowsSql: canary,
      failsFrom: 1,
      consequence: canary,
      code: canary,
      state,
      answer: { id: canary, answeredAt: canary, rows: null, problem: canary },
    })),
    evidenceDir: canary,
    evidence: { dir: canary, certificate: { file: canary, keyId: canary, expiresAt: canary } },
    candidate: { commit: canary, tree: null, isDirty: true, images: [], buildInfo: null, migrations: [] },
  })
}
