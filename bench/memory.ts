import { readFileSync } from 'node:fs'
import path from 'node:path'
import { history, pendingThree, writeFolder } from './history.ts'
import { type Command, run, Sample } from './measure.ts'
import { limitRow, type Row } from './table.ts'
import type { Workspace } from './workspace.ts'

const LIMIT_MB = 300

/**
 * The peak memory (resident set) of the command's own process, for each of our commands at its largest. The scratch server is a
 * process of its own with 32 MB of shared buffers and is not in it.
 */
export async function measureMemory(workspace: Workspace): Promise<Row[]> {
  const long = writeFolder(workspace.folder, 'memory-500', history(500))
  const many = writeFolder(workspace.folder, 'memory-800', history(800))
  const pending = writeFolder(workspace.folder, 'memory-pending', [...history(500), ...pendingThree(500)])
  const commands: readonly (readonly [string, readonly string[]])[] = [
    ['`--version`', ['--version']],
    ['`check`, 3 pending after 500', ['check', pending, '--baseline', '0500']],
    ['`check --all`, 500 migrations, every check', ['check', long, '--all', '--no-cache']],
    [
      '`check --only migrations-contract`, 800 files',
      ['check', many, '--all', '--no-cache', '--only', 'migrations-contract'],
    ],
    ['`check --json`, 800 files', ['check', many, '--all', '--no-cache', '--only', 'migrations-contract', '--json']],
    ['`reserve` in a folder of 503', ['reserve', 'add rooms', '--dir', pending]],
  ]
  const rows: Row[] = []
  for (const [name, args] of commands) {
    const peaks = []
    for (let round = 0; round < Math.min(workspace.rounds, 3); round += 1) {
      peaks.push(await peakMb(workspace.seaworthy(...args), path.join(workspace.folder, 'peak')))
    }
    rows.push(limitRow(`peak memory of ${name}`, new Sample(peaks), LIMIT_MB, 'MB'))
  }
  return rows
}

async function peakMb(command: Command, file: string): Promise<number> {
  const preload = ['--import', path.join(import.meta.dirname, 'report-peak.ts')]
  await run({ ...command, args: [...preload, ...command.args], env: { ...command.env, PEAK_FILE: file } })
  return Number(readFileSync(file, 'utf8')) / 1024
}
