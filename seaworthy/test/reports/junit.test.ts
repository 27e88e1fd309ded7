import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { renderJunit } from '../../src/reports/junit.ts'
import type { ReportCheck } from '../../src/reports/run-report.ts'
import { isOpenError, reportedFindings } from '../../src/reports/reported.ts'
import type { RunReport } from '../../src/reports/run-report.ts'
import { anyReport, CANARIES, poisoned } from './arbitrary.ts'
import { accepted, outage, report } from './samples.ts'
import { parseXml, type XmlElement } from './xml.ts'

const parsed = (of: RunReport): XmlElement => parseXml(renderJunit(of))
const casesOf = (suite: XmlElement): XmlElement[] => suite.children.filter((one) => one.name === 'testcase')
const resultsOf = (root: XmlElement): [string, string][] =>
  root.children.flatMap((suite) =>
    casesOf(suite).map((one): [string, string] => [suite.attributes['name']!, one.children[0]?.name ?? 'passed']),
  )

test('the reader of this test is strict', () => {
  expect(() => parseXml('<a>&nbsp;</a>')).toThrow('no such entity')
  expect(() => parseXml('<a b="<"/>')).toThrow('no <')
  expect(() => parseXml('<a>]]></a>')).toThrow(']]> stands in text')
  expect(() => parseXml('<a><b></a></b>')).toThrow('at "</a></b>"')
})

test('refused is a failure, unproven an error, not applicable skipped', () => {
  expect(resultsOf(parsed(outage()))).toEqual([
    ['migrations-ledger', 'failure'],
    ['migrations-contract', 'passed'],
    ['migrations-rehearsal', 'failure'],
    ['migrations-rehearsal', 'failure'],
    ['migrations-rehearsal', 'error'],
    ['migrations-down', 'skipped'],
  ])
})

test('a pass has a case for each check and folder, and warnings and accepted findings fail nothing', () => {
  expect(resultsOf(parsed(report())).map(([, result]) => result)).toEqual(['passed', 'passed', 'passed', 'skipped'])
  expect(resultsOf(parsed(accepted())).map(([, result]) => result)).toEqual(['passed'])
  expect(renderJunit(accepted())).toContain('accepted until 2026-12-31 by jo: the table is &lt;b&gt;small&lt;/b&gt;')
})

test('any report is well-formed, its counts are right, and every open error is counted', () => {
  fc.assert(
    fc.property(anyReport, (any) => {
      const root = parsed(any)
      for (const suite of root.children) {
        const tags = casesOf(suite).map((one) => one.children[0]?.name)
        expect(suite.attributes['tests']).toBe(String(tags.length))
        expect(suite.attributes['failures']).toBe(String(tags.filter((tag) => tag === 'failure').length))
        expect(suite.attributes['errors']).toBe(String(tags.filter((tag) => tag === 'error').length))
      }
      const bad = Number(root.attributes['failures']) + Number(root.attributes['errors'])
      const open = reportedFindings(any).filter(isOpenError)
      // A check whose harm another one tells has no error of its own, and its suite fails nevertheless.
      const isTold = (check: ReportCheck): boolean =>
        open.some((one) => one.check === check.check && one.folder === check.subject)
      const elsewhere = any.checks.filter(
        (check) => (check.verdict === 'fail' || check.verdict === 'unproven') && !isTold(check),
      )
      expect(bad).toBe(open.length + elsewhere.length)
      expect(bad > 0 || any.verdict === 'pass').toBe(true)
    }),
  )
})

test.each(CANARIES)('no canary breaks the document: %j', (canary) => {
  expect(parsed(poisoned(canary)).name).toBe('testsuites')
})
