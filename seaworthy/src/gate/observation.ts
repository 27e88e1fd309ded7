/**
 * The name and version of one sort of observation. The data's schema lies in the observer's `schema.ts`
 * and is loaded only where an observation comes from outside (a stored bundle).
 */
export interface Kind<T> {
  readonly name: string
  readonly version: number
  /** Parses data of unknown origin; throws if it is not of this kind. */
  readonly parse: (data: unknown) => Promise<T>
}

/** What an observer saw, as plain JSON, redacted. */
export interface Observed<T = unknown> {
  readonly kind: string
  readonly version: number
  /** Who or what was looked at, such that two names for one thing are noticed. */
  readonly witness: string
  readonly status: 'observed'
  readonly data: T
}

/** An observer that could not look. It never turns into a pass. */
export interface NotObserved {
  readonly kind: string
  readonly version: number
  readonly witness: string
  readonly status: 'failed'
  /** What happened, and the next thing to do. */
  readonly reason: string
  readonly hint: string | null
}

export type Observation = Observed | NotObserved

/** Wraps what an observer saw. */
export function observed<T>(kind: Kind<T>, witness: string, data: T): Observed<T> {
  return { kind: kind.name, version: kind.version, witness, status: 'observed', data }
}

/** Records that an observer could not look. */
export function notObserved(
  kind: Kind<unknown>,
  witness: string,
  reason: string,
  hint: string | null = null,
): NotObserved {
  return { kind: kind.name, version: kind.version, witness, status: 'failed', reason, hint }
}

/** The observations of one subject (one migration folder): at most one of each kind. */
export class Observations {
  readonly #byKind: ReadonlyMap<string, Observation>

  constructor(observations: Iterable<Observation>) {
    const byKind = new Map<string, Observation>()
    for (const observation of observations) {
      if (byKind.has(observation.kind)) throw new Error(`two observations of kind ${observation.kind}`)
      byKind.set(observation.kind, observation)
    }
    this.#byKind = byKind
  }

  /** The observation of that kind, whether it succeeded or not; undefined if nobody tried. */
  find(kind: Kind<unknown>): Observation | undefined {
    return this.#byKind.get(kind.name)
  }

  /** The data of that kind if it was observed, in this version of it; undefined otherwise. */
  maybe<T>(kind: Kind<T>): T | undefined {
    const found = this.#byKind.get(kind.name)
    if (found?.status !== 'observed' || found.version !== kind.version) return undefined
    // The kind's name and version say what the data is; data from outside went through `kind.parse`.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    return found.data as T
  }

  /** The data of a kind that the check listed under `needs`: the gate has made sure that it is there. */
  need<T>(kind: Kind<T>): T {
    const data = this.maybe(kind)
    if (data === undefined) throw new Error(`a judge asked for ${kind.name}, which its check does not list as needed`)
    return data
  }

  /** The same set with the given observations in place of those of their kinds, or added. */
  with(...replacements: readonly Observation[]): Observations {
    const byKind = new Map(this.#byKind)
    for (const replacement of replacements) byKind.set(replacement.kind, replacement)
    return new Observations(byKind.values())
  }

  /** The same set without the observation of that kind. */
  without(kind: Kind<unknown>): Observations {
    return new Observations([...this.#byKind.values()].filter((one) => one.kind !== kind.name))
  }

  [Symbol.iterator](): Iterator<Observation> {
    return this.#byKind.values()
  }
}
