import type { TraceEvent } from '../../migrations/effects.ts'
import { as, commandsOf, isOptionOn, type Node } from '../../sql/tree.ts'
import type { Known } from './known.ts'

/** Follows the files of the relations that existed: one with another file was written anew, whatever did it. */
export class Files {
  readonly #known: Known
  readonly #seen = new Set<string>()

  constructor(known: Known) {
    this.#known = known
  }

  /**
   * What was rewritten and is not told by `events` yet. `now` holds the files that are not those of before the release;
   * `nodes` are the statements that may be to blame.
   */
  changed(now: ReadonlyMap<number, number>, events: readonly TraceEvent[], nodes: readonly Node[]): TraceEvent[] {
    const fresh = [...now].filter(([oid, file]) => !this.#seen.has(`${oid} ${file}`))
    for (const [oid, file] of fresh) this.#seen.add(`${oid} ${file}`)
    const oids = new Set(fresh.map(([oid]) => oid))
    const told = new Set(events.flatMap((event) => (event.kind === 'rewritten' ? [event.object] : [])))
    return fresh.flatMap(([oid]): TraceEvent[] => {
      const relation = this.#known.relations.get(oid)
      // An index goes with its table.
      const isTold = relation === undefined || told.has(relation.name) || oids.has(relation.table ?? 0)
      if (isTold || relation.isLedger) return []
      const truncated = events.find(
        (event) => event.kind === 'write' && event.operation === 'truncate' && event.object === relation.name,
      )
      const via = truncated?.kind === 'write' ? truncated.via : null
      return [
        {
          kind: 'rewritten',
          object: relation.name,
          reason: truncated === undefined ? reasonIn(nodes) : 'truncate',
          via,
        },
      ]
    })
  }
}

/** Which of the commands that write a relation anew is among the statements. */
const reasonIn = (nodes: readonly Node[]): string =>
  nodes.map(reasonOf).find((reason) => reason !== null) ?? 'another file'

function reasonOf(node: Node): string | null {
  const vacuum = as(node, 'VacuumStmt')
  if (vacuum !== undefined) return isOptionOn(vacuum.options, 'full') ? 'vacuum full' : null
  if (as(node, 'ClusterStmt') !== undefined) return 'cluster'
  if (as(node, 'ReindexStmt') !== undefined) return 'reindex'
  if (as(node, 'RefreshMatViewStmt') !== undefined) return 'refresh'
  if (as(node, 'TruncateStmt') !== undefined) return 'truncate'
  if (as(node, 'AlterTableMoveAllStmt') !== undefined) return 'tablespace'
  const kinds = new Set(commandsOf(as(node, 'AlterTableStmt')?.cmds).map((command) => command.subtype))
  if (kinds.has('AT_SetTableSpace')) return 'tablespace'
  if (kinds.has('AT_SetLogged') || kinds.has('AT_SetUnLogged')) return 'persistence'
  return kinds.has('AT_AlterColumnType') ? 'column type' : null
}
