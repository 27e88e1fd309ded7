import { digestOf, sha256, canonicalJson } from '../canonical.ts'
import type { Kind, Observations } from '../observation.ts'

/** A part of what was seen, so that a difference can be told by name. */
export interface PreconditionPart {
  /** `0123`, `table public.users`, `role app`. */
  readonly name: string
  /** The first 32 digits of a SHA-256. */
  readonly digest: string
}

/** Something in the world that a verdict rests on, and that has to be the same when somebody acts on it. */
export interface Precondition {
  /** The kind of observation: `ledger`, `shape`. */
  readonly kind: string
  /** The migration folder. */
  readonly subject: string
  /** Who was looked at, as the observation says. */
  readonly witness: string
  /** Of all parts. */
  readonly digest: string
  readonly parts: readonly PreconditionPart[]
}

/** How a check makes a precondition of one kind of observation. */
export interface PreconditionRule {
  readonly kind: Kind<unknown>
  /**
   * Names of parts and their content, with nothing in it that changes by itself (times of looking, sizes, statistics).
   * Null where these observations hold nothing that could move on. Pure.
   */
  readonly parts: (observations: Observations) => readonly (readonly [name: string, content: unknown])[] | null
}

/** What these observations of one subject rest on. Only what was observed: a failed observation is no precondition. */
export function preconditionsOf(
  subject: string,
  observations: Observations,
  rules: readonly PreconditionRule[],
): Precondition[] {
  return rules.flatMap(({ kind, parts }) => {
    const found = observations.find(kind)
    if (found?.status !== 'observed' || found.version !== kind.version) return []
    const named = parts(observations)
    if (named === null) return []
    const digested = named
      .map(([name, content]) => ({ name, digest: sha256(canonicalJson(content)).slice(0, 32) }))
      .toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.digest < b.digest ? -1 : 1))
    return [
      { kind: kind.name, subject, witness: found.witness, digest: digestOf(named.toSorted(byName)), parts: digested },
    ]
  })
}

const byName = (a: readonly [string, unknown], b: readonly [string, unknown]): number =>
  canonicalJson(a) < canonicalJson(b) ? -1 : 1

/** How the world has moved on since: which parts are new, gone, or other ones. Empty: nothing has moved. */
export interface Moved {
  readonly added: readonly string[]
  readonly removed: readonly string[]
  readonly changed: readonly string[]
}

/** Null where both have the same digest. */
export function movedSince(before: Precondition, now: Precondition): Moved | null {
  if (before.digest === now.digest) return null
  const [old, young] = [byNames(before.parts), byNames(now.parts)]
  return {
    added: [...young.keys()].filter((name) => !old.has(name)),
    removed: [...old.keys()].filter((name) => !young.has(name)),
    changed: [...young].filter(([name, digests]) => old.has(name) && old.get(name) !== digests).map(([name]) => name),
  }
}

/** Several parts may have one name (a ledger that holds a version twice): they count together. */
function byNames(parts: readonly PreconditionPart[]): Map<string, string> {
  const names = new Map<string, string>()
  for (const { name, digest } of parts) names.set(name, `${names.get(name) ?? ''}${digest}`)
  return names
}
