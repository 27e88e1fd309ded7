import { type Emergency, type Entry, openEmergencies } from '../gate/chain.ts'
import type { StateStore } from './store.ts'

/**
 * The emergencies of a ledger that no passing certificate has closed, oldest first.
 * @throws SeaworthyError if an entry that matters cannot be read: then nobody knows.
 */
export async function openEmergenciesOf(store: StateStore): Promise<Emergency[]> {
  const emergencies: Entry[] = []
  for await (const entry of store.entries({ kinds: ['emergency'] })) emergencies.push(entry)
  const [first] = emergencies
  if (first === undefined) return []
  const candidates = new Set(openEmergencies(emergencies).map(({ candidate }) => candidate))
  const entries = [...emergencies]
  for await (const entry of store.entries({ kinds: ['certificate'] })) {
    if (entry.seq > first.seq && entry.candidate !== null && candidates.has(entry.candidate)) entries.push(entry)
  }
  return openEmergencies(entries.toSorted((a, b) => a.seq - b.seq))
}
