import type { Effects } from '../observers/effects/kind.ts'

/**
 * Whether nothing happened, and nothing was tried: no statement was sent, and nothing is another one than before. Every
 * rule speaks of a statement, of a difference or of a trial, so that none has anything to say. A catalogue that lists an
 * object twice is not still: compared with itself, it differs.
 */
export function isStill(effects: Effects): boolean {
  const known = KNOWN.get(effects) ?? looksStill(effects)
  KNOWN.set(effects, known)
  return known
}

/** Several judges ask about one rehearsal. */
const KNOWN = new WeakMap<Effects, boolean>()

const looksStill = (effects: Effects): boolean =>
  effects.steps.length === 0 &&
  effects.failure === null &&
  effects.traceUnproven === null &&
  effects.interference.length === 0 &&
  Object.values(effects.difference).every((one) => one.length === 0) &&
  [effects.rows, effects.partly, effects.sequences, effects.refusals, effects.probes, effects.unprobed].every(
    (one) => (one ?? []).length === 0,
  ) &&
  new Set(effects.before.map((one) => one.object)).size === effects.before.length
