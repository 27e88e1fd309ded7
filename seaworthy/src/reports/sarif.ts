import { sha256 } from '../gate/canonical.ts'
import { familyOf } from '../gate/finding.ts'
import { emergencyLines } from './emergencies.ts'
import { jsonText } from './json.ts'
import { plainLine, plainLines } from './plain-text.ts'
import { type Reported, reportedFindings } from './reported.ts'
import type { ReportFinding, RunReport } from './run-report.ts'
import { exitMeaning } from './wording.ts'

/**
 * SARIF 2.1.0, for code-scanning views and editors. Paths are relative to the repository root (`%SRCROOT%`), never
 * absolute. Something unproven is an error, with `properties.outcome` to tell it apart; what the policy accepts is a
 * suppressed result with the reason. Source: OASIS SARIF 2.1.0, sections 3.13 to 3.34 and 3.49.
 */
export function renderSarif(report: RunReport): string {
  const reported = reportedFindings(report)
  const codes = [...new Set(reported.map((one) => one.finding.code))].toSorted()
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Seaworthy',
            version: report.version,
            rules: codes.map((code) => rule(code, report, reported)),
          },
        },
        automationDetails: { id: `seaworthy/${report.command}/` },
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { '%SRCROOT%': { description: { text: 'The root of the repository.' } } },
        invocations: [
          {
            executionSuccessful: true,
            exitCode: report.exitCode,
            exitCodeDescription: exitMeaning(report),
            endTimeUtc: report.evaluatedAt,
            ...notifications(report),
          },
        ],
        results: results(reported, codes),
        properties: { verdict: report.verdict, partial: report.partial, action: report.action },
      },
    ],
  }
  return jsonText(log)
}

/** Open emergencies are about the machinery and not about a file, so they are no results (3.20.21). */
function notifications(report: RunReport): object {
  const lines = emergencyLines(report)
  if (lines.length === 0) return {}
  return {
    toolExecutionNotifications: lines.map((line) => ({
      descriptor: { id: 'admission/emergency' },
      level: 'warning',
      message: { text: message(line) },
    })),
  }
}

function rule(code: string, report: RunReport, reported: readonly Reported[]): object {
  const known = report.explanations.find((one) => one.code === code)
  const example = reported.find((one) => one.finding.code === code)?.finding
  const title = message(known?.title ?? example?.message ?? code)
  const page = example === undefined ? '' : `More: ${example.docs} in Seaworthy's documentation.`
  const parts = known === undefined ? [title, page] : [known.why, known.instead, page]
  const help = parts.filter((part) => part.trim() !== '').join('\n\n')
  return {
    id: code,
    name: ruleName(code),
    shortDescription: { text: title },
    fullDescription: { text: message(known?.why ?? title) },
    help: known === undefined ? { text: plainLines(help) } : { text: plainLines(help), markdown: plainLines(help) },
    defaultConfiguration: { level: example?.severity ?? 'error' },
    properties: { tags: [familyOf(code) || code, 'migrations'] },
  }
}

/** `data-loss/drop-table` → `DataLossDropTable`: SARIF wants an identifier that a person can read. */
const ruleName = (code: string): string =>
  code
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('')

function results(reported: readonly Reported[], codes: readonly string[]): object[] {
  const seen = new Map<string, number>()
  return reported.map((one) => {
    const { finding } = one
    const key = fingerprintOf(one)
    const occurrence = (seen.get(key) ?? 0) + 1
    seen.set(key, occurrence)
    return {
      ruleId: finding.code,
      ruleIndex: codes.indexOf(finding.code),
      kind: 'fail',
      level: finding.severity,
      message: {
        text: message([finding.message, ...observed(finding), ...instead(finding)].join('\n')),
      },
      locations: [location(one)],
      partialFingerprints: { 'seaworthyFinding/v1': `${key}:${occurrence}` },
      ...(one.acceptance === null
        ? {}
        : {
            suppressions: [
              {
                kind: 'external',
                status: 'accepted',
                justification: message(
                  `${one.acceptance.reason} (${one.acceptance.author}, until ${one.acceptance.expires})`,
                ),
              },
            ],
          }),
      properties: {
        outcome: finding.outcome,
        ...(finding.proof ? { proof: plainLines(finding.proof) } : {}),
        check: one.check,
        ...(one.folder === null ? {} : { folder: one.folder }),
      },
    }
  })
}

const observed = ({ proof }: ReportFinding): string[] => (proof ? [`Observed: ${proof}`] : [])
const instead = ({ hint }: ReportFinding): string[] => (hint === null ? [] : [`Instead: ${hint}`])

/**
 * What makes two findings the same one in two runs: the code, the file, what is harmed and the SQL, but neither the
 * line (which moves) nor the wording (which may be mended).
 */
function fingerprintOf({ check, folder, finding }: Reported): string {
  const about = [finding.subject, finding.excerpt?.text.replaceAll(/\s+/g, ' ').trim() ?? null]
  const isNamed = about.some((part) => part !== null)
  const parts = [finding.code, check, finding.where?.file ?? folder, ...about, isNamed ? null : finding.message]
  return sha256(JSON.stringify(parts)).slice(0, 32)
}

/** Where the finding is; one without a place attaches to its folder, or to the root. */
function location({ finding, folder }: Reported): object {
  const { where } = finding
  const physicalLocation =
    where === null
      ? { artifactLocation: { uri: relativeUri(folder ?? '.'), uriBaseId: '%SRCROOT%' } }
      : {
          artifactLocation: { uri: relativeUri(where.file), uriBaseId: '%SRCROOT%' },
          region: { startLine: Math.max(1, where.line), startColumn: Math.max(1, where.column), ...snippet(finding) },
        }
  if (finding.subject === null) return { physicalLocation }
  return { physicalLocation, logicalLocations: [{ fullyQualifiedName: plainLine(finding.subject) }] }
}

const snippet = ({ where, excerpt }: ReportFinding): object =>
  excerpt && excerpt.line === where?.line ? { snippet: { text: plainLines(excerpt.text) } } : {}

/**
 * A path relative to the root as a relative URI reference: each part is percent-encoded, so that a colon in the first
 * one is no scheme, and nothing absolute or above the root comes out.
 */
const relativeUri = (path: string): string => {
  const parts = path
    .toWellFormed()
    .split('/')
    .filter((part) => part !== '' && part !== '.' && part !== '..')
  return parts.length === 0 ? '.' : parts.map((part) => encodeURIComponent(part)).join('/')
}

/** Plain text for a SARIF message: `{0}` would be a placeholder (3.11.5) and `[text](target)` a link (3.11.6). */
const message = (text: string): string =>
  plainLines(text)
    .replaceAll(/\{(\d+)\}/g, '{{$1}}')
    .replaceAll('](', '] (')
