import path from 'node:path'
import type { ExitCode } from '../../gate/error.ts'
import { type AskedObligation, inTheWay, shortIdentity } from '../../gate/obligation.ts'
import { NO_TABLE } from '../../postgres/answers/problem.ts'
import { emergencyLines } from '../../reports/emergencies.ts'
import { plainLine, withoutCiCommands } from '../../reports/plain-text.ts'
import { startProgress } from '../../reports/progress.ts'
import { count, GIVE_ANSWERS } from '../../reports/wording.ts'
import type { CheckFlags } from '../check/request.ts'
import { type Proof, prove, type ProveFlags } from './prove.ts'
import type { ConfigChoice } from '../surroundings.ts'
import { jsonText } from '../../reports/json.ts'

/** Runs `prove` for a person or a machine: results to stdout, progress to stderr. Returns the exit code. */
export async function runProve(
  dirs: readonly string[],
  flags: ProveFlags,
  checkFlags: CheckFlags,
  config: ConfigChoice,
  context: { readonly signal: AbortSignal; readonly version: string; readonly isJson: boolean },
): Promise<ExitCode> {
  const progress = startProgress(process.stderr, { isTty: process.stderr.isTTY })
  const { isJson, ...rest } = context
  const proof = await prove(dirs, flags, checkFlags, config, {
    ...rest,
    cwd: process.cwd(),
    env: process.env,
    progress: (line) => progress.say(line),
  }).finally(() => progress.done())
  process.stdout.write(isJson ? jsonText(proof) : proofText(proof, process.cwd()))
  return proof.exitCode
}

const MEANING: Record<Proof['verdict'], string> = {
  pass: 'production’s rows do not stand in the way',
  fail: 'rows of production stand in the way',
  unproven: 'not everything could be asked, or answered',
}

/** What production said, for a person. Nothing of it can steer a terminal or a CI server's log. */
export function proofText(proof: Proof, cwd: string): string {
  const { server, obligations, unknown, answersFile } = proof
  const file = plainLine(path.relative(cwd, answersFile) || answersFile)
  const shape = proof.isShapes ? ', with the same --shape' : ''
  const who = `PostgreSQL ${plainLine(server.version)}${server.isReplica ? ', a replica' : ''} (${shortIdentity(server.identity)})`
  const lines = [
    headline(proof, who),
    ...(proof.isShapes ? [] : [NOT_COMPARED]),
    ...obligations.map(answerLine),
    ...(obligations.length > 0 && obligations.every(isWithoutTable) ? [OTHER_DATABASE] : []),
    ...unknown.map((one) => row('unknown', `${one.message} [${one.code}]`)),
    `answers in ${file}`,
    ...emergencyLines(proof),
    ...(proof.verdict === 'pass' && obligations.length > 0 ? [`next${shape}: ${GIVE_ANSWERS} ${file}`] : []),
    `${proof.verdict.toUpperCase()}  exit ${proof.exitCode}: ${MEANING[proof.verdict]}`,
  ]
  return `${withoutCiCommands(lines.join('\n'))}\n`
}

function headline({ obligations, verdict }: Proof, who: string): string {
  if (obligations.length > 0) return `${count(obligations.length, 'question')} to ${who}`
  return verdict === 'pass'
    ? `nothing to ask of ${who}: the release asks nothing of the rows that production has`
    : `no question to ${who} is known`
}

function answerLine(one: AskedObligation): string {
  const { state, question, answer, where } = one
  const place = where === null ? '' : ` (${where.file}:${where.line})`
  if (state === 'answered') return row('yes', `${question}${place}`)
  if (state === 'violated')
    return row('NO', `${question}: ${inTheWay(one, answer?.rows ?? 0)} in the way${place}; to see some: ${one.rowsSql}`)
  if (state === 'stale') return row('too old', `${question}: the answer is of ${answer?.answeredAt}${place}`)
  return row('no answer', `${question}: ${answer?.problem ?? 'it was not asked'}${place}`)
}

const isWithoutTable = ({ answer }: AskedObligation): boolean => answer?.problem?.startsWith(NO_TABLE) === true
const NOT_COMPARED =
  '  no shape says that this is production: whatever --against names has answered (seaworthy capture URL -o shape.json; --shape shape.json)'
const OTHER_DATABASE = '  is this the right database? It has none of the tables that are asked about'

const row = (word: string, text: string): string => `  ${word.padEnd(9)}  ${plainLine(text)}`
