import type { ChildProcess } from 'node:child_process'

/** Ends a program that leads a group, with all that it has started. One that is gone already is no error. */
export function endGroup({ pid }: Pick<ChildProcess, 'pid'>): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // Nothing of it is left: a program that has ended may still be waited for, until whoever has its pipes ends too.
  }
}
