import { readdirSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { SeaworthyError } from '../gate/error.ts'
import type { Account } from './account.ts'
import { runProgram } from './program.ts'
import { describeShortage } from './server-log.ts'

/**
 * The arguments of `cp` for a copy of a folder that shares blocks with the original where the file system can.
 * GNU cp has to be told before coreutils 9; on macOS `-c` clones and falls back to copying; busybox knows neither.
 */
export function copyArguments(from: string, to: string, flavour: 'gnu' | 'macos' | 'plain'): string[] {
  const clone = { gnu: ['--reflink=auto'], macos: ['-c'], plain: [] }[flavour]
  return ['-R', '-P', ...clone, from, to]
}

/**
 * Copies a folder of the account's as the account, so that the copy is the account's as well. `to` must not exist.
 * `cp` rather than Node's own copying: as fast (60 ms for 977 files, 31 MB), never in the way of the event loop, and no
 * thousand changes of owner.
 * @throws SeaworthyError('scratch-server') if it cannot be copied, which says so if there is no room.
 */
export async function copyTree(from: string, to: string, account: Account | null, signal: AbortSignal): Promise<void> {
  const flavours = process.platform === 'darwin' ? (['macos'] as const) : (['gnu', 'plain'] as const)
  let said = ''
  for (const flavour of flavours) {
    const ended = await runProgram('cp', copyArguments(from, to, flavour), { account, signal })
    if (ended.code === 0) return
    said = ended.output
    // Only an option that this cp does not know is worth another attempt.
    if (!/reflink|unrecognized|invalid option/.test(said)) break
  }
  const shortage = describeShortage(said, to)
  throw new SeaworthyError('scratch-server', shortage?.message ?? `${from} could not be copied to ${to}: ${said}`, {
    hint: shortage?.hint ?? 'Set SEAWORTHY_RUNS and SEAWORTHY_CACHE to folders on a healthy file system.',
  })
}

/** Moves a folder if it stays on its file system, else copies it. */
export async function moveTree(from: string, to: string, account: Account | null, signal: AbortSignal): Promise<void> {
  try {
    renameSync(from, to)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EXDEV')) throw error
    await copyTree(from, to, account, signal)
  }
}

/** Bytes of all files in a folder, as their lengths add up. */
export function sizeOf(folder: string): number {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
}
