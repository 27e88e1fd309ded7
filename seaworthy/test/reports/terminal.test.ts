import { stripVTControlCharacters } from 'node:util'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { refuse } from '../../src/gate/finding.ts'
import { displayWidth } from '../../src/reports/plain-text.ts'
import { renderTerminal } from '../../src/reports/terminal.ts'
import type { ReportFinding } from '../../src/reports/run-report.ts'
import { anyReport } from './arbitrary.ts'
import { accepted, check, flood, healthyChecks, outage, report, subject } from './samples.ts'

const plain = (of: ReturnType<typeof report>, width = 80): string => renderTerminal(of, { color: false, width })

test('an outage, at 80 columns', () => {
  expect(plain(outage())).toMatchInlineSnapshot(`
    "FAIL  This release is refused (3 errors, 1 thing unproven, 1 warning)

      migrations  golang-migrate, found by 001_courts.up.sql
        132 migrations, 3 pending: new since main (merge base 1a2b3c4)
        rehearsed on PostgreSQL 18.4 (embedded), baseline from the cache

    error[ledger/duplicate-version]: version 123 stands twice in the folder:
        123_add_rooms.up.sql and 123_deadline_kinds.up.sql (duplicate)
     --> migrations/123_deadline_kinds.up.sql:1:1
      = instead: Rename the newer one to the next free slot: seaworthy reserve
        deadline_kinds
      = more: seaworthy explain ledger/duplicate-version

    error[rehearsal/undefined-column]: column "courtroom_label" of relation
        "hearings" does not exist (SQLSTATE 42703); 091_tidy_hearings.up.sql dropped
        it
     --> migrations/125_label_rooms.up.sql:4:8
      |
    4 | UPDATE hearings SET courtroom_label = upper(courtroom_label) WHERE cour...
      |        ^
      = instead: Add the column again in this migration, or use the one that
        replaced it.
      = more: seaworthy explain rehearsal/undefined-column

    error[rehearsal/not-owner]: must be owner of table hearings (SQLSTATE 42501): it
        belongs to court_owner, and migrations run as court_app
     --> migrations/129_hearing_notes.up.sql:3:1
      |
    3 | ALTER TABLE hearings    ADD COLUMN notes text;
      | ^
      = instead: Once, as court_owner or a superuser:
          ALTER TABLE public.hearings OWNER TO court_app;
        A database that is stuck half-way: mark 129 as not applied, then run it
        again:
          UPDATE schema_migrations SET version = 128, dirty = false;
      = more: seaworthy explain rehearsal/not-owner

    unproven[unproven/missing-extension]: the scratch server does not have the
        extension postgis, so 3 migrations could not be rehearsed
     --> migrations/044_geo.up.sql:1:1
      = instead: Give a server that has it: --server URL
      = more: seaworthy explain unproven/missing-extension

    warning[lock/index-not-concurrently]: CREATE INDEX holds a lock that stops every
        write to public.hearings while it builds
     --> migrations/129_hearing_notes.up.sql:5:1
      = instead: CREATE INDEX CONCURRENTLY, in a file of its own.

    note  compat/new-table: creates 1 table

    checks
      fail            migrations-ledger     1 error
      pass            migrations-contract   no pending migration loses data or
                                            breaks the running version; 1 warning
      fail            migrations-rehearsal  2 errors; 1 thing unproven (820 ms)
      not applicable  migrations-down       there are no down files

    taken as given
      - ownership was assumed: no roles are configured, so one deploy role owns
        everything

    candidate 0123456789ab
    FAIL  3 errors, 1 thing unproven, 1 warning; exit 1: at least one check failed
      (2.3 s)
    "
  `)
})

test('a pass, at 100 columns', () => {
  expect(plain(report(), 100)).toMatchInlineSnapshot(`
    "PASS  Every required check passed

      migrations  golang-migrate, found by 001_courts.up.sql
        132 migrations, 3 pending: new since main (merge base 1a2b3c4)
        rehearsed on PostgreSQL 18.4 (embedded), baseline from the cache

    checks
      pass            migrations-ledger     132 migrations, no version twice; no baseline file was
                                            edited
      pass            migrations-contract   no pending migration loses data or breaks the running
                                            version
      pass            migrations-rehearsal  129 baseline and 3 pending migrations apply on PostgreSQL
                                            18.4 as the role deploy (820 ms)
      not applicable  migrations-down       there are no down files

    taken as given
      - ownership was assumed: no roles are configured, so one deploy role owns everything

    candidate 0123456789ab
    PASS  exit 0: every required check ran and passed (1.3 s)
    "
  `)
})

test('many findings are summed up by code', () => {
  const text = plain(flood(30, 20), 100)
  expect(text.match(/^error\[/gm)).toHaveLength(10)
  expect(text).toContain('and 20 more errors: 14 x data-loss/drop-column, 6 x data-loss/drop-table (--json has all)')
  expect(text.match(/^warning\[/gm)).toHaveLength(1)
  expect(text).toContain('  and 16 more (--json has all)')
  // The advice for a code is given once.
  expect(text.match(/Stop reading it in one release/g)).toHaveLength(2)
})

test('what the policy accepts is shown as accepted, once, with its reason', () => {
  const text = plain(accepted(), 200)
  expect(text).toContain('accepted  lock/index-not-concurrently')
  expect(text).toContain('until 2026-12-31 by jo: the table is <b>small</b>')
  expect(text.match(/CREATE INDEX holds a lock/g)).toHaveLength(1)
  expect(text).toMatch(/^PASS {2}Every required check passed \(1 accepted by policy\)/)
})

test('with nothing pending it says that nothing was judged', () => {
  const idle = report({ subjects: [subject({ pending: { count: 0, explanation: 'nothing new since main' } })] })
  expect(plain(idle)).toMatch(/^PASS {2}Nothing is pending, so nothing new was judged\n/)
})

test('where the evidence is, and whether anybody can act on it', () => {
  const told = (over: Parameters<typeof report>[0]): string => plain(report({ evidenceDir: 'ev', ...over }), 200)
  const unsigned = 'evidence in ev: unsigned bundle, which no action takes.'
  expect(told({ evidence: { dir: 'ev', certificate: null } })).toContain(`${unsigned} Sign it with --sign KEY`)
  expect(told({ evidence: { dir: 'ev', certificate: null }, partial: true })).toContain(`${unsigned}\n`)
  expect(told({})).toContain(unsigned)
  const certificate = { file: 'ev/certificate.json', keyId: 'ab'.repeat(32), expiresAt: '2026-11-22T05:00:00.000Z' }
  expect(told({ evidence: { dir: 'ev', certificate } })).toContain(
    'evidence in ev, signed by key abababababababab…; the certificate counts until 2026-11-22T05:00:00.000Z',
  )
})

test('a partial run says so', () => {
  const text = plain(report({ partial: true }), 100)
  expect(text).toMatch(/^PASS {2}What was asked for passed, as far as --only asked\n/)
  expect(text).toContain('nothing can be certified')
  expect(text).not.toContain('every required check')
})

test('several folders: each with its checks, an assumption of all of them once, the worst first when there are many', () => {
  const names = Array.from({ length: 9 }, (_, index) => `svc/${index}/migrations`)
  const many = report({
    verdict: 'fail',
    exitCode: 1,
    subjects: names.map((folder) => subject({ folder })),
    checks: names.flatMap((folder, index) =>
      index === 8 ? [check({ subject: folder, verdict: 'fail' })] : healthyChecks(folder),
    ),
  })
  const text = plain(many)
  expect(text).toMatch(/^FAIL.*\n\n {2}svc\/8\/migrations /)
  expect(text).toContain('and those of 3 more folders')
  expect(text.match(/ownership was assumed/g)).toHaveLength(1)
})

/** The line of SQL and the caret line of a finding at that column. */
const at = (text: string, column: number): string[] => {
  const finding = {
    ...outage().checks[2]!.findings[0]!,
    where: { file: 'a.sql', line: 7, column },
    excerpt: { line: 7, text },
  }
  const lines = plain(
    report({ verdict: 'fail', exitCode: 1, checks: [check({ verdict: 'fail', findings: [finding] })] }),
  ).split('\n')
  const index = lines.findIndex((line) => line.startsWith('7 |'))
  return lines.slice(index, index + 2)
}

test('the caret stands under the column, also far to the right and after wide characters', () => {
  expect(at('\tDROP TABLE t;', 2)).toEqual(['7 |     DROP TABLE t;', '  |     ^'])
  expect(at("SELECT '表'; DROP TABLE t;", 13)).toEqual(["7 | SELECT '表'; DROP TABLE t;", `  | ${' '.repeat(13)}^`])
  const [line = '', caret = ''] = at(`${'x'.repeat(500)} DROP TABLE t;`, 502)
  expect(line.slice(caret.indexOf('^'))).toBe('DROP TABLE t;')
})

test('colour is only paint: the text under it is the same, and without colour there is none', () => {
  const painted = renderTerminal(outage(), { color: true, width: 80 })
  expect(painted).toContain('\u001B[')
  expect(stripVTControlCharacters(painted)).toBe(plain(outage()))
})

const shortNames = (finding: ReportFinding): ReportFinding => ({
  ...finding,
  code: 'a/b',
  subject: 's',
  docs: 'd',
  where: null,
})

test('no line is wider than the terminal, but for names (a code, a path), which are never broken', () => {
  fc.assert(
    fc.property(anyReport, fc.integer({ min: 60, max: 130 }), (any, width) => {
      const named = {
        ...any,
        policyFindings: any.policyFindings.map(shortNames),
        checks: any.checks.map((one) => ({ ...one, check: 'c', subject: 'm', findings: one.findings.map(shortNames) })),
        accepted: any.accepted.map((one) => ({ ...one, finding: shortNames(one.finding) })),
        subjects: any.subjects.map((one) => ({ ...one, folder: 'm' })),
      }
      const wide = plain(named, width)
        .split('\n')
        // A colon that could begin a CI server's command is parted by a blank at the end.
        .filter((line) => displayWidth(line.replace(/^( *:) (?=:)|(##) (?=\w*\[)/g, '$1$2')) > Math.min(width, 120))
      expect(wide).toEqual([])
    }),
  )
})

const index = (line: number, table: string, file = 'a.sql'): ReportFinding => ({
  ...refuse({
    code: 'lock/create-index',
    message: `builds an index on table public.${table} while every write to it waits`,
    where: { file: `migrations/${file}`, line, column: 1 },
    subject: `table public.${table}`,
    hint: `CREATE INDEX CONCURRENTLY ON ${table} (id);`,
    proof: `ShareLock on public.${table}`,
  }),
})

test('findings of one code in one file or about one table are one block, with what was observed', () => {
  const findings = [
    ...Array.from({ length: 14 }, (_, at) => index(at + 1, `t${at}`)),
    index(7, 't0', 'b.sql'),
    index(8, 'other', 'c.sql'),
  ]
  const text = plain(report({ verdict: 'fail', exitCode: 1, checks: [check({ verdict: 'fail', findings })] }), 100)
  expect(text.slice(text.indexOf('error['), text.indexOf('checks\n'))).toMatchInlineSnapshot(`
    "error[lock/create-index] 15 x: builds an index on table public.t0 while every write to it waits
     --> migrations/a.sql:1:1
      = observed: ShareLock on public.t0
      = instead: CREATE INDEX CONCURRENTLY ON t0 (id);
      = more: seaworthy explain lock/create-index
      + migrations/a.sql:2:1: builds an index on table public.t1 while every write to it waits
      + migrations/a.sql:3:1: builds an index on table public.t2 while every write to it waits
      + migrations/a.sql:4:1: builds an index on table public.t3 while every write to it waits
      + 11 more: migrations/a.sql:5:1, migrations/a.sql:6:1, migrations/a.sql:7:1, migrations/a.sql:8:1,
        migrations/a.sql:9:1, migrations/a.sql:10:1 and 5 more (--json has all)

    error[lock/create-index]: builds an index on table public.other while every write to it waits
     --> migrations/c.sql:8:1
      = observed: ShareLock on public.other
      = instead: CREATE INDEX CONCURRENTLY ON other (id);
      = more: seaworthy explain lock/create-index

    "
  `)
})

test('a check whose harms are told under another one says so', () => {
  const first = index(1, 'orders')
  const carried = [{ code: first.code, where: first.where, subject: first.subject, outcome: 'fail' as const, by: 'a' }]
  const checks = [
    check({ check: 'a', verdict: 'fail', findings: [first] }),
    check({ check: 'b', verdict: 'fail', carried }),
  ]
  const text = plain(report({ verdict: 'fail', exitCode: 1, checks }), 100)
  expect(text).toContain('1 finding told once, under a')
  expect(text).not.toContain('nothing-proved')
})
