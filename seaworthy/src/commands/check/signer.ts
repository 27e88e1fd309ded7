import type { KeyObject } from 'node:crypto'
import path from 'node:path'
import type { LoadedConfig } from '../../config/load.ts'
import type { Json } from '../../gate/chain/chain.ts'
import { SeaworthyError } from '../../gate/error.ts'
import type { LedgerHead } from '../../gate/certificate/statement.ts'
import { type KeyPlaces, readPrivateKey } from '../../signing/private-key.ts'
import { type StatePlace, statePlace } from '../../state/place.ts'
import { closedBy } from '../../state/emergencies.ts'
import { openState, type StateStore } from '../../state/store.ts'
import type { CheckFlags, CheckRequest } from './request.ts'
import type { CheckContext } from './judged-run.ts'
import { type Recorded, recordEntry } from '../ledger/place.ts'

/** The flags by which a command is told its key. */
export interface SignFlags {
  /** A file; true where the environment or the configuration says which key. Undefined: nothing is signed. */
  readonly sign?: string | true | undefined
  readonly passphraseFile?: string | undefined
}

/** What a certificate leaves in the ledger. */
export interface SignedEntry extends Recorded {
  readonly content: { readonly [key: string]: Json }
}

/** Who signs, and the ledger in which that is kept. */
export interface Signer {
  readonly key: KeyObject
  /** The newest entry of our own ledger; null where there is none. */
  readonly head: () => Promise<LedgerHead | null>
  /** Enters what was signed into the ledger, where there is one. Returns the numbers of the emergencies that it closes. */
  readonly record: (made: SignedEntry) => Promise<readonly number[]>
}

/** Where the key of a run comes from: the flag, and what the configuration says. */
export function keyPlaces(
  { sign, passphraseFile }: SignFlags,
  { config, base }: Pick<LoadedConfig, 'config' | 'base'>,
  cwd: string,
): KeyPlaces {
  const { key, command = [], passphraseCommand = [] } = config.signing ?? {}
  return {
    file: typeof sign === 'string' ? path.resolve(cwd, sign) : null,
    configured: { file: key === undefined ? null : path.resolve(base, key), command, passphraseCommand, cwd: base },
    passphraseFile: passphraseFile === undefined ? null : path.resolve(cwd, passphraseFile),
  }
}

/**
 * The key of `check --sign`, read before anything is observed: a wrong one costs nothing. Null without --sign.
 * @throws SeaworthyError('usage') for a run that leaves nothing to sign; what `readPrivateKey` throws.
 */
export async function signerOf(
  flags: CheckFlags,
  { evidence, only }: Pick<CheckRequest, 'evidence' | 'only'>,
  loaded: LoadedConfig,
  context: CheckContext,
): Promise<Signer | null> {
  if (flags.sign === undefined) {
    if (flags.passphraseFile === undefined) return null
    throw new SeaworthyError('usage', '--passphrase-file was given without --sign', {
      hint: 'Add --sign, or leave it out.',
    })
  }
  if (evidence === null) {
    throw new SeaworthyError(
      'usage',
      '--sign needs --evidence: a certificate is a part of the bundle that it is about',
      {
        hint: 'seaworthy check --evidence evidence --sign deploy.key',
      },
    )
  }
  if (only.length > 0) {
    throw new SeaworthyError('usage', '--sign and --only do not go together: a partial answer cannot be certified', {
      hint: 'Leave one of them out.',
    })
  }
  const { secrets = { key: null, passphrase: null }, env, signal, argv = [] } = context
  const key = await readPrivateKey(keyPlaces(flags, loaded, context.cwd), { secrets, env, signal })
  const configured = loaded.config.state === undefined ? undefined : path.resolve(loaded.base, loaded.config.state)
  const place = statePlace({ flag: flags.state, env, configured })
  // A ledger that cannot be read is said now, and asked again when there is something to sign.
  await headOf(place)
  return {
    key,
    head: async () => await headOf(place),
    record: async (made) => await recordSigned(place, made, { env, argv }),
  }
}

/** The newest entry of our own ledger; null where there is none. */
const headOf = async (place: StatePlace): Promise<LedgerHead | null> =>
  await inLedger(place, null, async (store) => await store.head())

/** The entry says which emergencies it closes, so that whoever reads the ledger need not work it out. */
async function recordSigned(
  place: StatePlace,
  made: SignedEntry,
  context: Parameters<typeof recordEntry>[2],
): Promise<readonly number[]> {
  const closes = await inLedger(place, [], async (store) => await closedBy(store, made))
  await recordEntry(place, { ...made, content: { ...made.content, closes } }, context)
  return closes
}

/** Asks the ledger at a place; `none` where there is no ledger. */
async function inLedger<T>(place: StatePlace, none: T, ask: (store: StateStore) => Promise<T>): Promise<T> {
  const store = await openState(place.file, { isCreating: place.isNamed })
  if (store === null) return none
  try {
    return await ask(store)
  } finally {
    await store.close()
  }
}
