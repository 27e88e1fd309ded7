import { notHere, type World } from '../../gate/drill/drill.ts'
import { migrationTree } from '../../observers/migration-tree/kind.ts'
import { leftOut } from '../left-out.ts'

/** Bad worlds in which there is no way back. */
export const worlds: readonly World[] = [
  {
    name: 'down-that-takes-nothing-back',
    title: 'a down file applies, and takes nothing back',
    why: 'the way back is tried for the first time when it is needed',
    refusedBy: ['apply/down-leaves-over', 'apply/up-after-down-failed'],
    build: (observations, { settings }) => {
      if (!settings.requireDowns) return notHere('the policy does not ask for downs that work (requireDowns)')
      const hasDowns = observations.maybe(migrationTree)?.migrations.some(({ down }) => down !== null) ?? false
      if (!hasDowns) return notHere('there are no down files')
      const up = 'CREATE TABLE IF NOT EXISTS seaworthy_drill (id bigint PRIMARY KEY);\n'
      return { migration: { name: 'no way back', up, down: 'SELECT 1;\n' } }
    },
  },
  leftOut('migrations-down'),
]
