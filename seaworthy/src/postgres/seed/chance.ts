import { sha256 } from '../../gate/canonical.ts'

/** A number below 2^32 that depends on nothing but the words. */
export const numberFrom = (...words: readonly (string | number)[]): number =>
  Number.parseInt(sha256(words.join('\u0000')).slice(0, 8), 16)

/** Numbers below 2^32, the same ones for the same start (mulberry32). */
export function numbersFrom(start: number): () => number {
  let state = start >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
}
