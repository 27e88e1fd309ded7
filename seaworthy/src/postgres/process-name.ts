import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { sha256 } from '../gate/canonical.ts'

/** A process of another boot, machine or container cannot be looked up: what it left counts as its own for this long. */
const FOREIGN_OWNER_LIMIT_MS = 24 * 60 * 60 * 1000

/**
 * A name for this process that no other process has, on any machine or in any container that shares the folder:
 * where its number counts (boot and pid namespace), the number, and when it began.
 */
export function processName(pid: number = process.pid): string {
  return `${spaceName()}.${pid}.${startOf(pid) ?? 0}`
}

/**
 * Whether the process behind an owner name is gone. One that cannot be looked up from here counts as gone
 * `FOREIGN_OWNER_LIMIT_MS` after `lastSeenMs` (Unix time in milliseconds). Text that is no owner name: the same.
 */
export function isGone(owner: string, lastSeenMs: number): boolean {
  const [space, pid, start] = owner.split('.')
  if (space !== spaceName() || pid === undefined || !/^\d+$/.test(pid)) {
    return Date.now() - lastSeenMs > FOREIGN_OWNER_LIMIT_MS
  }
  return !isRunning(Number(pid)) || (startOf(Number(pid)) ?? '0') !== start
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it runs, as somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

let space: string | undefined
function spaceName(): string {
  space ??= sha256([hostname(), bootId(), pidNamespace()].join('\n')).slice(0, 12)
  return space
}

/** Differs after every start of the machine; empty where the system does not tell. */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return ''
  }
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return ''
  }
}

/**
 * When the process began, in clock ticks since boot; null where /proc is not there, and for one that is dead and only
 * waits for its parent to notice. proc(5): after the name in brackets come field 3, the state, and field 22, the start.
 */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? null : (fields[19] ?? null)
  } catch {
    return null
  }
}
