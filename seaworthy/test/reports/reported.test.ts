import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { excerptAt, withExcerpts } from '../../src/reports/excerpt.ts'
import type { ReportCheck } from '../../src/reports/run-report.ts'
import { isOpenError, reportedFindings, sortFindings } from '../../src/reports/reported.ts'
import { anyReport } from './arbitrary.ts'
import { accepted, check, outage, report } from './samples.ts'

test('nothing is lost, and nothing stands twice', () => {
  fc.assert(
    fc.property(anyReport, (any) => {
      const all = reportedFindings(any)
      const given = any.checks.flatMap((one) => one.findings).length + any.policyFindings.length
      const added = all.filter((one) => one.finding.code === 'unproven/nothing-proved').length
      expect(all.length).toBe(given + added)
      expect(any.verdict === 'pass' || all.some(isOpenError)).toBe(true)
      const { errors, unproven, warnings, notes, accepted } = sortFindings(any)
      expect([errors, unproven, warnings, notes, accepted].flat()).toHaveLength(all.length)
    }),
  )
})

test('an acceptance covers the finding that it was for, and no other', () => {
  const one = accepted()
  expect(reportedFindings(one).map((found) => found.acceptance?.author)).toEqual(['jo'])
  // The same finding in another folder, or not turned into a note by the policy, is still open.
  const elsewhere = { ...one, checks: [check({ ...one.checks[0]!, subject: 'other' })] }
  expect(reportedFindings(elsewhere).map((found) => found.acceptance)).toEqual([null])
  const still = {
    ...one,
    verdict: 'fail' as const,
    checks: [check({ verdict: 'fail', findings: [one.accepted[0]!.finding] })],
  }
  expect(reportedFindings(still).map((found) => found.acceptance)).toEqual([null])
})

test('findings are read by file and place', () => {
  expect(sortFindings(outage()).errors.map((one) => one.finding.where?.file)).toEqual([
    'migrations/123_deadline_kinds.up.sql',
    'migrations/125_label_rooms.up.sql',
    'migrations/129_hearing_notes.up.sql',
  ])
})

test('an excerpt is the line that the parser counts', () => {
  expect(excerptAt('a\r\nb\rc\nd', 3)).toEqual({ line: 3, text: 'c' })
  expect(excerptAt('a\n\nb', 2)).toBeNull()
  expect(excerptAt('a\n', 3)).toBeNull()
  expect(excerptAt('', 1)).toBeNull()
  expect(excerptAt('x'.repeat(5_000), 1)?.text).toHaveLength(2_000)
  const findings = outage().checks[2]!.findings
  expect(withExcerpts(findings, () => 'one\ntwo\nthree\nfour').map((one) => one.excerpt?.text)).toEqual([
    'four',
    'three',
    'one',
  ])
  expect(
    withExcerpts([report().policyFindings, findings].flat(), () => undefined).every((one) => one.excerpt === null),
  ).toBe(true)
})

test('a check that proved nothing has a finding of its own, also beside one that failed', () => {
  const [failing] = outage().checks
  const silent = check({ check: 'migrations-down', verdict: 'unproven', proved: [] })
  const all = reportedFindings(report({ verdict: 'fail', exitCode: 1, checks: [failing!, silent] }))
  expect(all.filter(isOpenError).map((one) => one.check)).toEqual(['migrations-ledger', 'migrations-down'])
})

test('of two findings alike, the acceptance goes to the one on its line', () => {
  const one = accepted()
  const after = one.checks[0]!.findings[0]!
  const other = { ...after, where: { ...after.where!, line: 40 } }
  const both = { ...one, checks: [check({ findings: [other, after] })] }
  expect(reportedFindings(both).map((found) => [found.finding.where?.line, found.acceptance !== null])).toEqual([
    [40, false],
    [5, true],
  ])
})

test('a check whose finding another one carries needs no finding of its own, if that one is there', () => {
  const [failing] = outage().checks
  const first = failing!.findings[0]!
  const carried = [
    { code: first.code, where: first.where, subject: first.subject, outcome: 'fail' as const, by: failing!.check },
  ]
  const twin = check({ check: 'migrations-effects', verdict: 'fail', carried })
  const codes = (checks: readonly ReportCheck[]): string[] =>
    reportedFindings(report({ verdict: 'fail', exitCode: 1, checks })).map((one) => one.finding.code)
  expect(codes([failing!, twin])).toEqual([first.code])
  // Said by nobody, said only as a note, or in another folder: then it is missing.
  const silent = 'unproven/nothing-proved'
  expect(codes([twin])).toEqual([silent])
  expect(codes([{ ...failing!, subject: 'elsewhere' }, twin])).toContain(silent)
  const noted = { ...first, severity: 'note' as const, outcome: 'none' as const }
  expect(codes([{ ...failing!, verdict: 'pass', findings: [noted] }, twin])).toContain(silent)
})
