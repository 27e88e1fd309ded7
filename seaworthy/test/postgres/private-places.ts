import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Places, findPlaces } from '../../src/postgres/places.ts'

export const never = new AbortController().signal

/**
 * A cache and a place for run folders of its own for one test file, by the variables that users have for it: other runs
 * on this machine look for leftovers as well, and would hide that we left some.
 */
export function usePrivateCache(): { readonly places: () => Places; readonly remove: () => void } {
  const folder = mkdtempSync('/var/tmp/seaworthy-test-')
  const runs = mkdtempSync(existsSync('/dev/shm') ? '/dev/shm/swt-' : '/tmp/swt-')
  chmodSync(runs, 0o1777)
  process.env['SEAWORTHY_CACHE'] = folder
  process.env['SEAWORTHY_RUNS'] = runs
  return {
    places: () => findPlaces(),
    remove: () => {
      rmSync(folder, { recursive: true, force: true })
      // Fails if a test left a server's folder.
      rmdirSync(runs)
    },
  }
}

/** The number of the postmaster of a data folder. */
export const postmasterOf = (dataDir: string): number =>
  Number(readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n')[0])

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    // A process that nobody has waited for yet is no longer running.
    return !existsSync('/proc') || !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

/** Waits until a condition holds; false if it does not within 10 s. */
export async function becomes(condition: () => boolean): Promise<boolean> {
  for (let tries = 0; tries < 500; tries++) {
    if (condition()) return true
    await sleep(20)
  }
  return false
}
