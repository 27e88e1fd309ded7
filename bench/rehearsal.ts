import { history, writeFolder } from './history.ts'
import { alternate, run } from './measure.ts'
import { ratioRow, type Row } from './table.ts'
import type { Workspace } from './workspace.ts'

const MIGRATIONS = 500

/**
 * The rehearsal of a whole history against one `pg` connection that sends the same SQL. Both sides are whole processes, from
 * their start to their end: Node.js, the scratch server's start and its end are on both.
 */
export async function compareRehearsal(workspace: Workspace): Promise<Row[]> {
  const folder = writeFolder(workspace.folder, 'rehearsal', history(MIGRATIONS))
  const check = ['check', folder, '--only', 'migrations-rehearsal', '--all', '--roles', 'single', '--json']
  const ours = workspace.seaworthy(...check)
  const uncached = workspace.seaworthy(...check, '--no-cache')
  const modules = [workspace.built('postgres/scratch-server'), workspace.built('postgres/binaries')]
  const bare = workspace.bare('bare-connection.ts', ...modules, folder)
  const { rehearsal, anew, connection } = await alternate(
    {
      rehearsal: async () => (await run(ours)).wallMs,
      connection: async () => (await run(bare)).wallMs,
      anew: async () => (await run(uncached)).wallMs,
    },
    workspace.rounds,
  )
  workspace.assertOwnCache()
  const theirs = { name: 'one `pg` connection', sample: connection }
  return [
    ratioRow(`rehearsal of ${MIGRATIONS} migrations, all of them pending`, rehearsal, theirs, 1.3),
    ratioRow('the same with --no-cache: the roles are set up anew', anew, theirs, 1.3),
  ]
}
