import { type Entry, type EntryInput, newEntry } from '../../../src/gate/chain/chain.ts'

/** An entry as the tests want it. */
export const input = (change: Partial<EntryInput> = {}): EntryInput => ({
  at: '2026-11-21T15:00:00.000Z',
  kind: 'run',
  actor: { user: 'judge', host: 'court', ci: null },
  command: 'seaworthy check',
  candidate: null,
  content: { verdict: 'pass' },
  ...change,
})

/** A chain of these. */
export function chain(inputs: readonly EntryInput[]): Entry[] {
  const entries: Entry[] = []
  for (const one of inputs) entries.push(newEntry(entries.at(-1) ?? null, one))
  return entries
}

/** A chain of so many different entries. */
export const chainOf = (length: number): Entry[] =>
  chain(Array.from({ length }, (_, index) => input({ content: { number: index + 1 } })))
