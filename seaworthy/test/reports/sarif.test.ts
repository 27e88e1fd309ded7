import * as fc from 'fast-check'
import { z } from 'zod'
import { expect, test } from 'vitest'
import { renderSarif } from '../../src/reports/sarif.ts'
import type { RunReport } from '../../src/reports/run-report.ts'
import { anyReport } from './arbitrary.ts'
import { accepted, check, outage, report } from './samples.ts'

// What SARIF 2.1.0 requires of the parts that we write (sarif-schema-2.1.0.json), strict, so that nothing else is written.
const message = z.strictObject({ text: z.string() })
const level = z.enum(['none', 'note', 'warning', 'error'])
const uri = z.string().regex(/^(?:\.|[^/:?#\\\s][^:?#\\\s]*)$/)
const location = z.strictObject({
  physicalLocation: z.strictObject({
    artifactLocation: z.strictObject({ uri, uriBaseId: z.literal('%SRCROOT%') }),
    region: z
      .strictObject({
        startLine: z.number().int().min(1),
        startColumn: z.number().int().min(1),
        snippet: message.optional(),
      })
      .optional(),
  }),
  logicalLocations: z.array(z.strictObject({ fullyQualifiedName: z.string() })).optional(),
})
const sarif = z.strictObject({
  $schema: z.url(),
  version: z.literal('2.1.0'),
  runs: z.tuple([
    z.strictObject({
      tool: z.strictObject({
        driver: z.strictObject({
          name: z.string(),
          version: z.string(),
          rules: z.array(
            z.strictObject({
              id: z.string(),
              name: z.string(),
              shortDescription: message,
              fullDescription: message,
              help: z.strictObject({ text: z.string(), markdown: z.string().optional() }),
              defaultConfiguration: z.strictObject({ level }),
              properties: z.strictObject({ tags: z.array(z.string()) }),
            }),
          ),
        }),
      }),
      automationDetails: z.strictObject({ id: z.string() }),
      columnKind: z.enum(['utf16CodeUnits', 'unicodeCodePoints']),
      originalUriBaseIds: z.record(z.string(), z.strictObject({ description: message })),
      invocations: z.array(
        z.strictObject({
          executionSuccessful: z.boolean(),
          exitCode: z.number().int(),
          exitCodeDescription: z.string(),
          endTimeUtc: z.iso.datetime(),
          toolExecutionNotifications: z
            .array(z.strictObject({ descriptor: z.strictObject({ id: z.string() }), level, message }))
            .optional(),
        }),
      ),
      results: z.array(
        z.strictObject({
          ruleId: z.string(),
          ruleIndex: z.number().int().min(0),
          kind: z.literal('fail'),
          level,
          message,
          locations: z.tuple([location]),
          partialFingerprints: z.record(z.string(), z.string()),
          suppressions: z
            .array(
              z.strictObject({ kind: z.literal('external'), status: z.literal('accepted'), justification: z.string() }),
            )
            .optional(),
          properties: z.strictObject({
            outcome: z.enum(['fail', 'unproven', 'none']),
            proof: z.string().optional(),
            check: z.string(),
            folder: z.string().optional(),
          }),
        }),
      ),
      properties: z.strictObject({ verdict: z.string(), partial: z.boolean(), action: z.string() }),
    }),
  ]),
})

const run = (of: RunReport): z.infer<typeof sarif>['runs'][0] => sarif.parse(JSON.parse(renderSarif(of))).runs[0]

test('any report has what the format requires; rule and fingerprint of each result are its own', () => {
  fc.assert(
    fc.property(anyReport, (any) => {
      const { tool, results } = run(any)
      const { rules } = tool.driver
      expect(new Set(rules.map((rule) => rule.id)).size).toBe(rules.length)
      for (const result of results) expect(rules[result.ruleIndex]?.id).toBe(result.ruleId)
      const prints = results.map((result) => result.partialFingerprints['seaworthyFinding/v1'])
      expect(new Set(prints).size).toBe(prints.length)
    }),
  )
})

test('an error refuses, something unproven is an error too and can be told apart', () => {
  const { results } = run(outage())
  expect(results.map((one) => [one.ruleId, one.level, one.properties.outcome])).toEqual([
    ['ledger/duplicate-version', 'error', 'fail'],
    ['lock/index-not-concurrently', 'warning', 'none'],
    ['compat/new-table', 'note', 'none'],
    ['rehearsal/undefined-column', 'error', 'fail'],
    ['rehearsal/not-owner', 'error', 'fail'],
    ['unproven/missing-extension', 'error', 'unproven'],
  ])
})

test('a rule carries its explanation', () => {
  const rule = run(outage()).tool.driver.rules.find((one) => one.id === 'rehearsal/not-owner')
  expect(rule?.shortDescription.text).toBe('The migrating role does not own the object')
  expect(rule?.help.markdown).toContain('Give the table to the deploy role.')
  expect(rule?.help.text).toContain('docs/findings/rehearsal/not-owner.md')
})

const printOf = (change: object): string | undefined => {
  const finding = { ...outage().checks[2]!.findings[0]!, ...change }
  const { results } = run(
    report({ verdict: 'fail', exitCode: 1, checks: [check({ verdict: 'fail', findings: [finding] })] }),
  )
  return results[0]!.partialFingerprints['seaworthyFinding/v1']
}

test('a finding keeps its fingerprint when lines move above it or its wording is mended, and loses it with its SQL', () => {
  const where = outage().checks[2]!.findings[0]!.where!
  expect(printOf({ where: { ...where, line: 40 }, message: 'in other words' })).toBe(printOf({}))
  expect(printOf({ excerpt: { line: 4, text: 'UPDATE other;' } })).not.toBe(printOf({}))
  expect(printOf({ where: { ...where, file: 'migrations/126_other.up.sql' } })).not.toBe(printOf({}))
})

test('a finding without a place attaches to its folder, one without a folder to the root', () => {
  const bare = { ...outage().checks[0]!.findings[0]!, where: null }
  const { results } = run(
    report({
      verdict: 'fail',
      exitCode: 1,
      checks: [check({ verdict: 'fail', findings: [bare] })],
      policyFindings: [bare],
    }),
  )
  expect(results.map((one) => one.locations[0].physicalLocation.artifactLocation.uri)).toEqual(['migrations', '.'])
})

const uriOf = (file: string): string => {
  const finding = { ...outage().checks[0]!.findings[0]!, where: { file, line: 1, column: 1 } }
  const { results } = run(
    report({ verdict: 'fail', exitCode: 1, checks: [check({ verdict: 'fail', findings: [finding] })] }),
  )
  return results[0]!.locations[0].physicalLocation.artifactLocation.uri
}

test('no path is absolute, leaves the root, or reads as a scheme', () => {
  expect(uriOf('/etc/passwd')).toBe('etc/passwd')
  expect(uriOf('../../x.sql')).toBe('x.sql')
  expect(uriOf('file:///x')).toBe('file%3A/x')
  expect(uriOf('a b/é#1.sql')).toBe('a%20b/%C3%A9%231.sql')
})

test('an accepted finding is suppressed with its reason, at its own level', () => {
  const { results } = run(accepted())
  expect(results).toHaveLength(1)
  expect(results[0]!.level).toBe('error')
  expect(results[0]!.suppressions?.[0]?.justification).toBe('the table is <b>small</b> (jo, until 2026-12-31)')
})

test('a message is neither placeholder nor link', () => {
  const finding = {
    ...outage().checks[0]!.findings[0]!,
    message: 'see {0} and [here](https://evil.example)',
    hint: null,
  }
  const { results } = run(
    report({ verdict: 'fail', exitCode: 1, checks: [check({ verdict: 'fail', findings: [finding] })] }),
  )
  expect(results[0]!.message.text).toBe('see {{0}} and [here] (https://evil.example)')
})

test('findings that are alike in everything are numbered', () => {
  const finding = outage().checks[0]!.findings[0]!
  const { results } = run(
    report({ verdict: 'fail', exitCode: 1, checks: [check({ verdict: 'fail', findings: [finding, finding] })] }),
  )
  const prints = results.map((one) => one.partialFingerprints['seaworthyFinding/v1']!)
  expect(prints.map((print) => print.split(':')[1])).toEqual(['1', '2'])
})
