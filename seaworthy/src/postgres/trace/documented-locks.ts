import type { TracedLock } from '../../migrations/effects.ts'
import type { Statement } from '../../sql/parse.ts'
import { as, commandsOf, isOptionOn, type Node, type NodeOf, rangeParts } from '../../sql/tree.ts'
import type { Known, KnownRelation } from './known.ts'

const BESIDE_WRITES = 'ShareUpdateExclusiveLock'
const ALONE = 'AccessExclusiveLock'

/**
 * What the manual says of a statement that runs outside of any transaction, so that nobody sees its locks. `schemas` are
 * those in which a plain name is looked for. Sources: the reference pages of CREATE INDEX, DROP INDEX, REINDEX, VACUUM,
 * CLUSTER and ALTER TABLE, and the chapter on explicit locking.
 */
export function documentedLocks({ node }: Statement, known: Known, schemas: readonly string[]): TracedLock[] {
  const find = new Finder(known, schemas)
  const index = as(node, 'IndexStmt')
  if (index !== undefined) return find.locks(rangeParts(index.relation), BESIDE_WRITES)
  const drop = as(node, 'DropStmt')
  if (drop !== undefined) return find.dropped(drop)
  const reindex = as(node, 'ReindexStmt')
  if (reindex !== undefined) return reindexLocks(reindex, find)
  const vacuum = as(node, 'VacuumStmt')
  if (vacuum !== undefined) return vacuumLocks(vacuum, find)
  const cluster = as(node, 'ClusterStmt')
  if (cluster !== undefined) return find.locks(rangeParts(cluster.relation), ALONE)
  const alter = as(node, 'AlterTableStmt')
  if (alter === undefined) return []
  // DETACH PARTITION CONCURRENTLY: the partition is locked for good in its second transaction.
  return [
    ...find.locks(rangeParts(alter.relation), BESIDE_WRITES),
    ...commandsOf(alter.cmds).flatMap((command) => find.locks(partitionIn(command.def), ALONE)),
  ]
}

/** As LOCK TABLE numbers its modes (storage/lockdefs.h); those that only go with reading and writing rows are left out. */
const LOCK_MODES: Readonly<Record<number, string>> = {
  4: BESIDE_WRITES,
  5: 'ShareLock',
  6: 'ShareRowExclusiveLock',
  7: 'ExclusiveLock',
  8: ALONE,
}

/** What LOCK TABLE asked for inside of something: a block that was taken back let go of it before anybody could look. */
export function nestedLocks(nested: readonly Node[], known: Known, schemas: readonly string[]): TracedLock[] {
  const find = new Finder(known, schemas)
  return nested.flatMap((node) => {
    const lock = as(node, 'LockStmt')
    const mode = LOCK_MODES[lock?.mode ?? 0]
    if (lock === undefined || mode === undefined) return []
    return (lock.relations ?? []).flatMap((one) => find.locks(rangeParts(as(one, 'RangeVar')), mode))
  })
}

const partitionIn = (node: Parameters<typeof as>[0]): string[] => rangeParts(as(node, 'PartitionCmd')?.name)

function reindexLocks(reindex: NodeOf<'ReindexStmt'>, find: Finder): TracedLock[] {
  const isConcurrent = isOptionOn(reindex.params, 'concurrently')
  if (reindex.relation === undefined) {
    // Of a schema or the database, a table after the other.
    return find.all(isConcurrent ? BESIDE_WRITES : 'ShareLock', isConcurrent ? BESIDE_WRITES : ALONE)
  }
  return find.withIndexes(
    rangeParts(reindex.relation),
    isConcurrent ? BESIDE_WRITES : 'ShareLock',
    isConcurrent ? BESIDE_WRITES : ALONE,
  )
}

function vacuumLocks(vacuum: NodeOf<'VacuumStmt'>, find: Finder): TracedLock[] {
  const mode = isOptionOn(vacuum.options, 'full') ? ALONE : BESIDE_WRITES
  const names = (vacuum.rels ?? []).map((one) => rangeParts(as(one, 'VacuumRelation')?.relation))
  return names.length === 0 ? find.all(mode, null) : names.flatMap((parts) => find.locks(parts, mode))
}

/** Finds relations that existed before the release by the name that a statement gives them. */
class Finder {
  readonly #known: Known
  readonly #schemas: readonly string[]

  constructor(known: Known, schemas: readonly string[]) {
    this.#known = known
    this.#schemas = schemas
  }

  locks(parts: readonly string[], mode: string): TracedLock[] {
    const found = this.#find(parts)
    return found === null ? [] : [lockOf(found[1], mode)]
  }

  withIndexes(parts: readonly string[], tableMode: string, indexMode: string): TracedLock[] {
    const found = this.#find(parts)
    if (found === null) return []
    const [oid, relation] = found
    const isIndex = relation.table !== null
    const table = isIndex ? this.#known.relations.get(relation.table) : relation
    const indexes = isIndex ? [relation] : [...this.#known.relations.values()].filter((one) => one.table === oid)
    return [...(table === undefined ? [] : [lockOf(table, tableMode)]), ...indexes.map((one) => lockOf(one, indexMode))]
  }

  /** DROP INDEX CONCURRENTLY: the index and its table. */
  dropped(drop: NodeOf<'DropStmt'>): TracedLock[] {
    return (drop.objects ?? []).flatMap((object) => {
      const items = as(object, 'List')?.items ?? []
      const parts = items.flatMap((item) => as(item, 'String')?.sval ?? [])
      return this.withIndexes(parts, BESIDE_WRITES, BESIDE_WRITES)
    })
  }

  all(tableMode: string, indexMode: string | null): TracedLock[] {
    return [...this.#known.relations.values()].flatMap((relation) => {
      if (relation.isLedger) return []
      if (relation.kind === 'r' || relation.kind === 'm') return [lockOf(relation, tableMode)]
      return relation.kind === 'i' && indexMode !== null ? [lockOf(relation, indexMode)] : []
    })
  }

  #find(parts: readonly string[]): [number, KnownRelation] | null {
    const relname = parts.at(-1)
    const schemas = parts.length > 1 ? [parts.at(-2)] : this.#schemas
    for (const schema of schemas) {
      for (const entry of this.#known.relations) {
        if (entry[1].relname === relname && entry[1].schema === schema) return entry
      }
    }
    return null
  }
}

const lockOf = ({ name }: KnownRelation, mode: string): TracedLock => ({ object: name, mode, source: 'documented' })
