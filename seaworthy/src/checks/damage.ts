import type { Mutant } from '../gate/check.ts'
import { isNotHere, type NotHere, notHere } from '../gate/drill/drill.ts'
import { type Kind, notObserved, type Observations, observed } from '../gate/observation.ts'
import { type Migration, migrationTree } from '../observers/migration-tree/kind.ts'
import { pending } from '../observers/pending/kind.ts'

/** What a mutant does to a set of observations. */
export type Damage = Mutant['damage']

/** One damage after the other; not here where one of them is not. */
export const both =
  (first: Damage, second: Damage): Damage =>
  (set) => {
    const made = first(set)
    return isNotHere(made) ? made : second(made)
  }

/** What was observed of one kind with some of it replaced, by the same witness. Not here where nothing of it was observed. */
export const changes =
  <T>(kind: Kind<T>, change: (data: T) => Partial<T> | NotHere): Damage =>
  (set) => {
    const data = set.maybe(kind)
    const witness = set.find(kind)?.witness
    if (data === undefined || witness === undefined) return notHere(`${kind.name} was not observed in this run`)
    const more = change(data)
    return isNotHere(more) ? more : set.with(observed(kind, witness, { ...data, ...more }))
  }

/** An observer that looked in this run, and now could not. */
export const fails =
  (kind: Kind<unknown>, reason: string): Damage =>
  (set) =>
    set.find(kind)?.status === 'observed'
      ? set.with(notObserved(kind, 'none', reason))
      : notHere(`${kind.name} was not observed in this run`)

/** The observation that was made in this run is not among the others. */
export const lacks =
  (kind: Kind<unknown>): Damage =>
  (set) =>
    set.find(kind)?.status === 'observed' ? set.without(kind) : notHere(`${kind.name} was not observed in this run`)

/** The migrations that are pending, in the order of the folder; not here where there is none. */
export function pendingIn(set: Observations): readonly [Migration, ...Migration[]] | NotHere {
  const files = new Set(set.maybe(pending)?.files)
  const [first, ...rest] = set.maybe(migrationTree)?.migrations.filter((one) => files.has(one.up.file)) ?? []
  return first === undefined ? notHere('nothing is pending') : [first, ...rest]
}

/** Something is pending that the folder does not have. */
export const withStray: Damage = changes(pending, ({ files }) => ({ files: [...files, 'seaworthy-drill/gone.sql'] }))

/** The text of one migration is another one; where the tool sends pieces, it is one piece. */
export const withText = (file: string, change: (text: string) => string): Damage =>
  changes(migrationTree, ({ migrations }) => ({
    migrations: migrations.map((one) => {
      if (one.up.file !== file) return one
      const text = change(one.up.text)
      return { ...one, up: { ...one.up, text, pieces: one.up.pieces === null ? null : [{ text, line: 1 }] } }
    }),
  }))
