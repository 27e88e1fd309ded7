/** A column, as far as the statements tell. Null means unknown, never a guess. */
export interface Column {
  readonly name: string
  /** As `typeText` spells it, such as `varchar(20)`. */
  type: string | null
  isNotNull: boolean
  hasDefault: boolean
  isIdentity: boolean
  isGenerated: boolean
  /** Added by the release that is judged. */
  readonly isNew: boolean
}

export interface TableConstraint {
  name: string
  readonly kind: 'check' | 'foreign' | 'unique' | 'primary' | 'exclude' | 'not-null'
  readonly columns: readonly string[]
  isValid: boolean
  /** The column of a `CHECK (column IS NOT NULL)`. */
  readonly guards: string | null
}

export interface Table {
  /** Created by the release that is judged: nobody reads it yet. */
  readonly isNew: boolean
  /** Set for the root of a partitioned table, which has no rows of its own. */
  readonly isPartitioned?: true
  /** What is known of them; of a new table nothing is kept, since it may change as it likes. */
  columns: Column[]
  constraints: TableConstraint[]
  /** Columns that the history took away and did not bring back, and the file that did it. */
  dropped: { readonly name: string; readonly file: string }[]
}

export interface View {
  isNew: boolean
  /** Null where the query's column names cannot be told (`SELECT *`, an unnamed expression). */
  readonly columns: readonly string[] | null
}

export interface Index {
  /** Qualified name of its table. */
  readonly table: string
  isNew: boolean
  readonly isUnique: boolean
}

export interface Routine {
  /** Types of the arguments that identify it. */
  readonly args: readonly string[]
  readonly returns: string | null
  isNew: boolean
  readonly language: string
  /** The whole CREATE statement, for PL/pgSQL's parser. */
  readonly text: string
  readonly body: string
  readonly isVolatile: boolean
}

/** Objects of which only the existence matters. */
export type ObjectSort =
  | 'schema'
  | 'type'
  | 'sequence'
  | 'materialized view'
  | 'policy'
  | 'trigger'
  | 'extension'
  | 'role'
  | 'foreign table'

/**
 * A light model of the schema, read from the statements alone. Plain JSON: it can be stored and read back. Names are
 * qualified (`public.users`). What it does not know may still be there: unknown is treated as existing, never as new.
 */
export interface SchemaState {
  /** False once a file could not be read: then `IF NOT EXISTS` no longer means that something is new. */
  isComplete: boolean
  /** Files of the baseline that could not be read. */
  readonly unread: string[]
  readonly tables: Record<string, Table>
  readonly views: Record<string, View>
  readonly indexes: Record<string, Index>
  readonly routines: Record<string, Routine[]>
  /** By sort and name: `type public.mood`, `trigger public.users.audit`. */
  readonly objects: Record<string, { isNew: boolean }>
}

export const emptyState = (): SchemaState => ({
  isComplete: true,
  unread: [],
  tables: {},
  views: {},
  indexes: {},
  routines: {},
  // Every database has these before its first migration.
  objects: {
    'schema public': { isNew: false },
    'schema pg_catalog': { isNew: false },
    'schema information_schema': { isNew: false },
    'extension plpgsql': { isNew: false },
  },
})

/** What holds for the statement that is being read, beside the schema. */
export interface Session {
  /** Whether the statement belongs to the release that is judged. */
  readonly isPending: boolean
  file: string
  /** Where an unqualified name is made; null while the search path cannot be told. */
  defaultSchema: string | null
  /** False inside of what may not run, or may be undone: a condition, an exception block, a called function. */
  isCertain: boolean
  /** The transaction of a SET LOCAL search_path that is in force. */
  pathUntil: number | null
  /** Temporary tables that go when their transaction ends, and that transaction. */
  readonly dropOnCommit: Map<string, number>
  /** Names of this session's temporary tables: they hide tables of the same name. */
  readonly temporary: Set<string>
  /** The running number of the transaction that the statement is in. */
  transaction: number
  /** The transaction that added a NOT VALID constraint, by `public.users users_age_check`. */
  readonly notValidSince: Map<string, number>
}

export const newSession = (isPending: boolean): Session => ({
  isPending,
  isCertain: true,
  pathUntil: null,
  dropOnCommit: new Map(),
  file: '',
  defaultSchema: 'public',
  temporary: new Set(),
  transaction: 0,
  notValidSince: new Map(),
})

/** Every file begins with a search path of its own and without temporary tables: to know less is the safe side. */
export function beginFile(session: Session, file: string): void {
  session.file = file
  session.defaultSchema = 'public'
  session.pathUntil = null
  session.temporary.clear()
  session.dropOnCommit.clear()
}

/** What ended with the transaction before: SET LOCAL, and temporary tables that are dropped on commit. */
export function beginTransaction(session: Session, transaction: number): void {
  session.transaction = transaction
  if (session.pathUntil !== null && session.pathUntil !== transaction) {
    session.defaultSchema = null
    session.pathUntil = null
  }
  for (const [name, since] of session.dropOnCommit) {
    if (since === transaction) continue
    session.dropOnCommit.delete(name)
    session.temporary.delete(name)
  }
}

/** Whether what the statement makes is new: it belongs to the release, and it certainly runs. */
export const makesNew = (session: Session): boolean => session.isPending && session.isCertain

/**
 * After ROLLBACK or DISCARD nothing that was learned lately is certain: nothing is new or temporary, no check guards a
 * column, and a search path that was changed cannot be told.
 */
export function forgetWhatIsNew(state: SchemaState, session: Session): void {
  state.isComplete = false
  session.temporary.clear()
  session.dropOnCommit.clear()
  session.defaultSchema = null
  for (const [name, table] of Object.entries(state.tables)) {
    state.tables[name] = {
      isNew: false,
      columns: table.columns.map((one) => ({ ...one, isNew: false, type: null })),
      constraints: table.constraints.map((one) => ({ ...one, guards: null })),
      dropped: [],
    }
  }
  for (const group of [state.views, state.indexes] as const) {
    for (const one of Object.values(group)) one.isNew = false
  }
  for (const one of Object.values(state.objects)) one.isNew = false
  for (const one of Object.values(state.routines).flat()) one.isNew = false
}

export const TEMPORARY = 'pg_temp'
/** Stands in place of a schema that cannot be told; no object is ever filed under it by its real name. */
const UNKNOWN_SCHEMA = '?'

/** Such a name may mean another object in the next file, so nothing is remembered under it. */
export const isInUnknownSchema = (name: string): boolean => name.startsWith(`${UNKNOWN_SCHEMA}.`)

/** The qualified name that the parts of a name mean in this session. */
export function qualify(session: Session, parts: readonly string[]): string {
  const name = parts.at(-1) ?? ''
  const schema = parts.length > 1 ? parts.at(-2) : undefined
  if (schema !== undefined) return `${schema}.${name}`
  if (session.temporary.has(name)) return `${TEMPORARY}.${name}`
  return `${session.defaultSchema ?? UNKNOWN_SCHEMA}.${name}`
}

export const columnOf = (table: Table | undefined, name: string | undefined): Column | undefined =>
  table?.columns.find((column) => column.name === name)

/** Whether a validated `CHECK (column IS NOT NULL)` lets SET NOT NULL skip its scan (PostgreSQL 12 and later). */
export const isGuarded = (table: Table | undefined, column: string): boolean =>
  table?.constraints.some((one) => one.guards === column && one.isValid) ?? false

export const objectKey = (sort: ObjectSort, name: string): string => `${sort} ${name}`
