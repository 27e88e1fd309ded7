import { EXIT, type ExitCode } from '../../gate/error.ts'
import type { Evaluation, Question } from '../../gate/evaluate.ts'
import { observationDigest } from '../../gate/evidence.ts'
import type { Candidate } from '../../gate/certificate/candidate.ts'
import { gateExplanations } from '../../gate/explanations.ts'
import type { Finding } from '../../gate/finding.ts'
import type { Observations } from '../../gate/observation.ts'
import type { Verdict } from '../../gate/verdict.ts'
import { effects, type Seeding } from '../../observers/effects/kind.ts'
import { type Rehearsal, rehearsal } from '../../observers/rehearsal/kind.ts'
import { shape } from '../../observers/shape/kind.ts'
import { withExcerpts } from '../../reports/excerpt.ts'
import type {
  ReportedEmergencies,
  ReportEvidence,
  ReportExplanation,
  ReportFinding,
  ReportSubject,
  RunReport,
} from '../../reports/run-report.ts'
import { askedIn } from './certify.ts'
import type { FolderObservations, FoundFolders } from './folder.ts'

const EXIT_OF: Record<Verdict, ExitCode> = { pass: EXIT.pass, fail: EXIT.fail, unproven: EXIT.unproven }

export interface ReportInput {
  readonly version: string
  readonly question: Question
  readonly evaluation: Evaluation
  readonly folders: readonly FolderObservations[]
  readonly leftOut: FoundFolders['leftOut']
  readonly candidate: Candidate
  readonly evidence: ReportEvidence | null
  /** What our ledger says of emergencies. */
  readonly emergencies: ReportedEmergencies
  readonly durationMs: number
  /** How long a check took, its own observation included, in milliseconds. */
  readonly durationOf: (check: string, subject: string) => number
}

/** Puts the document of `--json` together. Pure. */
export function runReport(input: ReportInput): RunReport {
  const { question, evaluation, folders } = input
  const texts = new Map<string, string>()
  for (const { tree } of folders) {
    for (const { up, down } of tree.migrations) {
      texts.set(up.file, up.text)
      if (down !== null) texts.set(down.file, down.text)
    }
  }
  const excerpted = (findings: readonly Finding[]): ReportFinding[] => withExcerpts(findings, (file) => texts.get(file))
  const digests = new Map(question.subjects.map((subject) => [subject.name, digestsOf(subject.observations)]))
  return {
    schemaVersion: 1,
    tool: 'seaworthy',
    version: input.version,
    command: 'check',
    verdict: evaluation.verdict,
    exitCode: EXIT_OF[evaluation.verdict],
    action: question.action,
    evaluatedAt: question.evaluatedAt,
    durationMs: input.durationMs,
    candidate: input.candidate,
    subjects: folders.map((folder) => subjectOf(folder, question)),
    leftOut: input.leftOut,
    checks: evaluation.results.map((result) => ({
      check: result.check,
      version: result.version,
      subject: result.subject,
      verdict: result.verdict,
      reason: result.reason,
      durationMs: input.durationOf(result.check, result.subject),
      findings: excerpted(result.findings),
      ...(result.carried.length === 0 ? {} : { carried: result.carried }),
      proved: result.proved,
      evidence: digests.get(result.subject) ?? [],
    })),
    policyFindings: excerpted(evaluation.policyFindings),
    accepted: evaluation.accepted,
    ...(evaluation.allowed.length === 0 ? {} : { allowed: evaluation.allowed }),
    ...(evaluation.overruled.length === 0 ? {} : { overruled: evaluation.overruled }),
    explanations: explanationsOf(question, evaluation),
    evidenceDir: input.evidence?.dir ?? null,
    evidence: input.evidence,
    partial: question.isPartial,
    obligations: evaluation.obligations.map((one) => {
      const { witness: _, ...told } = askedIn(question, one)
      return told
    }),
    ...input.emergencies,
  }
}

const digestsOf = (observations: Observations): string[] => [...observations].map(observationDigest)

function subjectOf({ tree, pending }: FolderObservations, question: Question): ReportSubject {
  const observations = question.subjects.find((subject) => subject.name === tree.folder)?.observations
  const run = observations?.maybe(rehearsal)
  const inShape = new Set(observations?.maybe(shape)?.roles.map((role) => role.name))
  return {
    folder: tree.folder,
    format: tree.format,
    detectedBy: tree.detectedBy,
    migrations: tree.migrations.length,
    pending: { count: pending.files.length, explanation: pending.explanation },
    server: run === undefined ? null : `PostgreSQL ${run.server.version} (${run.server.origin})`,
    assumptions: [
      ...(run === undefined ? [] : assumptionsOf(run, inShape)),
      ...rowsOf(observations?.maybe(effects)?.seeding),
    ],
    baselineCached: run?.isBaselineCached ?? null,
  }
}

/** How many tables without rows are named. */
const MOST_NAMED = 5

/** Which rows the release was tried on, and which tables have none. */
function rowsOf(seeding: Seeding | undefined): string[] {
  if (seeding === undefined || seeding.tables.length + seeding.unseeded.length === 0) return []
  const rows = seeding.tables.reduce((sum, one) => sum + one.rows, 0)
  const made = seeding.tables.reduce((sum, one) => sum + one.synthetic, 0)
  const whose = seeding.source === 'file' ? 'by --seed-sql' : `${made} of them made up (your own: --seed-sql FILE)`
  const named = seeding.unseeded.slice(0, MOST_NAMED).map((one) => `${one.object}: ${one.reason}`)
  const more = seeding.unseeded.length - named.length
  return [
    `${seeding.tables.length} ${seeding.tables.length === 1 ? 'table' : 'tables'} with ${rows} rows, ${whose}`,
    ...named.map((one) => `no rows in ${one}`),
    ...(more > 0 ? [`no rows in ${more} more tables (--evidence DIR names them)`] : []),
  ]
}

/** What the rehearsal took as given, one line each. That a role of production's shape exists is not assumed, but known. */
function assumptionsOf(run: Rehearsal, inShape: ReadonlySet<string>): string[] {
  const ownership = run.roles.isConfigured
    ? [run.roles.ofShape].filter((one) => one !== undefined)
    : [
        `ownership was assumed: one role (${run.roles.migratingRole}) owns everything; say how production has it with roles`,
      ]
  const names = (what: string): string[] =>
    run.provided.filter((one) => one.what === what && !one.isUnproven).map((one) => one.name)
  const [attributes, roles] = [
    names('role').filter((name) => name.includes(' ')),
    names('role').filter((name) => !name.includes(' ') && !inShape.has(name)),
  ]
  const lines = [
    [roles, 'assumed to exist in production: role'],
    [attributes, 'lent for what is live already:'],
    [names('database'), 'stood in for by an empty one: database'],
    [names('extension'), 'created by the superuser, as live already: extension'],
    [names('ownership'), `${run.roles.owningRole} is assumed to be a member of`],
  ] as const
  const leftOut = run.provided
    .filter((one) => (one.what === 'ledger' || one.what === 'triggers') && !one.isUnproven)
    .map((one) => one.why)
  return [
    ...ownership,
    ...leftOut,
    ...lines.flatMap(([list, words]) => (list.length === 0 ? [] : [`${words} ${list.join(', ')}`])),
  ]
}

/** The text behind every code that occurs. */
function explanationsOf(question: Question, evaluation: Evaluation): ReportExplanation[] {
  const all = [...gateExplanations, ...question.checks.flatMap((check) => check.explanations)]
  const known = new Map(all.map((one) => [one.code, one]))
  const findings = [...evaluation.results.flatMap((result) => result.findings), ...evaluation.policyFindings]
  const codes = [...new Set(findings.map((finding) => finding.code))].toSorted()
  return codes.flatMap((code) => {
    const found = known.get(code)
    return found === undefined ? [] : [{ code, title: found.title, why: found.why, instead: found.instead }]
  })
}
