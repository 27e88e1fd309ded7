import {
  as,
  type AlterTableCmd,
  commandsOf,
  type Constraint,
  isOptionOn,
  type Node,
  partsOf,
  quoteName,
  rangeParts,
} from '../../../sql/tree.ts'

/** Something that a statement does to a whole table while others wait for it. */
export interface Work {
  readonly code: string
  /** The own name of the relation that it is about; null for all that the statement has locked. */
  readonly relation: string | null
  /** The column that the static rule names as its subject. */
  readonly column: string | null
  /** What the static rule names instead, where that is neither a column nor the table. */
  readonly subject?: string
  /** `builds an index on`, before the table's name. */
  readonly words: string
  readonly kind: 'reads' | 'rewrites'
  /** ONLY was written: of a partitioned table that is the root, which has no rows. */
  readonly isRootOnly?: boolean
  /** Made with the table's name as SQL writes it. */
  readonly hint: (table: string) => string
}

const CONSTRAINTS: Readonly<Record<string, { readonly code: string; readonly words: string }>> = {
  CONSTR_CHECK: { code: 'lock/add-check', words: 'adds a check, for which it reads' },
  CONSTR_FOREIGN: { code: 'lock/add-foreign-key', words: 'adds a foreign key, for which it reads' },
  CONSTR_UNIQUE: { code: 'lock/add-unique', words: 'adds a unique constraint, whose index it builds on' },
  CONSTR_PRIMARY: { code: 'lock/add-unique', words: 'adds a primary key, whose index it builds on' },
  CONSTR_EXCLUSION: { code: 'lock/add-unique', words: 'adds an exclusion constraint, whose index it builds on' },
}
const STORAGE = new Set(['AT_SetTableSpace', 'AT_SetAccessMethod', 'AT_SetLogged', 'AT_SetUnLogged'])
const SHARE = 5

/** What a statement does for long, read from its text; what was rewritten, or locked, the trace tells. */
export function worksOf(node: Node): Work[] {
  const index = as(node, 'IndexStmt')
  if (index !== undefined)
    return index.concurrent === true
      ? []
      : [
          {
            ...indexWork(
              index.idxname,
              rangeParts(index.relation).at(-1) ?? null,
              index.unique === true,
              index.indexParams,
            ),
            isRootOnly: index.relation?.inh !== true,
          },
        ]
  const alter = as(node, 'AlterTableStmt')
  if (alter !== undefined) {
    const table = rangeParts(alter.relation).at(-1) ?? null
    return commandsOf(alter.cmds).flatMap((command) => commandWorks(command, table))
  }
  const refresh = as(node, 'RefreshMatViewStmt')
  if (refresh !== undefined && refresh.concurrent !== true)
    return [
      plainWork(
        'lock/refresh-view',
        rangeParts(refresh.relation).at(-1) ?? null,
        'refreshes',
        'rewrites',
        (view) => `REFRESH MATERIALIZED VIEW CONCURRENTLY ${view};`,
      ),
    ]
  const drop = as(node, 'DropStmt')
  if (drop?.removeType === 'OBJECT_INDEX' && drop.concurrent !== true)
    return [
      plainWork(
        'lock/drop-index',
        null,
        'drops an index of',
        'reads',
        () => 'DROP INDEX CONCURRENTLY …; alone in a migration without a transaction.',
      ),
    ]
  return wholeTableWorks(node)
}

function wholeTableWorks(node: Node): Work[] {
  const lock = as(node, 'LockStmt')
  if (lock !== undefined && (lock.mode ?? SHARE) >= SHARE)
    return (lock.relations ?? []).map((one) =>
      plainWork(
        'lock/lock-table',
        rangeParts(as(one, 'RangeVar')).at(-1) ?? null,
        'locks',
        'reads',
        () => 'Leave the LOCK out.',
      ),
    )
  const reindex = as(node, 'ReindexStmt')
  if (reindex !== undefined && !isOptionOn(reindex.params, 'concurrently')) {
    const isIndex = reindex.kind === 'REINDEX_OBJECT_INDEX'
    const name = quoteName(rangeParts(reindex.relation).at(-1) ?? '')
    const subject = isIndex
      ? `index ${rangeParts(reindex.relation).map(quoteName).join('.')}`
      : reindex.relation === undefined
        ? `${reindex.kind?.replace('REINDEX_OBJECT_', '').toLowerCase() ?? 'schema'} ${reindex.name ?? 'the database'}`
        : null
    return [
      {
        ...plainWork(
          'lock/reindex',
          isIndex ? null : (rangeParts(reindex.relation).at(-1) ?? null),
          isIndex ? `rebuilds index ${name} of` : 'rebuilds indexes of',
          'rewrites',
          (table) => (isIndex ? `REINDEX INDEX CONCURRENTLY ${name};` : `REINDEX TABLE CONCURRENTLY ${table};`),
        ),
        ...(subject === null ? {} : { subject }),
      },
    ]
  }
  const cluster = as(node, 'ClusterStmt')
  if (cluster !== undefined)
    return [
      plainWork(
        'lock/cluster',
        rangeParts(cluster.relation).at(-1) ?? null,
        'copies',
        'rewrites',
        () => 'Leave it out of the migration.',
      ),
    ]
  const vacuum = as(node, 'VacuumStmt')
  return vacuum?.is_vacuumcmd === true && isOptionOn(vacuum.options, 'full')
    ? [plainWork('lock/vacuum-full', null, 'copies', 'rewrites', () => 'VACUUM without FULL.')]
    : []
}

const plainWork = (
  code: string,
  relation: string | null,
  words: string,
  kind: Work['kind'],
  hint: Work['hint'],
): Work => ({ code, relation, column: null, words, kind, hint })

function indexWork(
  name: string | undefined,
  relation: string | null,
  isUnique: boolean,
  columns: readonly Node[] | undefined,
): Work {
  const list = (columns ?? [])
    .map((one) => as(one, 'IndexElem')?.name)
    .map((one) => (one === undefined ? '…' : quoteName(one)))
  return plainWork(
    'lock/create-index',
    relation,
    'builds an index on',
    'reads',
    (table) =>
      `CREATE ${isUnique ? 'UNIQUE ' : ''}INDEX CONCURRENTLY${name === undefined ? '' : ` ${quoteName(name)}`} ON ${table} (${list.join(', ')}); alone in a migration without a transaction.`,
  )
}

function commandWorks(command: AlterTableCmd, table: string | null): Work[] {
  const { subtype } = command
  const definition = as(command.def, 'ColumnDef')
  const column = command.name ?? definition?.colname ?? null
  if (subtype === 'AT_AddConstraint') return constraintWorks(as(command.def, 'Constraint'), table, null)
  if (subtype === 'AT_AddColumn') return columnWorks(definition, table)
  if (subtype === 'AT_AlterColumnType')
    return [
      {
        ...plainWork(
          'lock/change-column-type',
          table,
          'changes a type, for which it copies',
          'rewrites',
          (name) =>
            `ALTER TABLE ${name} ADD COLUMN ${quoteName(`${column ?? ''}_new`)} …; write both, fill it in batches, move the readers.`,
        ),
        column,
      },
    ]
  if (subtype === 'AT_AttachPartition') {
    const part = as(command.def, 'PartitionCmd')?.name
    return [
      plainWork(
        'lock/attach-partition',
        rangeParts(part).at(-1) ?? null,
        'attaches',
        'reads',
        (name) => `ALTER TABLE ${name} ADD CONSTRAINT fits CHECK (…) NOT VALID; validate it before.`,
      ),
    ]
  }
  if (subtype === 'AT_DetachPartition' && as(command.def, 'PartitionCmd')?.concurrent !== true)
    return [
      plainWork(
        'lock/detach-partition',
        table,
        'detaches a partition from',
        'reads',
        (name) => `ALTER TABLE ${name} DETACH PARTITION … CONCURRENTLY;`,
      ),
    ]
  if (subtype !== undefined && STORAGE.has(subtype))
    return [
      plainWork(
        'lock/set-tablespace',
        table,
        'stores otherwise, and copies,',
        'rewrites',
        () => 'Make a new table and move the rows over in batches, or take a quiet hour.',
      ),
    ]
  return []
}

function constraintWorks(constraint: Constraint | undefined, table: string | null, column: string | null): Work[] {
  const known = CONSTRAINTS[constraint?.contype ?? '']
  if (constraint === undefined || known === undefined) return []
  if (constraint.skip_validation === true || constraint.indexname !== undefined) return []
  const isCheckOrKey = constraint.contype === 'CONSTR_CHECK' || constraint.contype === 'CONSTR_FOREIGN'
  if (isCheckOrKey && constraint.is_enforced !== true) return []
  const name = quoteName(constraint.conname ?? `${table ?? ''}_${partsOf(constraint.keys).join('_') || 'new'}`)
  const hint = isCheckOrKey
    ? (on: string): string =>
        `ALTER TABLE ${on} ADD CONSTRAINT ${name} … NOT VALID; then, in another migration: ALTER TABLE ${on} VALIDATE CONSTRAINT ${name};`
    : (on: string): string =>
        `CREATE UNIQUE INDEX CONCURRENTLY ${name} ON ${on} (${(column === null ? partsOf(constraint.keys) : [column]).map(quoteName).join(', ')}); then: ALTER TABLE ${on} ADD CONSTRAINT ${name} ${constraint.contype === 'CONSTR_PRIMARY' ? 'PRIMARY KEY' : 'UNIQUE'} USING INDEX ${name};`
  return [{ ...plainWork(known.code, table, known.words, 'reads', hint), column }]
}

/** A foreign key of a new column without a default has nothing to compare. */
function columnWorks(definition: ReturnType<typeof as<'ColumnDef'>>, table: string | null): Work[] {
  const column = definition?.colname ?? null
  const constraints = (definition?.constraints ?? []).flatMap((one) => as(one, 'Constraint') ?? [])
  const hasDefault = constraints.some((one) => one.contype === 'CONSTR_DEFAULT')
  const rewrite = {
    ...plainWork(
      'lock/add-column-rewrite',
      table,
      'adds a column, for which it copies',
      'rewrites',
      (name) =>
        `ALTER TABLE ${name} ADD COLUMN ${quoteName(column ?? '')} … without a default; then ALTER COLUMN ${quoteName(column ?? '')} SET DEFAULT …; fill old rows in batches.`,
    ),
    column,
  } satisfies Work
  return [
    rewrite,
    ...constraints
      .filter((one) => one.contype !== 'CONSTR_FOREIGN' || hasDefault)
      .flatMap((one) => constraintWorks({ ...one, is_enforced: true }, table, column)),
  ]
}
