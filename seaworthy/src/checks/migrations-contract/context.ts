import { UNKNOWN_NAME } from '../../sql/constant.ts'
import { asIdentifier } from '../../sql/tokens.ts'
import { type Node, type NodeOf, type RangeVar, rangeParts } from '../../sql/tree.ts'
import { objectName } from './apply-names.ts'
import {
  type Index,
  objectKey,
  type ObjectSort,
  qualify,
  type Routine,
  type SchemaState,
  type Session,
  type Table,
  type View,
} from './state.ts'

/** How the statement reaches the server. */
export interface Sending {
  /** Statements with the same number commit together. */
  readonly transaction: number
  /** Whether the statement is sent alone and outside of any transaction block. */
  readonly isAlone: boolean
  /** Whether the tool puts its own BEGIN and COMMIT around the file. */
  readonly isWrapped: boolean
}

/** What a rule may know about the statement's surroundings. It only reads: the state is as before the statement. */
export class RuleContext {
  readonly #state: SchemaState
  readonly #session: Session
  readonly sending: Sending
  readonly #later: () => readonly Node[]

  constructor(state: SchemaState, session: Session, sending: Sending, later: () => readonly Node[]) {
    this.#state = state
    this.#session = session
    this.sending = sending
    this.#later = later
  }

  /** The statements that follow in the same transaction. */
  get later(): readonly Node[] {
    return this.#later()
  }

  /** The qualified name that the parts mean here: `public.users`. */
  name(parts: readonly string[]): string {
    return qualify(this.#session, parts)
  }

  nameOf(range: RangeVar | undefined): string {
    return qualify(this.#session, rangeParts(range))
  }

  /** For messages and subjects: `table public.users`. */
  label(sort: string, name: string): string {
    return `${sort} ${name.includes(UNKNOWN_NAME) ? name.replace(UNKNOWN_NAME, '(computed at run time)') : name}`
  }

  /** For SQL in hints: quoted where it has to be, without the default schema. */
  sql(name: string): string {
    if (!name.includes('.')) return asIdentifier(name)
    const [schema = '', ...rest] = name.split('.')
    const own = asIdentifier(rest.join('.'))
    return schema === 'public' || schema === UNKNOWN_NAME ? own : `${asIdentifier(schema)}.${own}`
  }

  table(range: RangeVar | undefined): Table | undefined {
    return this.#state.tables[this.nameOf(range)]
  }

  tableNamed(name: string): Table | undefined {
    return this.#state.tables[name]
  }

  /** Only what this release creates is new; what is not known may be live. */
  isNewTable(range: RangeVar | undefined): boolean {
    return this.table(range)?.isNew ?? false
  }

  view(name: string): View | undefined {
    return this.#state.views[name]
  }

  index(name: string): Index | undefined {
    return this.#state.indexes[name]
  }

  routines(name: string): readonly Routine[] {
    return this.#state.routines[name] ?? []
  }

  isNewObject(sort: ObjectSort, parts: readonly string[]): boolean {
    const name = objectName(this.#session, sort, parts)
    return this.#state.objects[objectKey(sort, name)]?.isNew ?? false
  }

  objectName(sort: ObjectSort, parts: readonly string[]): string {
    return objectName(this.#session, sort, parts)
  }

  /** Whether the constraint was added as NOT VALID by the transaction that is still open. */
  isNotValidYet(table: string, constraint: string): boolean {
    return this.#session.notValidSince.get(`${table} ${constraint}`) === this.sending.transaction
  }

  /** Whether an ALTER TABLE is about a table at all (and not about a view, an index, a sequence or a type). */
  isTableChange(node: NodeOf<'AlterTableStmt'>): boolean {
    return node.objtype === 'OBJECT_TABLE' || node.objtype === 'OBJECT_FOREIGN_TABLE' || node.objtype === undefined
  }

  /** Whether an ALTER TABLE changes a table that production has. */
  changesLiveTable(node: NodeOf<'AlterTableStmt'>): boolean {
    return this.isTableChange(node) && !this.isNewTable(node.relation)
  }
}
