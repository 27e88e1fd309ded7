import { readFileSync, readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sizeOf } from './copy-tree.ts'
import { makePrivateFolder, type Places } from './places.ts'
import { bootId, isGone, processName } from './process-name.ts'

/** The cache holds at most this much; the least recently used goes first. `SEAWORTHY_CACHE_MB` chooses another limit. */
const DEFAULT_LIMIT_MB = 2048

/** Something in the cache. It is not removed while this process lives. */
export interface Entry {
  readonly name: string
  /** The folder that was stored. */
  readonly content: string
  /** What was noted beside it, as JSON. */
  readonly note: unknown
}

/** An entry's folder holds `content/`, this card (whose time of change is the last use), and marks. */
interface Card {
  readonly note: unknown
  /** Of all files in `content/`, as their lengths add up. */
  readonly bytes: number
  /** The boot in which the content was last known to be whole. */
  readonly boot: string
}

const CONTENT = 'content'
const CARD = 'card.json'
/** Marks are empty files named after a process. */
const USE = 'use-'
const REMOVE = 'remove-'
const DRAFT = 'draft-'
const GONE = 'gone-'
/** A draft without a mark may have been made this very moment. */
const DRAFT_GRACE_MS = 60_000

/**
 * The entry of that name (letters, digits, dots, dashes), or null; from here on until the process ends it is marked as
 * used. A finder marks first and then looks whether somebody removes; a remover announces itself first and then looks
 * whether somebody uses: whichever way they interleave, one of them sees the other and gives way.
 */
export function findEntry(places: Places, name: string): Entry | null {
  const folder = join(places.cache, name)
  const cardFile = join(folder, CARD)
  return unlessMissing(() => {
    writeFileSync(join(folder, USE + processName()), '')
    if (liveMarks(folder).some((mark) => mark.startsWith(REMOVE))) return null
    const card = wholeCard(folder)
    const now = new Date()
    utimesSync(cardFile, now, now)
    return card === null ? null : { name, content: join(folder, CONTENT), note: card.note }
  })
}

/**
 * Adds an entry: `fill` makes the folder at the path it is given and returns its size in bytes and a note. The finished
 * entry appears at once, by a rename. If another process was first, its entry is the one that counts.
 */
export async function addEntry(
  places: Places,
  name: string,
  fill: (content: string) => Promise<{ bytes: number; note: object }>,
): Promise<Entry> {
  const draft = makePrivateFolder(join(places.cache, DRAFT), places.account)
  try {
    writeFileSync(join(draft, USE + processName()), '')
    const card = await fill(join(draft, CONTENT))
    writeFileSync(join(draft, CARD), JSON.stringify({ ...card, boot: bootId() }))
    const entry = await publish(places, draft, name)
    await shrink(places)
    return entry
  } finally {
    await removeFolder(draft)
  }
}

/** An entry that is just being removed is in the way for a moment; one that stays unreadable is damaged and makes room. */
async function publish(places: Places, draft: string, name: string): Promise<Entry> {
  for (let attempt = 0; ; attempt++) {
    try {
      renameSync(draft, join(places.cache, name))
    } catch (error) {
      if (!hasCode(error, 'ENOTEMPTY', 'EEXIST')) throw error
    }
    const entry = findEntry(places, name)
    if (entry !== null) return entry
    if (attempt === 50) await discardEntry(places, name)
    if (attempt === 100) throw new Error(`the cache entry ${join(places.cache, name)} can neither be read nor replaced`)
    await sleep(20)
  }
}

/** Takes an entry out of the cache because it turned out to be damaged. */
export async function discardEntry(places: Places, name: string): Promise<void> {
  const gone = makePrivateFolder(join(places.cache, GONE), null)
  unlessMissing(() => {
    renameSync(join(places.cache, name), join(gone, 'entry'))
    return null
  })
  await removeFolder(gone)
}

/**
 * Brings the cache below its limit by removing what was used least recently and is not in use, and sweeps what crashed
 * processes left. Any number of processes may do so at once.
 */
export async function shrink(places: Places, limitBytes: number = limitOf(process.env)): Promise<void> {
  const entries = readdirSync(places.cache).flatMap((name) => {
    const file = join(places.cache, name, CARD)
    const found = unlessMissing(() => ({ name, card: readCard(file), usedMs: statSync(file).mtimeMs }))
    return found === null || name.startsWith(DRAFT) ? [] : [found]
  })
  let total = entries.reduce((sum, { card }) => sum + (card?.bytes ?? 0), 0)
  for (const { name, card } of entries.toSorted((a, b) => a.usedMs - b.usedMs)) {
    if (total <= limitBytes) break
    if (await removeUnused(places, name)) total -= card?.bytes ?? 0
  }
  for (const name of readdirSync(places.cache)) {
    const folder = join(places.cache, name)
    if ((name.startsWith(DRAFT) || name.startsWith(GONE)) && isAbandoned(folder)) {
      await removeFolder(folder)
    }
  }
}

function limitOf(env: NodeJS.ProcessEnv): number {
  const megabytes = Number(env['SEAWORTHY_CACHE_MB'] ?? '')
  return (Number.isInteger(megabytes) && megabytes > 0 ? megabytes : DEFAULT_LIMIT_MB) * 1024 ** 2
}

async function removeUnused(places: Places, name: string): Promise<boolean> {
  const folder = join(places.cache, name)
  const announcement = join(folder, REMOVE + processName())
  const mayRemove = unlessMissing(() => {
    writeFileSync(announcement, '')
    return !liveMarks(folder).some((mark) => mark.startsWith(USE))
  })
  if (mayRemove === true) await discardEntry(places, name)
  else rmSync(announcement, { force: true })
  return mayRemove === true
}

function isAbandoned(folder: string): boolean {
  return (
    unlessMissing(() => Date.now() - statSync(folder).mtimeMs > DRAFT_GRACE_MS && liveMarks(folder).length === 0) ??
    false
  )
}

/** The marks of processes that still live; those of others are swept away. */
function liveMarks(folder: string): string[] {
  return readdirSync(folder).filter((name) => {
    const kind = [USE, REMOVE].find((one) => name.startsWith(one))
    if (kind === undefined) return false
    const file = join(folder, name)
    const isLive = unlessMissing(() => !isGone(name.slice(kind.length), statSync(file).mtimeMs)) ?? false
    if (!isLive) rmSync(file, { force: true })
    return isLive
  })
}

/**
 * Nothing is synced to the disk, so files may have lost their ends if the machine went down soon after they were written:
 * after each boot the content is measured once. Null if it is not what was stored.
 */
function wholeCard(folder: string): Card | null {
  const card = readCard(join(folder, CARD))
  if (card === null || card.boot === bootId()) return card
  if (sizeOf(join(folder, CONTENT)) !== card.bytes) return null
  const checked = { ...card, boot: bootId() }
  writeFileSync(join(folder, CARD), JSON.stringify(checked))
  return checked
}

/** Null if the card is cut short, as after a power failure. */
function readCard(file: string): Card | null {
  try {
    const card: unknown = JSON.parse(readFileSync(file, 'utf8'))
    if (typeof card !== 'object' || card === null || !('note' in card) || !('bytes' in card)) return null
    const boot = 'boot' in card && typeof card.boot === 'string' ? card.boot : ''
    return typeof card.bytes === 'number' ? { note: card.note, bytes: card.bytes, boot } : null
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

/** Another process may mark an entry at the very moment in which it goes, and its folder is then not empty for once. */
const removeFolder = async (folder: string): Promise<void> =>
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 10 })

/** Other processes remove what we look at, at any time: that is no error, it is "not there". */
function unlessMissing<T>(look: () => T): T | null {
  try {
    return look()
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return null
    throw error
  }
}

const hasCode = (error: unknown, ...codes: string[]): boolean =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code)
