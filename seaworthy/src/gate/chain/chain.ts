import { canonicalJson, sha256 } from '../canonical.ts'
import { SeaworthyError } from '../error.ts'
import { Redactor } from '../redaction.ts'

/** What an entry of the ledger can tell of. A new kind comes with a migration of the store. */
export const ENTRY_KINDS = ['run', 'certificate', 'admission', 'acceptance', 'emergency', 'review', 'restore'] as const
export type EntryKind = (typeof ENTRY_KINDS)[number]

export const isEntryKind = (text: string): text is EntryKind => ENTRY_KINDS.some((kind) => kind === text)

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** Who did it, as the machine that did it says: nobody has proved it. */
export interface Actor {
  readonly user: string | null
  readonly host: string | null
  /** The CI run, as its system names it. */
  readonly ci: string | null
}

/** What happened, before it has its place in the chain. */
export interface EntryInput {
  /** UTC, exactly as `Date.toISOString` writes it. */
  readonly at: string
  readonly kind: EntryKind
  readonly actor: Actor
  /** The command as it was started. */
  readonly command: string
  /** A digest or a commit by which the entry is found. */
  readonly candidate: string | null
  readonly content: Json
}

/** One row of the ledger. */
export interface Entry extends EntryInput {
  /** From 1, without gaps. */
  readonly seq: number
  /** The digest of the entry before; of the first one `GENESIS`. */
  readonly previous: string
  /** `sha256:…` of the canonical JSON of all the rest. */
  readonly digest: string
}

/** The newest entry of a chain: whoever keeps it can tell later whether the chain was cut off or written anew. */
export interface Head {
  readonly seq: number
  readonly digest: string
}

/** What the first entry follows. */
export const GENESIS = 'seaworthy ledger, version 1'

/** An entry as it lies in a table: what is no plain value is canonical JSON. */
export interface StoredRow extends Omit<Entry, 'actor' | 'kind' | 'content'> {
  readonly kind: string
  readonly actor: string
  readonly content: string
}

/** The content of an entry is at most so long, as canonical JSON: evidence belongs into a bundle, its digest in here. */
export const MOST_CONTENT_BYTES = 1_000_000
const MOST_COMMAND_LENGTH = 4_000
const MOST_CANDIDATE_LENGTH = 500

const redactor = new Redactor([])

/**
 * The entry that follows `head` (null: the first one). User parts of URLs are taken out; any other secret must have been
 * taken out before.
 * @throws SeaworthyError('limit') for content of more than `MOST_CONTENT_BYTES`.
 */
export function newEntry(head: Head | null, input: EntryInput): Entry {
  if (!isTime(input.at)) throw new SeaworthyError('internal', `${input.at} is not a time as the ledger has it`)
  const rest = {
    seq: (head?.seq ?? 0) + 1,
    at: input.at,
    kind: input.kind,
    actor: redactor.json({ user: input.actor.user, host: input.actor.host, ci: input.actor.ci }),
    command: storable(redactor.text(input.command), MOST_COMMAND_LENGTH),
    candidate: input.candidate === null ? null : storable(input.candidate, MOST_CANDIDATE_LENGTH),
    content: redactor.json(input.content),
    previous: head?.digest ?? GENESIS,
  }
  const bytes = Buffer.byteLength(canonicalJson(rest.content))
  if (bytes > MOST_CONTENT_BYTES) {
    throw new SeaworthyError('limit', `an entry of the ledger is too large: ${bytes} bytes of ${MOST_CONTENT_BYTES}`, {
      hint: 'Keep the evidence in its bundle; the ledger needs its digest only.',
    })
  }
  return { ...rest, digest: `sha256:${sha256(canonicalJson(rest))}` }
}

/** Whether a text is a time exactly as `Date.toISOString` writes it, so that texts sort as times do. */
export function isTime(text: string): boolean {
  const time = new Date(text)
  return !Number.isNaN(time.getTime()) && time.toISOString() === text
}

/** As any store gives it back: without halves of characters and without NUL. */
const storable = (text: string, most: number): string => text.slice(0, most).toWellFormed().replaceAll('\0', '\uFFFD')

/** The row that keeps an entry. */
export const rowOf = (entry: Entry): StoredRow => ({
  ...entry,
  actor: canonicalJson(entry.actor),
  content: canonicalJson(entry.content),
})

/** The canonical JSON of all of a row but its digest; `actor` and `content` are taken as they lie there. */
export const rowText = ({
  actor,
  at,
  candidate,
  command,
  content,
  kind,
  previous,
  seq,
}: Omit<StoredRow, 'digest'>): string =>
  `{"actor":${actor},"at":${JSON.stringify(at)},"candidate":${JSON.stringify(candidate)},"command":${JSON.stringify(command)},` +
  `"content":${content},"kind":${JSON.stringify(kind)},"previous":${JSON.stringify(previous)},"seq":${seq}}`

/** The digest that a row must have. */
export const rowDigest = (row: Omit<StoredRow, 'digest'>): string => `sha256:${sha256(rowText(row))}`
