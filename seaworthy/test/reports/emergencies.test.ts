import { describe, expect, it, test } from 'vitest'
import type { Proof } from '../../src/commands/prove/prove.ts'
import { proofText } from '../../src/commands/prove/output.ts'
import type { VerifyDocument } from '../../src/commands/verify/output.ts'
import { verifyText } from '../../src/commands/verify/text.ts'
import { renderAnnotations } from '../../src/reports/annotations.ts'
import { type DrillReport, renderDrill, renderDrillMarkdown } from '../../src/reports/drill.ts'
import { closesWords, emergencyLines } from '../../src/reports/emergencies.ts'
import { renderJson } from '../../src/reports/json.ts'
import { renderJunit } from '../../src/reports/junit.ts'
import { renderMarkdown } from '../../src/reports/markdown.ts'
import { reviewMarkdown } from '../../src/reports/review-markdown.ts'
import { reviewText } from '../../src/reports/review-text.ts'
import type { ReportedEmergencies, ReportEmergency } from '../../src/reports/run-report.ts'
import { renderSarif } from '../../src/reports/sarif.ts'
import { runReportSchema } from '../../src/reports/schema.ts'
import { renderTerminal } from '../../src/reports/terminal.ts'
import { flood, report, reviewed } from './samples.ts'

const emergency: ReportEmergency = {
  seq: 7,
  at: '2026-11-21T02:15:00.000Z',
  by: 'ada',
  action: 'deploy',
  candidate: '0123456789abcdef0123456789abcdef01234567',
  reason: 'login is down since 02:10',
}
const open = report({ emergencies: [emergency] })
const unread = report({ emergenciesUnread: 'the ledger is damaged' })

const writers = {
  terminal: (of: typeof open) => renderTerminal(of, { color: false, width: 100 }).replaceAll(/\s+/g, ' '),
  json: renderJson,
  markdown: renderMarkdown,
  junit: renderJunit,
  sarif: renderSarif,
  annotations: renderAnnotations,
}

describe.each(Object.entries(writers))('%s', (_kind, render) => {
  it('tells an open emergency of a run that passes', () => {
    const text = render(open).replaceAll('%3A', ':')
    for (const word of ['login is down since 02:10', 'ada', '7']) expect(text).toContain(word)
    expect(render(report())).not.toContain('emergenc')
    expect(render(report({ emergencies: [] })).replace('"emergencies": []', '')).not.toContain('emergenc')
  })

  it('tells that nobody knows', () => {
    expect(render(unread)).toContain('the ledger is damaged')
  })
})

const drill: DrillReport = {
  schemaVersion: 1,
  tool: 'seaworthy',
  version: '1.0.0',
  command: 'drill',
  exitCode: 4,
  control: { verdict: 'pass', refusals: [], unlike: null },
  rows: [],
  durationMs: 1,
}
const verified: VerifyDocument = {
  schemaVersion: 1,
  tool: 'seaworthy',
  version: '1.0.0',
  command: 'verify',
  verdict: 'pass',
  exitCode: 0,
  isGenuine: true,
  replayedVerdict: 'pass',
  asOf: '2026-11-21T13:00:00.000Z',
  steps: [],
  claims: null,
}
const proof: Proof = {
  schemaVersion: 1,
  tool: 'seaworthy',
  version: '1.0.0',
  command: 'prove',
  verdict: 'pass',
  exitCode: 0,
  server: { version: '18.1', identity: 'a'.repeat(64), isReplica: false },
  isShapes: true,
  answersFile: '/answers.json',
  obligations: [],
  unknown: [],
}
const review = reviewed([])
const release = { verdict: 'pass', steps: [], exitCode: 0 } as const

/** Of the commands that are no run of the gate, or more than one. */
const others: Record<string, (told: ReportedEmergencies) => string> = {
  'a drill': (told) => renderDrill({ ...drill, ...told }, { color: false, width: 100 }),
  'a drill in Markdown': (told) => renderDrillMarkdown({ ...drill, ...told }),
  verify: (told) => verifyText({ ...verified, ...told }, 100),
  prove: (told) => proofText({ ...proof, ...told }, '/'),
  'a review': (told) => reviewText(review, release, 100, told),
  'a review in Markdown': (told) => reviewMarkdown(review, release, told),
}

test.each(Object.entries(others))('%s tells what is open, and that nobody knows', (_name, render) => {
  const flat = (told: ReportedEmergencies): string => render(told).replaceAll(/\s+/g, ' ')
  expect(flat({ emergencies: [emergency] })).toMatch(/open emergency .+7: deploy of 0123456789ab went past the gate/)
  expect(flat({ emergenciesUnread: 'the ledger is damaged' })).toContain('is not known: the ledger is damaged')
  expect(render({ emergencies: [] })).toBe(render({}))
  expect(render({})).not.toContain('emergenc')
})

test('the line of an emergency', () => {
  expect(emergencyLines(open)).toEqual([
    'open emergency #7: deploy of 0123456789ab went past the gate at 2026-11-21T02:15:00.000Z, by ada: login is down since 02:10',
  ])
  const nameless = { ...emergency, by: null, action: '', candidate: null }
  const digest = { ...emergency, candidate: `sha256:${'a'.repeat(64)}` }
  const words = { ...emergency, candidate: 'the third one\u001b[31m' }
  const lines = emergencyLines(report({ emergencies: [nameless, digest, words] }))
  expect(lines[0]).toContain('something of a candidate that nobody named went past the gate')
  expect(lines[0]).toContain('by somebody')
  expect(lines[1]).toContain('of sha256:aaaaaaaaaaaa went')
  expect(lines[2]).toContain('of the third one went')
})

test('those of other repositories are told together, in a short line', () => {
  const elsewhere = (seq: number): ReportEmergency => ({ ...emergency, seq, isElsewhere: true })
  const told = emergencyLines(report({ emergencies: [elsewhere(3), emergency, elsewhere(9)] }))
  expect(told).toEqual([
    emergencyLines(open)[0],
    'open emergencies of commits that this repository does not have: #3, #9',
  ])
  const many = emergencyLines(report({ emergencies: Array.from({ length: 12 }, (_, seq) => elsewhere(seq)) }))
  expect(many).toEqual([expect.stringMatching(/ #0, #1, .*, #9 and 2 more$/)])
})

test('which ones a certificate closes', () => {
  expect([closesWords(undefined), closesWords([])]).toEqual([null, null])
  expect(closesWords([4])).toBe('it closes emergency #4')
  expect(closesWords([4, 7])).toBe('it closes emergencies #4, #7')
  const certificate = { file: 'e/certificate.json', keyId: 'a'.repeat(64), expiresAt: '2026-11-22T00:00:00.000Z' }
  const signed = (more: object): string =>
    writers.terminal(report({ evidenceDir: 'e', evidence: { dir: 'e', certificate: { ...certificate, ...more } } }))
  expect(signed({ closes: [4] })).toContain(
    'the certificate counts until 2026-11-22T00:00:00.000Z; it closes emergency #4',
  )
  expect(signed({})).not.toContain('closes')
})

test('however many there are, annotations stay ten of a type, and a comment stays short', () => {
  const many = Array.from({ length: 300 }, (_, seq) => ({ ...emergency, seq }))
  const flooded = { ...flood(0, 11), emergencies: many }
  const warnings = renderAnnotations(flooded)
    .split('\n')
    .filter((line) => line.startsWith('::warning'))
  expect(warnings).toHaveLength(10)
  expect(renderMarkdown(report({ emergencies: many }))).toContain('and 280 more')
})

test('the schema of the document knows them', () => {
  expect(runReportSchema.parse(JSON.parse(renderJson(open)))).toMatchObject({ emergencies: [{ seq: 7 }] })
  const broken = { ...open, emergencies: [{ seq: '7' }] }
  expect(runReportSchema.safeParse(broken).success).toBe(false)
})
