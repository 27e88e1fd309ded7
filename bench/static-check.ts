import { readdirSync } from 'node:fs'
import path from 'node:path'
import { history, writeFolder } from './history.ts'
import { alternate, type Command, run } from './measure.ts'
import { installPeers, type Peer } from './peers.ts'
import { missingRow, ratioRow, type Row, targetOf } from './table.ts'
import type { Workspace } from './workspace.ts'

const FILES = 800

/** The static check alone, against a bare parse of the same files and against two linters. All are whole processes. */
export async function compareStatic(workspace: Workspace): Promise<Row[]> {
  const folder = writeFolder(workspace.folder, 'static', history(FILES))
  const check = ['check', folder, '--only', 'migrations-contract', '--all']
  const { squawk, pgfence } = await installPeers(workspace.folder)
  const peerSide = (name: string, peer: Peer) => {
    const command = lint(workspace, peer, folder)
    return command === null ? {} : { [name]: time(command) }
  }
  const samples = await alternate<string>(
    {
      cold: time(workspace.seaworthy(...check, '--no-cache')),
      cached: time(workspace.seaworthy(...check)),
      parse: time(workspace.bare('bare-parse.ts', folder)),
      lean: time(lean(workspace.bare('bare-parse.ts', folder))),
      ...peerSide('squawk', squawk),
      ...peerSide('pgfence', pgfence),
    },
    workspace.rounds,
  )
  const row = (ours: 'cold' | 'cached', other: string, name: string, limit: number | null, trouble = ''): Row => {
    const [measured, theirs] = [samples[ours], samples[other]]
    const figure = `static check of ${FILES} files, ${ours === 'cold' ? 'no findings cached' : 'findings cached'}`
    if (measured === undefined || theirs === undefined) return missingRow(figure, targetOf(limit, name), trouble)
    return ratioRow(figure, measured, { name, sample: theirs }, limit)
  }
  return [
    row('cold', 'parse', 'a bare parse by `libpg-query`', 1.3),
    row('cold', 'lean', 'the same with our setting of V8', null),
    row('cold', 'squawk', squawk.title, 3, squawk.trouble),
    row('cached', 'squawk', squawk.title, 1, squawk.trouble),
    row('cold', 'pgfence', pgfence.title, 0.5, pgfence.trouble),
  ]
}

const time = (command: Command) => async (): Promise<number> => (await run(command)).wallMs

/** V8's optimising compiler kept from the grammar, as cli.ts does it. */
const lean = (command: Command): Command => ({ ...command, args: ['--liftoff-only', ...command.args] })

/** A linter over all files by name. Both of them end with 1 where they found something. */
function lint(workspace: Workspace, { script, subcommand }: Peer, folder: string): Command | null {
  if (script === null) return null
  const files = readdirSync(folder).map((name) => path.join(folder, name))
  return {
    file: process.execPath,
    args: [script, ...subcommand, ...files],
    cwd: workspace.folder,
    env: { ...process.env, NO_COLOR: '1' },
    exits: [0, 1],
  }
}
