import { alternate, run } from './measure.ts'
import { limitRow, type Row } from './table.ts'
import type { Workspace } from './workspace.ts'

/** `times` counts in hundredths of a second, so one sample is the mean of this many starts. */
const STARTS = 20

/** What a shell's `times` says of the processes that it waited for; POSIX knows it, so it is everywhere. */
const SCRIPT = 'n=$1; shift; while [ "$n" -gt 0 ]; do "$@" >/dev/null || exit 1; n=$((n - 1)); done; times'

/** The processor time, user and system, of `seaworthy --version`; beside it that of Node.js doing nothing. */
export async function measureStart(workspace: Workspace): Promise<Row[]> {
  const version = workspace.seaworthy('--version')
  const cpuOf = async (args: readonly string[]): Promise<number> => {
    const { stdout } = await run({
      ...version,
      file: '/bin/sh',
      args: ['-c', SCRIPT, 'starts', String(STARTS), ...args],
    })
    return cpuMs(stdout) / STARTS
  }
  const { ours, node } = await alternate(
    {
      ours: async () => await cpuOf([version.file, ...version.args]),
      node: async () => await cpuOf([version.file, '--eval', '0']),
    },
    workspace.rounds,
  )
  return [
    limitRow('`seaworthy --version`: processor time', ours, 80),
    limitRow('of it Node.js itself (`node --eval 0`)', node, null),
  ]
}

/** The second line of `times` is about the children: `0m1.230s 0m0.310s`, user and system. */
function cpuMs(output: string): number {
  const parts = [...(output.trimEnd().split('\n').at(-1) ?? '').matchAll(/(\d+)m([\d.]+)s/g)]
  if (parts.length !== 2) throw new Error(`not an answer of the shell's times: ${output}`)
  return parts.reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60_000 + Number(seconds) * 1000, 0)
}
