import type { ServerError } from '../../migrations/engine.ts'
import type { Removal } from './made-up.ts'
import { type Bench, signatureOf, suspectsOf, tryWithout } from './trial.ts'

/** Errors that may come one after the other, each of other rows. */
const MOST_ERRORS = 10
const LIMIT_MS = 20_000

/**
 * Finds as few made-up rows as possible without which the script goes through. Tries it without all rows of a suspect
 * table, then takes them back in one by one. Null if it fails for another reason than these rows.
 */
export async function findCulprits(bench: Bench, expected: ServerError): Promise<Removal | null> {
  const until = performance.now() + LIMIT_MS
  let removal: Removal = new Map()
  let error = await tryWithout(bench, removal)
  // What does not fail in a trial as it failed before cannot be settled by trials.
  if (error === null || error.sqlstate !== expected.sqlstate) return null
  for (let count = 0; count < MOST_ERRORS && error !== null; count += 1) {
    const better: Removal | null = await settle(bench, removal, error, until)
    if (better === null || performance.now() > until) return null
    removal = better
    error = await tryWithout(bench, removal)
  }
  return error === null ? removal : null
}

/** Takes away what one error is about, and no more. */
async function settle(bench: Bench, removal: Removal, error: ServerError, until: number): Promise<Removal | null> {
  const suspects = await suspectsOf(bench, error)
  const isSettled = async (trial: Removal): Promise<boolean> => {
    const now = await tryWithout(bench, trial)
    return now === null || signatureOf(now) !== signatureOf(error)
  }
  const all = (oids: readonly number[]): Removal =>
    new Map([...removal, ...oids.map((oid) => [oid, new Set(bench.madeUp.get(oid)?.rows)] as const)])
  if (suspects.length === 0 || !(await isSettled(all(suspects)))) return null
  let tables = [...suspects]
  for (const oid of suspects) {
    if (tables.length === 1 || performance.now() > until) break
    const others = tables.filter((one) => one !== oid)
    if (await isSettled(all(others))) tables = others
  }
  let settled = all(tables)
  for (const oid of tables) {
    for (const row of bench.madeUp.get(oid)?.rows ?? []) {
      if (removal.get(oid)?.has(row) === true || performance.now() > until) continue
      const fewer = new Map([...settled, [oid, new Set([...(settled.get(oid) ?? [])].filter((one) => one !== row))]])
      if (await isSettled(fewer)) settled = fewer
    }
  }
  return settled
}
