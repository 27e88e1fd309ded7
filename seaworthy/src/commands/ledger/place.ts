import path from 'node:path'
import type { Entry, EntryInput } from '../../gate/chain/chain.ts'
import { SeaworthyError } from '../../gate/error.ts'
import { actorHere } from '../../state/actor.ts'
import { type StatePlace, statePlace } from '../../state/place.ts'
import { openState, type StateStore } from '../../state/store.ts'
import { commandLine } from './command-line.ts'
import { configuration, type ProcessContext, surroundings } from '../surroundings.ts'

/** The flags that say where the ledger lies. */
export interface PlaceFlags {
  readonly state?: string
  readonly config?: string
}

/** Where the ledger of this run lies: by flag, environment, configuration, or at its usual place. */
export async function ledgerPlace(flags: PlaceFlags, context: ProcessContext): Promise<StatePlace> {
  const { env } = context
  // Who named the place does not need a configuration that can be loaded.
  const isNamed = flags.state !== undefined || (env['SEAWORTHY_STATE'] ?? '') !== ''
  if (isNamed && flags.config === undefined) return statePlace({ flag: flags.state, env, configured: undefined })
  const around = await surroundings([], context)
  const { config, base } = await configuration([], { file: flags.config }, around, context)
  const configured = config.state === undefined ? undefined : path.resolve(base, config.state)
  return statePlace({ flag: flags.state, env, configured })
}

/**
 * Opens the ledger that is there.
 * @throws SeaworthyError if there is none, with the code for what that means to the caller.
 */
export async function ledgerAt(
  place: StatePlace,
  none: 'nothing-to-check' | 'state',
  signal: AbortSignal,
): Promise<StateStore> {
  const store = await openState(place.file, { isCreating: false, signal })
  if (store !== null) return store
  throw noLedger(place, none)
}

/** Nothing lies at the place; `none` is what that means to the caller. */
export const noLedger = ({ file }: StatePlace, none: 'nothing-to-check' | 'state'): SeaworthyError =>
  new SeaworthyError(none, `there is no ledger at ${file}`, {
    hint: 'seaworthy ledger init begins one. If yours lies elsewhere: --state FILE, or SEAWORTHY_STATE.',
  })

/** What a command wants to be remembered; when, who and where from is added. */
export type Recorded = Pick<EntryInput, 'kind' | 'candidate' | 'content'>

/**
 * Enters what a command did into the ledger. A ledger is begun where its place was named, or where `isCreating` says so;
 * otherwise null is returned if there is none.
 */
export async function recordEntry(
  place: StatePlace,
  recorded: Recorded,
  context: { readonly env: NodeJS.ProcessEnv; readonly argv: readonly string[]; readonly isCreating?: boolean },
): Promise<Entry | null> {
  const store = await openState(place.file, { isCreating: place.isNamed || context.isCreating === true })
  if (store === null) return null
  try {
    const command = commandLine(context.argv)
    return await store.append({ ...recorded, at: new Date().toISOString(), actor: actorHere(context.env), command })
  } finally {
    await store.close()
  }
}
