import { emergencyLines } from './emergencies.ts'
import { plainLine, plainLines, withoutCiCommands } from './plain-text.ts'
import { carriers, isOpenError, POLICY, type Reported, reportedFindings } from './reported.ts'
import type { ReportCheck, RunReport } from './run-report.ts'
import { placeOf } from './wording.ts'

interface Case {
  readonly name: string
  readonly file: string | null
  readonly durationMs: number
  readonly result: {
    readonly tag: 'failure' | 'error' | 'skipped'
    readonly message: string
    readonly text: string
  } | null
}

/**
 * JUnit XML, for the test view of a CI server: a suite a check; a case for each finding that stands against the
 * release, and one for each folder on which the check has none. Refused is a failure, unproven an error, not
 * applicable skipped. Warnings and notes stand in the suite's `system-out`.
 */
export function renderJunit(report: RunReport): string {
  const reported = reportedFindings(report)
  const ids = [...new Set([...report.checks.map((one) => one.check), ...reported.map((one) => one.check)])]
  const suites = ids.map((id) => ({
    id,
    cases: casesOf(id, report, reported),
    remarks: reported.filter((one) => one.check === id && !isOpenError(one)),
  }))
  const all = suites.flatMap((suite) => suite.cases)
  const body = suites.map((suite) => suiteXml(suite, report)).join('')
  const open = `<testsuites name="seaworthy" ${totals(all, report.durationMs)}>`
  return withoutCiCommands(`<?xml version="1.0" encoding="UTF-8"?>\n${open}\n${body}</testsuites>\n`)
}

function casesOf(id: string, report: RunReport, reported: readonly Reported[]): Case[] {
  const checks = report.checks.filter((one) => one.check === id)
  const errors = reported.filter((one) => one.check === id && isOpenError(one))
  const quiet = checks.filter((check) => !errors.some((one) => one.folder === check.subject))
  return [...quiet.map((check) => quietCase(check, report)), ...errors.map((one) => errorCase(one, checks))]
}

const quietCase = (check: ReportCheck, report: RunReport): Case => ({
  name: check.subject,
  file: null,
  durationMs: check.durationMs,
  result: quietResult(check, report),
})

/** Without an error of its own: not applicable, passed, or one whose harm is told under another check. */
function quietResult(check: ReportCheck, report: RunReport): Case['result'] {
  const { verdict } = check
  if (verdict === 'not-applicable') {
    return { tag: 'skipped', message: check.reason ?? 'no reason was recorded', text: '' }
  }
  if (verdict === 'pass') return null
  const codes = [...new Set((check.carried ?? []).map((one) => one.code))].join(', ')
  const message = `${codes}: told once, under ${carriers(check, report).join(', ')}`
  return { tag: verdict === 'fail' ? 'failure' : 'error', message, text: '' }
}

function errorCase({ finding, folder }: Reported, checks: readonly ReportCheck[]): Case {
  const place = finding.where === null ? (folder ?? 'the run') : placeOf(finding.where)
  const lines = [
    `${finding.code}: ${finding.message}`,
    `at ${place}`,
    finding.excerpt ? `    ${finding.excerpt.text}` : '',
    finding.proof ? `observed: ${finding.proof}` : '',
    finding.hint === null ? '' : `instead: ${finding.hint}`,
    `see ${finding.docs}`,
  ]
  return {
    name: `${folder ?? 'the run'}: ${finding.code} at ${place}`,
    file: finding.where?.file ?? null,
    durationMs: checks.find((check) => check.subject === folder)?.durationMs ?? 0,
    result: {
      tag: finding.outcome === 'unproven' ? 'error' : 'failure',
      message: finding.message,
      text: lines.filter((line) => line !== '').join('\n'),
    },
  }
}

function suiteXml(
  suite: { readonly id: string; readonly cases: readonly Case[]; readonly remarks: readonly Reported[] },
  report: RunReport,
): string {
  const durationMs = report.checks.filter((one) => one.check === suite.id).reduce((sum, one) => sum + one.durationMs, 0)
  const version = report.checks.find((one) => one.check === suite.id)?.version
  const properties = [
    ...(version === undefined ? [] : [['check.version', String(version)]]),
    ['run.verdict', report.verdict],
    ['run.partial', String(report.partial)],
    ...emergencyLines(report).map((line) => ['run.emergency', line]),
  ].map(([name = '', value = '']) => `      <property name="${attribute(name)}" value="${attribute(value)}"/>\n`)
  const remarks = suite.remarks.map(remark).join('\n')
  return [
    `  <testsuite name="${attribute(suite.id)}" ${totals(suite.cases, durationMs)} timestamp="${attribute(report.evaluatedAt.slice(0, 19))}">\n`,
    `    <properties>\n${properties.join('')}    </properties>\n`,
    ...suite.cases.map((one) => caseXml(one, suite.id)),
    remarks === '' ? '' : `    <system-out>${content(remarks)}</system-out>\n`,
    '  </testsuite>\n',
  ].join('')
}

function remark({ finding, acceptance }: Reported): string {
  const place = finding.where === null ? '' : ` (${placeOf(finding.where)})`
  const tail =
    acceptance === null ? '' : `; accepted until ${acceptance.expires} by ${acceptance.author}: ${acceptance.reason}`
  const word = acceptance === null ? finding.severity : 'accepted'
  return plainLine(`${word} ${finding.code}: ${finding.message}${place}${tail}`)
}

function caseXml(one: Case, suite: string): string {
  const className = suite === POLICY ? 'seaworthy.policy' : `seaworthy.${suite}`
  const file = one.file === null ? '' : ` file="${attribute(one.file)}"`
  const open = `    <testcase name="${attribute(one.name)}" classname="${attribute(className)}"${file} time="${seconds(one.durationMs)}"`
  if (one.result === null) return `${open}/>\n`
  const { tag, message, text } = one.result
  const inner = text === '' ? '/>' : ` type="${tag === 'error' ? 'unproven' : 'refused'}">${content(text)}</${tag}>`
  return `${open}>\n      <${tag} message="${attribute(message)}"${inner}\n    </testcase>\n`
}

function totals(cases: readonly Case[], durationMs: number): string {
  const of = (tag: string): number => cases.filter((one) => one.result?.tag === tag).length
  return `tests="${cases.length}" failures="${of('failure')}" errors="${of('error')}" skipped="${of('skipped')}" time="${seconds(durationMs)}"`
}

const seconds = (durationMs: number): string => (Math.max(0, durationMs) / 1000).toFixed(3)

/** XML 1.0 has no form at all for most controls and for U+FFFE and U+FFFF, not even an escaped one. */
const content = (text: string): string =>
  plainLines(text)
    .replaceAll(/[\uFFFE\uFFFF]/g, '\uFFFD')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')

const attribute = (text: string): string => content(plainLine(text)).replaceAll('"', '&quot;').replaceAll("'", '&apos;')
