import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { renderAnnotations } from '../../src/reports/annotations.ts'
import { renderJson } from '../../src/reports/json.ts'
import { renderJunit } from '../../src/reports/junit.ts'
import { renderMarkdown } from '../../src/reports/markdown.ts'
import { renderSarif } from '../../src/reports/sarif.ts'
import { renderTerminal } from '../../src/reports/terminal.ts'
import type { RunReport } from '../../src/reports/run-report.ts'
import { anyReport, CANARIES, poisoned } from './arbitrary.ts'
import { check, report } from './samples.ts'

const WRITERS: Record<string, (report: RunReport) => string> = {
  terminal: (report) => renderTerminal(report, { color: false, width: 80 }),
  json: renderJson,
  sarif: renderSarif,
  junit: renderJunit,
  markdown: renderMarkdown,
  annotations: renderAnnotations,
}

// Control characters but for newline (and tab, where a writer keeps SQL as it is), and marks that turn text around.
// oxlint-disable-next-line eslint/no-control-regex
const STEERING = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u2028\u2029\u202A-\u202E\u2066-\u2069]/

describe.each(Object.entries(WRITERS))('%s', (name, render) => {
  test('never throws, is the same each time, and lets nothing steer a terminal', () => {
    fc.assert(
      fc.property(anyReport, (any) => {
        const text = render(any)
        expect(render(structuredClone(any))).toBe(text)
        expect(text).not.toMatch(STEERING)
        expect(text.isWellFormed()).toBe(true)
      }),
      { numRuns: 150 },
    )
  })

  test.each(CANARIES)('no canary takes effect: %j', (canary) => {
    const text = render(poisoned(canary))
    expect(text).not.toMatch(STEERING)
    // An annotation is a command itself; the runner takes one a line, and what follows in the line is data.
    const lines = name === 'annotations' ? text.replaceAll(/^::(error|warning|notice) .*$/gm, '') : text
    expect(lines).not.toMatch(/^\s*::/m)
    expect(lines).not.toMatch(/##\w*\[/)
  })

  // A consumer that only counts findings must refuse too: a verdict that nobody explains is never a clean report.
  test.each([
    [
      'a check that proved nothing',
      report({ verdict: 'unproven', exitCode: 3, checks: [check({ verdict: 'unproven', proved: [] })] }),
    ],
    ['a run in which nothing ran', report({ verdict: 'unproven', exitCode: 3, checks: [], subjects: [] })],
    ['nothing to check', report({ verdict: 'unproven', exitCode: 4, checks: [], subjects: [] })],
    [
      'only checks that do not apply',
      report({ verdict: 'unproven', exitCode: 3, checks: [check({ verdict: 'not-applicable', reason: 'no' })] }),
    ],
  ])('is never clean: %s', (_world, silent) => {
    expect(render(silent)).toContain(name === 'json' ? '"verdict": "unproven"' : 'unproven/nothing-proved')
  })
})

test('the size of what people read is bounded, however much was found', () => {
  const long = 'x y '.repeat(20_000)
  const findings = Array.from({ length: 500 }, (_, index) => ({
    code: `a/${index}`,
    severity: 'error' as const,
    outcome: 'fail' as const,
    message: long,
    where: { file: 'a.sql', line: index + 1, column: 1 },
    subject: long,
    hint: `${long}\n`.repeat(10),
    docs: 'docs',
    excerpt: { line: index + 1, text: long },
  }))
  const flooded = report({
    verdict: 'fail',
    exitCode: 1,
    checks: Array.from({ length: 100 }, (_, index) =>
      check({ check: `c${index}`, verdict: 'fail', findings, proved: [long] }),
    ),
  })
  expect(WRITERS['terminal']!(flooded).split('\n').length).toBeLessThan(600)
  expect(WRITERS['markdown']!(flooded).length).toBeLessThan(65_536)
  expect(WRITERS['annotations']!(flooded).split('\n').length).toBeLessThan(32)
})
