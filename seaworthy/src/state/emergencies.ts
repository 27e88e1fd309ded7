import type { Entry } from '../gate/chain/chain.ts'
import {
  type Emergency,
  emergenciesIn,
  isAbout,
  isClosing,
  openEmergencies,
  type ToldEmergency,
} from '../gate/chain/emergency.ts'
import type { StateStore } from './store.ts'

/**
 * The emergencies of a ledger, oldest first, and what closed them.
 * @throws SeaworthyError if an entry that matters cannot be read: then nobody knows.
 */
export const emergenciesOf = async (store: StateStore): Promise<ToldEmergency[]> =>
  emergenciesIn(await entriesThatMatter(store))

/** Those that are still open, oldest first. @throws SeaworthyError as `emergenciesOf` does. */
export const openEmergenciesOf = async (store: StateStore): Promise<Emergency[]> =>
  openEmergencies(await entriesThatMatter(store))

/** The emergencies and what may close one, in the order of the chain. */
async function entriesThatMatter(store: StateStore): Promise<Entry[]> {
  const emergencies: Entry[] = []
  for await (const entry of store.entries({ kinds: ['emergency'] })) emergencies.push(entry)
  if (emergencies.length === 0) return []
  const told = openEmergencies(emergencies)
  const entries = [...emergencies]
  for await (const entry of store.entries({ kinds: ['certificate', 'admission', 'acceptance'] }))
    if (told.some((one) => isAbout(entry, one))) entries.push(entry)
  return entries.toSorted((a, b) => a.seq - b.seq)
}

/** The numbers of the open emergencies that an entry closes, once it is appended. */
export const closedBy = async (
  store: StateStore,
  entry: Pick<Entry, 'kind' | 'candidate' | 'content'>,
): Promise<number[]> =>
  (await openEmergenciesOf(store)).filter((one) => isClosing(entry, one)).map((one) => one.entry.seq)
