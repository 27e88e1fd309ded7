import { sha256 } from '../gate/canonical.ts'
import type { Binaries } from './binaries.ts'
import { addEntry, discardEntry, findEntry } from './cache.ts'
import { moveTree, sizeOf } from './copy-tree.ts'
import { findPlaces, type Places } from './places.ts'
import type { ScratchServer } from './scratch-server.ts'

/** The data folder of a stopped server, to start copies of. */
export interface Snapshot {
  readonly dataDir: string
  /** The JSON that was noted when it was stored. It was read from a file: parse it. */
  readonly note: unknown
  /** Its name in the cache; null if it is not in the cache. */
  readonly entry: string | null
}

/** The snapshot of that content key for these binaries, or null. It stays where it is while this process lives. */
export async function findSnapshot(binaries: Binaries, key: string): Promise<Snapshot | null> {
  const places = findPlaces()
  const found = findEntry(places, entryName(places, binaries, key))
  return found === null ? null : { dataDir: found.content, note: found.note, entry: found.name }
}

/**
 * Stores the data folder of a server that was stopped. The server is used up by it: its data folder moves into the cache,
 * and what remains is to dispose of it. If another process was first with this key, its snapshot is the one returned.
 */
export async function storeSnapshot(server: ScratchServer, key: string, note: object): Promise<Snapshot> {
  const places = findPlaces()
  const entry = await addEntry(places, entryName(places, server.binaries, key), async (content) => {
    const bytes = sizeOf(server.dataDir)
    await moveTree(server.dataDir, content, places.account, new AbortController().signal)
    return { bytes, note }
  })
  return { dataDir: entry.content, note: entry.note, entry: entry.name }
}

/** A snapshot that is not kept: the stopped server's own data folder. It is there until the server is disposed of. */
export const borrowSnapshot = (server: ScratchServer, note: object): Snapshot => ({
  dataDir: server.dataDir,
  note,
  entry: null,
})

/** Forgets a snapshot from which no server would start, so that the next run makes it anew. */
export async function discardSnapshot(snapshot: Snapshot): Promise<void> {
  if (snapshot.entry !== null) await discardEntry(findPlaces(), snapshot.entry)
}

const entryName = (places: Places, binaries: Binaries, key: string): string =>
  `snapshot-${sha256(JSON.stringify([binaries.build, places.account?.name ?? 'self', key])).slice(0, 32)}`
