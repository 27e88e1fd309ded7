import { sha256 } from '../../gate/canonical.ts'
import { SeaworthyError } from '../../gate/error.ts'
import { type Kind, type Observation, notObserved, observed } from '../../gate/observation.ts'
import type { Failure, Rehearsing } from '../../migrations/engine.ts'
import type { Migration, MigrationTree } from '../../migrations/model.ts'
import { isFromServer, serverErrorOf } from '../../postgres/server-error.ts'
import { findCause } from './cause.ts'
import { rehearsal } from './kind.ts'
import type { Rehearsal, Step } from './rehearsal.ts'

/** What the rehearsal observer needs of the request; the engine has it already. */
export interface RehearsalInput {
  readonly tree: MigrationTree
  readonly baseline: readonly Migration[]
  readonly pending: readonly Migration[]
  readonly roles: { readonly mode: 'single' | 'split'; readonly isConfigured: boolean }
  /** Who migrates by production's shape, and why; null or left out where there is none. */
  readonly ofShape?: string | null
  /** The ledger table of a runner of one's own, by the configuration. */
  readonly ownLedger: string | null
  /** The verdict run, where it was made already; else it is made here, without made-up rows. */
  readonly run?: { readonly applied: number; readonly failure: Failure | null } | null
}

/**
 * The verdict run: what is pending, applied to a fork of the baseline exactly as the tool would. A server that could
 * not be had, or that went away, is an observation that failed; a migration that failed is what was observed.
 */
export async function observeRehearsal(rehearsing: Rehearsing, input: RehearsalInput): Promise<Observation> {
  const witness = witnessOf(rehearsing)
  try {
    const { baseline } = rehearsing
    const run =
      baseline.failure === null
        ? (input.run ?? (await applyPending(rehearsing, input.pending)))
        : { applied: 0, failure: null }
    const failure = baseline.failure ?? run.failure
    const data: Rehearsal = {
      server: rehearsing.server,
      roles: {
        // That everything belongs to the migrating role is nothing that was assumed where production's shape says so.
        mode: isOfShape(input) && baseline.foreignOwned === 0 ? 'single' : input.roles.mode,
        isConfigured: input.roles.isConfigured || isOfShape(input),
        migratingRole: rehearsing.migratingRole,
        owningRole: rehearsing.owningRole,
        foreignOwned: baseline.foreignOwned,
        ...(isOfShape(input) ? { ofShape: input.ofShape } : {}),
      },
      isBaselineCached: baseline.isCached,
      ownLedger: input.ownLedger,
      steps: stepsOf(input, baseline.failure === null ? input.baseline.length : baseline.applied, run.applied, failure),
      failure:
        failure === null
          ? null
          : {
              ...failure,
              phase: baseline.failure === null ? 'pending' : 'baseline',
              cause: findCause(failure, input.tree.migrations),
            },
      provided: rehearsing.provided(),
      ...(input.roles.mode === 'split' ? { withoutEffect: rehearsing.withoutEffect?.() ?? [] } : {}),
      limits: rehearsing.limits,
    }
    return observed(rehearsal, witness, data)
  } catch (error) {
    return rehearsalFailed(rehearsal, witness, error)
  }
}

const isOfShape = (input: RehearsalInput): input is RehearsalInput & { ofShape: string } =>
  typeof input.ofShape === 'string'

/**
 * An error of ours or what the server said, as the observation that could not be made. A cancelled run is not an
 * observation: it is thrown on, and so is a bug.
 */
export function rehearsalFailed(kind: Kind<unknown>, witness: string, error: unknown): Observation {
  if (isFromServer(error)) {
    const { message } = serverErrorOf(error, '')
    return notObserved(kind, witness, `the server did not let us look: ${message}`, null)
  }
  if (!(error instanceof SeaworthyError) || error.code === 'config' || error.code === 'usage') throw error
  return notObserved(kind, witness, error.message, error.hint)
}

/** The identity of the server that was used. */
export const witnessOf = ({ server }: Rehearsing): string =>
  `${server.engine} ${server.version} (${server.origin}: ${server.place})`

async function applyPending(
  rehearsing: Rehearsing,
  pending: readonly Migration[],
): Promise<{ applied: number; failure: Failure | null }> {
  await using world = await rehearsing.fork()
  return await world.apply(pending)
}

function stepsOf(input: RehearsalInput, baselineApplied: number, applied: number, failure: Failure | null): Step[] {
  const place = new Map<string, { phase: Step['phase']; isApplied: boolean }>()
  for (const [index, one] of input.baseline.entries()) {
    place.set(one.up.file, { phase: 'baseline', isApplied: index < baselineApplied })
  }
  for (const [index, one] of input.pending.entries()) {
    place.set(one.up.file, { phase: 'pending', isApplied: index < applied })
  }
  let isAfterFailure = false
  return input.tree.migrations.map((migration): Step => {
    const { phase, isApplied } = place.get(migration.up.file) ?? { phase: 'pending' as const, isApplied: false }
    const { file, text } = migration.up
    const base = { file, version: migration.version, sha256: sha256(text), phase }
    if (isApplied) return { ...base, outcome: 'applied' }
    if (failure?.file === migration.up.file) {
      isAfterFailure = true
      return { ...base, outcome: 'failed' }
    }
    const wasRolledBack =
      !isAfterFailure && failure !== null && phase === 'pending' && input.tree.transaction === 'all-pending'
    return { ...base, outcome: wasRolledBack ? 'rolled-back' : 'not-reached' }
  })
}
