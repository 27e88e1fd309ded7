import type { CatalogueDifference } from './catalogue-difference.ts'
import type { CatalogueEntry, Failure, ServerError, ServerIdentity } from './engine.ts'

/** Rows remembered of a table, to tell what became of them; of more, the first by key. */
export const ROWS_WATCHED = 10_000

/** What ran inside of a statement: a function, a trigger, a rule, a DO block; as the server tells its call stack. */
export type Via = string | null

/** An object by the name that the catalogue lists it under: `table public.users`, `column public.users.email`. */
export type ObjectName = string

/** One thing that the server itself reported while a statement ran. */
export type TraceEvent =
  | {
      readonly kind: 'created' | 'altered'
      readonly object: ObjectName
      /** The command tag: `CREATE TABLE`. */
      readonly command: string
      readonly via: Via
    }
  | {
      readonly kind: 'dropped'
      readonly object: ObjectName
      /** False where it went along with something else: `cause` then says with what. */
      readonly isDirect: boolean
      readonly cause: ObjectName | null
      readonly command: string
      readonly via: Via
    }
  /** Every row of the table was written anew; `reason` as the server names it, such as `column type`. */
  | { readonly kind: 'rewritten'; readonly object: ObjectName; readonly reason: string; readonly via: Via }
  | {
      readonly kind: 'write'
      readonly operation: 'insert' | 'update' | 'delete' | 'truncate'
      readonly object: ObjectName
      /** Rows that it touched; null where the server does not tell. Zero counts as well: in production it may match. */
      readonly rows: number | null
      /** Set where UPDATE only stands in for a conflict of INSERT … ON CONFLICT DO UPDATE. */
      readonly isUpsert: boolean
      readonly via: Via
    }
  | {
      readonly kind: 'setting'
      /** `search_path`, `role`, `session_replication_role`, `row_security`, … */
      readonly name: string
      readonly value: string | null
      /** What it is set for: this session, this transaction, or from now on for a role, database, or function. */
      readonly scope: 'session' | 'transaction' | 'role' | 'database' | 'function' | 'system'
      readonly subject: ObjectName | null
    }

/** A lock on a relation that existed before the release, when the migrating session got it. */
export interface TracedLock {
  readonly object: ObjectName
  /** As pg_locks names it: `AccessExclusiveLock`. */
  readonly mode: string
  /** `documented`: the statement cannot run in a transaction, so that nobody can look; the manual says which it takes. */
  readonly source: 'observed' | 'documented'
}

/** One statement of a migration, as the traced run sent it. */
export interface TracedStatement {
  readonly file: string
  readonly version: string
  /** From 1, in its file. */
  readonly index: number
  /** Where it begins and ends in its file, lines from 1. */
  readonly line: number
  readonly column: number
  readonly endLine: number
  /** Cut to 400 characters. */
  readonly text: string
  /** Statements with the same number commit together; null where it ran outside of any transaction. */
  readonly transaction: number | null
  readonly events: readonly TraceEvent[]
  /** Locks that it took or made stronger. They are held until its transaction ends. */
  readonly locks: readonly TracedLock[]
  /** Texts of statements that ran inside of it (pg_stat_statements, constants replaced), each cut to 4,000 characters, long ones without comments. */
  readonly nested: readonly string[]
  /**
   * Writes to relations that the release made and hung something on: a trigger, or rows of before that go the way of its
   * own. No row has to be hit. Left out where there are none.
   */
  readonly ownWrites?: readonly OwnWrite[] | undefined
}

/** A write to a relation of the release; where that had several names by then, one for each. */
export interface OwnWrite {
  readonly operation: 'insert' | 'update' | 'delete' | 'truncate'
  readonly object: ObjectName
}

/** What the traced run of one unit says. */
export interface Traced {
  readonly statements: readonly TracedStatement[]
  readonly applied: number
  readonly failure: Failure | null
}

/** A value that changed, as text; long ones are cut to 80 characters. */
export interface RowExample {
  /** The row's key: `id=1003`. */
  readonly key: string
  readonly before: string | null
  readonly after: string | null
}

/** What became of the rows that a table held before the release; large objects count as the rows of `large objects`. */
export interface RowChange {
  /** Named as before the release. */
  readonly object: ObjectName
  readonly rowsBefore: number
  /** Rows that are no longer there. */
  readonly lost: number
  readonly lostExample: string | null
  /** Columns that existed before and whose values are others now; a NULL that was filled is only counted. */
  readonly columns: readonly {
    readonly column: string
    /** Values that were overwritten: something stood there, and it is not what stands there now. */
    readonly overwritten: number
    readonly example: RowExample | null
    /** NULLs that hold a value now: a backfill. */
    readonly filled: number
    /** Whether the column's type was changed: what was overwritten was then rounded, cut or converted. */
    readonly isRetyped: boolean
    /** The column is gone, with this many values that were not NULL. */
    readonly isDropped: boolean
  }[]
}

/** A table of which more is held than is compared row for row. */
export interface PartlySeen {
  /** Named as before the release. */
  readonly object: ObjectName
  /** How much of it is compared. */
  readonly extent: string
  /** Columns that as a whole do not hold what they held; null where nobody could look. */
  readonly differing: readonly string[] | null
}

/** Where a sequence stands, as text: a bigint is more than a number holds. */
export interface SequencePosition {
  readonly last: string
  /** False where `last` itself is the next number. */
  readonly isCalled: boolean
}

/** A sequence that existed before the release and stands elsewhere now. */
export interface SequenceMove {
  /** Named as before the release. */
  readonly object: ObjectName
  readonly before: SequencePosition
  readonly after: SequencePosition
  /** What it counts by, and where it ends in that direction, after the release. */
  readonly increment: string
  readonly end: string
  readonly isCycling: boolean
  /** Columns that take their numbers from it, by owning it, as an identity, or by a default. */
  readonly columns: readonly {
    readonly column: ObjectName
    /** What stands farthest in the direction in which it counts; null where there is none, or no number. */
    readonly farthest: string | null
  }[]
}

/** A role that could connect before the release and cannot after it, in the server's words. */
export interface ConnectionRefusal {
  readonly role: string
  readonly error: ServerError
}

/** What became of one thing that the running version does to a row. */
export interface ProbeResult {
  /** The server's answer, where it was none of success. */
  readonly error: {
    readonly sqlstate: string | null
    readonly message: string
    readonly table: string | null
    readonly constraint: string | null
  } | null
  /** Rows that were touched or read. */
  readonly rows: number
  /** Whether the row was there after it (of a deleted one, that it was not). */
  readonly isKept: boolean
  /** Columns that hold something else than what was written; values are cut to 80 characters. */
  readonly altered: readonly { readonly column: string; readonly wrote: string | null; readonly holds: string | null }[]
}

/** Something that was done to a row before and after the release, and that came out otherwise. */
export interface Probe {
  readonly object: ObjectName
  readonly role: string
  readonly operation: 'select' | 'insert' | 'update' | 'delete'
  /** What was written, such as `the same values` or `score: -1`. */
  readonly what?: string | undefined
  /** Whether nothing that was written before goes through any more. */
  readonly isEverything?: boolean | undefined
  readonly before: ProbeResult
  readonly after: ProbeResult
}

/** How the tables were given rows. */
export interface Seeding {
  readonly source: 'synthetic' | 'file'
  readonly seed: number
  /** Tables with rows before the release; `synthetic` of them were made up, the rest came with the migrations. */
  readonly tables: readonly { readonly object: ObjectName; readonly rows: number; readonly synthetic: number }[]
  /** Tables that could not be given rows, and why; what depends on their rows is unproven. */
  readonly unseeded: readonly { readonly object: ObjectName; readonly reason: string }[]
}

/** A pending migration failed on rows that were made up and not without them; only production's rows can settle it. */
export interface SyntheticConflict {
  readonly failure: Failure
  /** What was done about it so that the run could go on, in one sentence. */
  readonly resolution: string
}

/** What one migration did; with one transaction around all that is pending, all of them together. */
export interface EffectStep {
  /** Files of the unit, in order. */
  readonly files: readonly string[]
  readonly statements: readonly TracedStatement[]
  /** Of the traced run, against the catalogue before the unit. */
  readonly difference: CatalogueDifference
  /** Against the rows before the release. */
  readonly rows: readonly RowChange[]
}

/** What the pending migrations did to a database in production's shape. */
export interface Effects {
  readonly server: ServerIdentity
  readonly seeding: Seeding
  /** The catalogue before the release. */
  readonly before: readonly CatalogueEntry[]
  /** Net, of the faithful run: what the release leaves. */
  readonly difference: CatalogueDifference
  readonly rows: readonly RowChange[]
  /** Tables that were too large to be compared row for row, those in which nothing changed included. */
  readonly partly?: readonly PartlySeen[] | undefined
  readonly sequences: readonly SequenceMove[]
  /** Where there is one, nobody could look at the rows after the release. */
  readonly refusals: readonly ConnectionRefusal[]
  /** What the migrating role could do to a row before the release and cannot do after it. */
  readonly probes?: readonly Probe[] | undefined
  /** Tables that the release may have touched and to which nothing was done; nothing is said of them. */
  readonly unprobed?: readonly { readonly object: ObjectName; readonly reason: string }[] | undefined
  readonly steps: readonly EffectStep[]
  /** Null if the traced run saw everything; else why the trace is unproven. */
  readonly traceUnproven: string | null
  /** What the two runs left differently, one line each: their instruments interfered, or the migration is not deterministic. */
  readonly interference: readonly string[]
  readonly conflicts: readonly SyntheticConflict[]
  /** The first pending migration that did not apply; what comes after it was not seen. */
  readonly failure: Failure | null
}
