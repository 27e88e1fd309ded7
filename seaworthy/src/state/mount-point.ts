import { readFileSync, realpathSync } from 'node:fs'

/** The kernel's list of mounts; other systems have none. Source: proc_pid_mountinfo(5), field 5 with octal escapes. */
const MOUNTS = '/proc/self/mountinfo'

/** Whether the mounts, as the kernel lists them, have one at exactly this real path. */
export const hasMountAt = (mounts: string, real: string): boolean =>
  mounts.split('\n').some((line) => unescaped(line.split(' ')[4] ?? '') === real)

/** Whether a file that is there is itself a mount point. False where nobody can tell. */
export function isMountPoint(file: string): boolean {
  const mounts = readMounts()
  return mounts !== null && hasMountAt(mounts, realpathSync(file))
}

function readMounts(): string | null {
  try {
    return readFileSync(MOUNTS, 'utf8')
  } catch {
    return null
  }
}

/** The kernel escapes byte by byte: space, tab, newline and backslash. */
const unescaped = (field: string): string =>
  field.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCodePoint(Number.parseInt(octal, 8)))
