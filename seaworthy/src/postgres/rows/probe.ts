import type { ObjectName } from '../../migrations/effects.ts'
import type { Probed, ProbeOutcome, ProbeStep } from '../../migrations/engine.ts'
import type { Place } from '../host.ts'
import { isAnswer, serverErrorOf } from '../server-error.ts'
import { Session } from '../session.ts'
import type { Context } from '../world.ts'
import { ignoredBy } from './held.ts'
import { ProbeSession, Unanswered } from './probe-session.ts'
import { probeSteps } from './probe-steps.ts'
import type { ProbeTarget } from './probe-targets.ts'
import { readRelations } from './relations.ts'

const MOST_TABLES = 400
const MOST_MS = 5_000
const STATEMENT_MS = 2_000

/**
 * Reads and writes again what tables held, as the role that migrates: the code of the history runs, never with more
 * rights than that. Each table in a transaction of its own, which is rolled back. What has no table or view of its name
 * any more is left out; `unprobed` are those for which there was no time, no row, or no answer.
 */
export async function probeTables(
  context: Context,
  place: Place,
  targets: readonly ProbeTarget[],
  zone: string,
): Promise<Probed> {
  const { request, roles } = context
  const now = new Map((await readRelations(place.admin, ignoredBy(context))).map((one) => [one.sql, one]))
  const until = Date.now() + MOST_MS
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(MOST_MS + 2 * STATEMENT_MS)])
  const limits = { statementTimeoutMs: STATEMENT_MS, signal }
  await using session = new Session(await place.connectAs(roles.migrating), limits)
  const probing = new ProbeSession(session.client)
  const outcomes: ProbeOutcome[] = []
  const unprobed: { object: ObjectName; reason: string }[] = []
  // What became a partition is written by way of the table that it is a part of.
  const there = targets.filter((one) => now.get(one.sql)?.root === null)
  for (const [index, target] of there.entries()) {
    const columns = new Set(now.get(target.sql)?.columns.map((one) => one.name))
    const isWithin = index < MOST_TABLES && Date.now() < until
    const steps = isWithin ? await stepsOf(probing, { ...target, there: columns }, zone) : 'there was no time left'
    request.signal.throwIfAborted()
    if (typeof steps === 'string') unprobed.push({ object: target.object, reason: steps })
    else outcomes.push(...steps.map((step) => ({ object: target.object, role: roles.migrating, ...step })))
  }
  return { outcomes, unprobed }
}

/** Why nothing was tried, where the server did not answer in time, or the connection is gone. */
async function stepsOf(
  probing: ProbeSession,
  target: Parameters<typeof probeSteps>[1],
  zone: string,
): Promise<readonly ProbeStep[] | string> {
  try {
    return await probing.within({ zone, statementMs: STATEMENT_MS }, async () => await probeSteps(probing, target))
  } catch (error) {
    if (error instanceof Unanswered) return error.message
    if (isAnswer(error)) return serverErrorOf(error, '').message
    if (probing.isLost) return 'the session ended'
    throw error
  }
}
