import { error, type Harms, warning } from '../harm.ts'
import { readsOf } from './reads.ts'
import type { Scene } from '../scene.ts'
import { isLarge, isSmall, rowsOf, sizeOf } from './sizes.ts'
import { tableName } from '../rows/writes.ts'

/** SELECT … FOR UPDATE over a whole table: nobody changes any row of it until the transaction ends. */
export const judgeAllRows = (scene: Scene): Harms =>
  scene.statements.flatMap((by) => {
    if (scene.undone.has(by)) return []
    const reads = scene.nodesOf(by).flatMap((node) => readsOf(node, scene, true))
    return reads.flatMap(({ table, isFiltered, isLocking }) => {
      const size = sizeOf(scene, table)
      if (!isLocking || isSmall(scene, size) || (isFiltered && !isLarge(scene, size))) return []
      const say = isFiltered ? warning : error
      const rows = isFiltered ? 'rows that no index finds' : 'every row'
      return say(
        'lock/all-rows',
        tableName(table),
        `locks ${rows} of ${table} until the transaction ends: whoever changes one waits${rowsOf(size)}`,
        {
          by,
          proof: `the rehearsal ran: ${by.text.slice(0, 100)}`,
          hint: 'Lock the rows that are about to be changed, some thousand at a time: WHERE … ORDER BY the key LIMIT 1000 FOR UPDATE; each batch in a transaction of its own.',
        },
      )
    })
  })
