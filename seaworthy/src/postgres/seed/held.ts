import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { sha256 } from '../../gate/canonical.ts'
import type { CatalogueEntry } from '../../migrations/engine.ts'
import { addEntry, findEntry } from '../cache.ts'
import type { Place } from '../host.ts'
import { findPlaces } from '../places.ts'
import { type HeldRows, holdRows } from '../rows/held.ts'
import { type Context, catalogueAt } from '../world.ts'

/** All that a frozen state holds, read once: every world that is thawed from it begins with the same. */
export interface Held {
  readonly catalogue: readonly CatalogueEntry[]
  readonly rows: HeldRows
}

/** Raised whenever what is held is read or written in another way. */
const VERSION = 2
const FILE = 'held.json'
/** More than this takes longer to read from a file than from a server. */
const MOST_CHARACTERS = 64_000_000

/** Reads it before the place is frozen. Null on a server of others, where a copy is a database and not the whole cluster. */
export async function readHeld(context: Context, place: Place): Promise<Held | null> {
  if (place.isShared) return null
  return { catalogue: await catalogueAt(context, place), rows: await holdRows(context, place) }
}

/** Keeps it for later runs, under a name that only this one frozen state has. A cache that cannot be written to is no reason to fail. */
export async function keepHeld(name: string, held: Held): Promise<void> {
  const text = JSON.stringify(held)
  if (text.length > MOST_CHARACTERS) return
  // Nobody's but ours: the account that servers run as must not be able to write it.
  await addEntry({ ...findPlaces(), account: null }, entryName(name), async (content) => {
    await mkdir(content, { mode: 0o700 })
    await writeFile(path.join(content, FILE), text)
    return { bytes: text.length, note: {} }
  }).catch(() => undefined)
}

/** What an earlier run kept; null if it is not there any more. */
export function findHeld(name: string): Held | null {
  try {
    const entry = findEntry(findPlaces(), entryName(name))
    if (entry === null) return null
    // The file lies in a folder that only this user can write; it is as `keepHeld` wrote it.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    return JSON.parse(readFileSync(path.join(entry.content, FILE), 'utf8')) as Held
  } catch {
    return null
  }
}

const entryName = (name: string): string => `held-${sha256(JSON.stringify([VERSION, name])).slice(0, 40)}`
