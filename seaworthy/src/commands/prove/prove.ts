import { randomUUID } from 'node:crypto'
import { rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { EXIT, type ExitCode, notWritten, SeaworthyError } from '../../gate/error.ts'
import type { Finding } from '../../gate/finding.ts'
import { type Answer, asked, type AskedObligation, shortIdentity } from '../../gate/obligation.ts'
import { Observations, observed } from '../../gate/observation.ts'
import type { Verdict } from '../../gate/verdict.ts'
import { type Answers, answers as answersKind } from '../../observers/answers/kind.ts'
import { shape } from '../../observers/shape/kind.ts'
import { askProduction } from '../../postgres/answers/ask.ts'
import { type Witness, witnessOf } from '../../postgres/answers/witness.ts'
import { leave, placeOf, reach, serverUrl, wordsOf } from '../../postgres/production.ts'
import type { ReportedEmergencies } from '../../reports/run-report.ts'
import { type CheckFlags, type CheckRequest, requestHere } from '../check/request.ts'
import { check } from '../check/check.ts'
import type { CheckContext } from '../check/judged-run.ts'
import { emergenciesAt } from '../open-emergencies.ts'
import { ownFile } from '../own-file.ts'
import { type Captured, OBLIGATIONS, type Questions, questionsOfEvidence } from './questions.ts'
import type { ConfigChoice } from '../surroundings.ts'

/** What `prove` is asked to do. */
export interface ProveFlags {
  readonly against?: string | undefined
  readonly out?: string | undefined
  /** A bundle that an earlier `check --evidence` wrote, instead of a rehearsal now. */
  readonly evidence?: string | undefined
  /** Seconds that one question may take. */
  readonly timeout?: number | undefined
}

/** What production said. The document of `prove --json`. */
export interface Proof extends ReportedEmergencies {
  readonly schemaVersion: 1
  readonly tool: 'seaworthy'
  readonly version: string
  readonly command: 'prove'
  readonly verdict: Verdict
  readonly exitCode: ExitCode
  readonly server: Answers['server']
  /** Whether a shape says that this is its database; false where there is none that could say it. */
  readonly isShapes: boolean
  readonly answersFile: string
  readonly obligations: readonly AskedObligation[]
  /** What keeps the questions from being all there are. */
  readonly unknown: readonly Finding[]
}

const DEFAULT_FILE = 'seaworthy-answers.json'
const DEFAULT_TIMEOUT_S = 30
const PLACE_LIMIT_MS = 10_000

/**
 * `seaworthy prove`: finds the questions that a release asks of production's rows, asks production, and writes its dated
 * answers to a file that nobody else may read. Throws SeaworthyError for what is no judgement.
 */
export async function prove(
  dirs: readonly string[],
  flags: ProveFlags,
  checkFlags: CheckFlags,
  config: ConfigChoice,
  context: CheckContext,
): Promise<Proof> {
  const given = flags.against ?? context.env['SEAWORTHY_PROVE_URL'] ?? ''
  if (given === '') {
    throw new SeaworthyError('usage', 'prove needs the URL of production, or of a replica', {
      hint: 'seaworthy prove --against "postgresql://replica/database?user=reader", or SEAWORTHY_PROVE_URL in the environment.',
    })
  }
  const url = serverUrl(given, '--against')
  const { around, request } = await requestHere(dirs, checkFlags, config, context)
  const answersFile = await ownFile(
    path.resolve(context.cwd, flags.out ?? DEFAULT_FILE),
    ['kind', 'version', 'witness', 'data'],
    '--out',
  )
  const captured = await capturedFrom(request)
  // A rehearsal takes seconds; a wrong password and a wrong database are said at once.
  refuseOther(await witnessAt(url, context.signal), captured)
  const found =
    flags.evidence === undefined
      ? await questionsOfRun(dirs, checkFlags, config, context)
      : await questionsOfEvidence(path.resolve(context.cwd, flags.evidence))
  const rehearsed = flags.evidence === undefined ? await clusterOf(request, context.signal) : null
  const { witness, answers } = await askProduction(found.obligations, {
    url,
    timeoutMs: (flags.timeout ?? DEFAULT_TIMEOUT_S) * 1_000,
    signal: context.signal,
    progress: context.progress,
    accept: (one) => {
      refuseItself(one, rehearsed, found.rehearsedOn.includes(url.host))
      refuseOther(one, captured ?? found.captured)
    },
    now: () => new Date(),
  })
  const { cluster: _cluster, ...server } = witness
  await writePrivate(answersFile, { server, answers })
  const isShapes = (captured ?? found.captured)?.witness === server.identity
  const proof = proofOf(found, answers, { server, isShapes, answersFile, version: context.version, request })
  return { ...proof, ...(await emergenciesAt(request.stateFile, around.repository)) }
}

/** What a check would find, up to the questions. It writes nothing, and knows no earlier answer. */
async function questionsOfRun(
  dirs: readonly string[],
  flags: CheckFlags,
  config: ConfigChoice,
  context: CheckContext,
): Promise<Questions> {
  const wish: CheckFlags = { ...flags, only: [OBLIGATIONS], action: 'pull-request', answers: '', evidence: '' }
  const { report } = await check(dirs, wish, config, context)
  const results = report.checks.filter((one) => one.check === OBLIGATIONS)
  return {
    obligations: report.obligations,
    verdicts: results.map((one) => one.verdict),
    unknown: results.flatMap((one) => one.findings).filter((one) => one.outcome !== 'none'),
    rehearsedOn: [],
    captured: null,
  }
}

/** The cluster of a server that was given for the rehearsal; null for a scratch server, which nobody else can reach. */
async function clusterOf({ serverUrl: given }: CheckRequest, signal: AbortSignal): Promise<string | null> {
  if (given === null) return null
  return (await witnessAt(serverUrl(given, '--server'), signal)).cluster
}

/** Which database the shape of this run was captured from; null where no shape was given. */
async function capturedFrom({ inputs }: CheckRequest): Promise<Captured | null> {
  if (inputs.shape === null) return null
  const { observeShape } = await import('../../observers/shape/observe.ts')
  const found = new Observations([await observeShape(inputs.shape, null)]).need(shape)
  return { witness: found.witness, database: found.database.name }
}

async function witnessAt(url: URL, signal: AbortSignal): Promise<Witness> {
  const client = await reach(url, { application: 'seaworthy prove', limitMs: PLACE_LIMIT_MS, signal })
  try {
    return await witnessOf(client)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null
    signal.throwIfAborted()
    if (code !== '42501') {
      throw new SeaworthyError('network', `${placeOf(url)} could not be asked who it is: ${wordsOf(error, url)}`)
    }
    throw new SeaworthyError(
      'network',
      'the server does not say who it is: this login may not execute pg_control_system()',
      {
        hint: 'As a superuser: GRANT EXECUTE ON FUNCTION pg_catalog.pg_control_system() TO …; without it one database cannot be told from another.',
      },
    )
  } finally {
    await leave(client)
  }
}

/** A shape says which database it is of: the answers of another one would not count. */
function refuseOther(witness: Witness, captured: Captured | null): void {
  if (captured === null || captured.witness === null || captured.witness === witness.identity) return
  const one = `${captured.database} (${shortIdentity(captured.witness)})`
  throw new SeaworthyError(
    'usage',
    `--against is another database (${shortIdentity(witness.identity)}) than the one that the shape was captured from, ${one}`,
    {
      hint: 'Ask the database that the shape is of, or a replica of it. If production has moved to another cluster, capture the shape again.',
    },
  )
}

/** The rehearsal's server must not answer for production: that would compare a thing with itself. */
function refuseItself(witness: Witness, rehearsed: string | null, isSamePlace: boolean): void {
  if (witness.cluster !== rehearsed && !isSamePlace) return
  throw new SeaworthyError(
    'usage',
    '--against is the server that the release was rehearsed on, so it cannot answer for production',
    {
      hint: 'Name production or a replica of it; or leave --server out, so that a scratch server is used for the rehearsal.',
    },
  )
}

/** The old file or the new one, never a part of one; for this user's eyes only. */
async function writePrivate(file: string, data: Answers): Promise<void> {
  const draft = path.join(path.dirname(file), `.seaworthy-${randomUUID()}.tmp`)
  const witness = `postgres ${data.server.identity}`
  try {
    const text = `${JSON.stringify(observed(answersKind, witness, data), null, 2)}\n`
    await writeFile(draft, text, { flag: 'wx', mode: 0o600 })
    await rename(draft, file)
  } catch (error) {
    await rm(draft, { force: true })
    throw notWritten(`the answers could not be written to ${file}`, error, {
      code: 'usage',
      hint: 'Name a file in a folder that you may write to: --out FILE.',
    })
  }
}

function proofOf(
  found: Questions,
  answers: readonly Answer[],
  about: Pick<Proof, 'server' | 'isShapes' | 'answersFile' | 'version'> & { readonly request: CheckRequest },
): Proof {
  const { request, ...rest } = about
  const at = { evaluatedAt: new Date().toISOString(), maxAgeHours: request.policy.settings.answersMaxAgeHours }
  const obligations = found.obligations.map((one) =>
    asked(
      one,
      answers.find((answer) => answer.id === one.id),
      at,
    ),
  )
  const isKnown = found.verdicts.length > 0 && found.verdicts.every((one) => one === 'pass' || one === 'not-applicable')
  const verdict: Verdict = obligations.some((one) => one.state === 'violated')
    ? 'fail'
    : isKnown && obligations.every((one) => one.state === 'answered')
      ? 'pass'
      : 'unproven'
  const exitCode = { pass: EXIT.pass, fail: EXIT.fail, unproven: EXIT.unproven }[verdict]
  return {
    schemaVersion: 1,
    tool: 'seaworthy',
    command: 'prove',
    ...rest,
    verdict,
    exitCode,
    obligations,
    unknown: found.unknown,
  }
}
