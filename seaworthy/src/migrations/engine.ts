import type {
  ConnectionRefusal,
  ObjectName,
  PartlySeen,
  Probe,
  ProbeResult,
  RowChange,
  Seeding,
  SequenceMove,
  Traced,
} from './effects.ts'
import type { Migration, MigrationTree } from './model.ts'
import type { Shape } from './shape.ts'
import type { QueryPlanner } from './queries.ts'
import type { Repeating } from './repeating.ts'

/** How the rehearsal connects: who owns what was there before, and who migrates. */
export interface RolesSettings {
  readonly mode: 'single' | 'split'
  /** False when neither a flag nor the configuration chose the mode: ownership is then assumed, and the output says so. */
  readonly isConfigured: boolean
  /** Name of the role that migrates; by default `deploy`. */
  readonly deployRole: string
  /** Name of the role that owns the baseline in split mode; by default `owner`. */
  readonly ownerRole: string
  /** Attributes that the deploy role has in production beside LOGIN. */
  readonly attributes: readonly ('createrole' | 'createdb' | 'bypassrls' | 'replication')[]
  /** Roles that the deploy role is a member of. */
  readonly memberOf: readonly string[]
  /** Relations (`schema.name`) that the deploy role does own although the baseline made them as the owner. */
  readonly owns: readonly string[]
}

/** Something that production has and a bare server has not, which the rehearsal provided by itself. */
export interface Provided {
  readonly what: 'role' | 'schema' | 'extension' | 'ownership' | 'database' | 'ledger' | 'triggers'
  readonly name: string
  /** Why, in one sentence. */
  readonly why: string
  /** Whether it was needed by a pending migration, by the baseline, or stood ready before both. */
  readonly neededBy: 'baseline' | 'pending' | 'setup'
  /** True where a deploy role would not have been able to do it in production: what depends on it is unproven. */
  readonly isUnproven: boolean
}

/** Why a statement failed, as the server told it. */
export interface ServerError {
  /** SQLSTATE, five characters; null where no server answered (a lost connection, a time limit of ours). */
  readonly sqlstate: string | null
  readonly message: string
  readonly detail: string | null
  readonly hint: string | null
  /** Character offset, from 0, into the text that was sent; null if the server named none. */
  readonly offset: number | null
  readonly schema: string | null
  readonly table: string | null
  readonly column: string | null
  readonly constraint: string | null
}

/** An error of which nothing is known but its code and its message. */
export const plainError = (sqlstate: string | null, message: string): ServerError => ({
  sqlstate,
  message,
  detail: null,
  hint: null,
  offset: null,
  schema: null,
  table: null,
  column: null,
  constraint: null,
})

/** The statement at fault, found by the second, instrumented run. */
export interface LocatedStatement {
  /** From 1. */
  readonly index: number
  readonly line: number
  readonly column: number
  /** Its text, cut to 400 characters. */
  readonly text: string
}

export interface Failure {
  /** The up (or down) file. */
  readonly file: string
  readonly version: string
  readonly error: ServerError
  readonly statement: LocatedStatement | null
  /** What the failing SQL is about, with its owner, when the error is `42501`. */
  readonly owner: { readonly object: string; readonly owner: string; readonly migratingRole: string } | null
  /** Whether a part of the file was already committed when it failed. */
  readonly leavesHalf: boolean
  /** An extension that the scratch server does not have at all; the failure says nothing about the migration. */
  readonly missingExtension: string | null
  /** Set when a limit of ours ended it (time, or a lost server): nothing is said about the migration. */
  readonly isInfrastructure: boolean
}

export type ApplyOutcome = { readonly applied: true } | { readonly applied: false; readonly failure: Failure }

/** The server that was used, such that another one is noticed. */
export interface ServerIdentity {
  readonly engine: 'postgres'
  /** `18.4`. */
  readonly version: string
  readonly major: number
  readonly origin: 'embedded' | 'installed' | 'given'
  /** Where the binaries or the server are; no credential. */
  readonly place: string
}

/** One object of the catalogue as lines of text: what it is called, and everything about it that a client can notice. */
export interface CatalogueEntry {
  /** `table public.users`, `column public.users.email`, `index public.users_email_idx`. */
  readonly object: string
  readonly definition: string
}

/** A database of its own on a server of its own, in the state after the baseline. */
export interface World extends AsyncDisposable {
  /**
   * Sends pending migrations exactly as the tool would, as the migrating role, and records them in the tool's ledger.
   * Stops at the first failure. `applied` counts those that are in when it returns: with one transaction around all of them, 0 after a failure.
   */
  readonly apply: (
    migrations: readonly Migration[],
  ) => Promise<{ readonly applied: number; readonly failure: Failure | null }>
  /** The same for one down file. */
  readonly revert: (migration: Migration) => Promise<ApplyOutcome>
  /** Everything in the database but what the server and the tool's ledger own. */
  readonly catalogue: () => Promise<readonly CatalogueEntry[]>
  /** Left out by an engine that cannot plan without running. */
  readonly queries?: QueryPlanner
  /** Left out by an engine that cannot be stopped half-way. */
  readonly repeating?: Repeating
}

/** What became of what the tables held. */
export interface RowsSeen {
  /** Tables of which nothing changed are left out. */
  readonly changes: readonly RowChange[]
  /** Sequences that stand elsewhere than before. */
  readonly moves: readonly SequenceMove[]
  /** A digest of what became of each table's rows, for comparison with another world in the same state before. */
  readonly digests: readonly { readonly object: ObjectName; readonly digest: string }[]
  readonly partly: readonly PartlySeen[]
}

/** Remembers what the tables hold, to tell later what became of it. */
export interface RowWatch {
  readonly look: () => Promise<RowsSeen>
  /** What became of the rows of some tables, by their names of before. */
  readonly changesIn: (objects: ReadonlySet<ObjectName>) => Promise<readonly RowChange[]>
}

/** One thing that was done to a row and taken back; `what` tells those of one operation apart. */
export interface ProbeStep {
  readonly operation: Probe['operation']
  readonly what: string
  readonly result: ProbeResult
}

export interface ProbeOutcome extends ProbeStep {
  readonly object: ObjectName
  readonly role: string
}

/** `unprobed`: for which there was no time, no row that is still there, or no answer, and which of it. */
export interface Probed {
  readonly outcomes: readonly ProbeOutcome[]
  readonly unprobed: readonly { readonly object: ObjectName; readonly reason: string }[]
}

/** What a function or procedure runs; of some languages not a text that tells what it does. */
export interface RoutineBody {
  /** Without schema and arguments, unquoted. */
  readonly name: string
  readonly language: string
  readonly text: string
}

/** A world whose tables have rows. */
export interface SeededWorld extends World {
  /**
   * Texts of the statements that ran inside of others since this was last asked, constants as `$1` where the server parsed
   * them just then. Null where the server keeps none.
   * @throws SeaworthyError('limit') if there are more than the server can be trusted to have kept.
   */
  readonly nestedTexts: () => Promise<readonly string[] | null>
  /** The catalogue that the world began with. */
  readonly catalogueBefore: () => Promise<readonly CatalogueEntry[]>
  readonly watchRows: () => Promise<RowWatch>
  /** Which of the roles of the rehearsal the server does not let in now. */
  readonly refusals: () => Promise<readonly ConnectionRefusal[]>
  /**
   * Reads and writes again, as the migrating role, what tables held when their rows were first watched. They go by their
   * names of then, in that order. Nothing of it stays but numbers that sequences gave out.
   */
  readonly probe: (tables: readonly ObjectName[]) => Promise<Probed>
  /** Texts of the functions and procedures that are there now. */
  readonly routineBodies: () => Promise<readonly RoutineBody[]>
}

/** A world whose server records what happens. */
export interface TracedWorld extends SeededWorld {
  /**
   * The catalogue after a unit that others follow, read again only where the server or the trace says that something
   * changed. `before` is the one before the unit, `told` what its trace speaks of.
   */
  readonly catalogueBetween: (
    before: readonly CatalogueEntry[],
    told: ReadonlySet<ObjectName>,
  ) => Promise<readonly CatalogueEntry[]>
  /** As `apply`, statement by statement, with the same transactions around them. Several migrations are one unit. */
  readonly applyTraced: (migrations: readonly Migration[]) => Promise<Traced>
}

export interface SeedOptions {
  /** The user's own rows in place of synthetic ones: a script that is sent as the owning role. */
  readonly script: { readonly file: string; readonly text: string } | null
  readonly seed: number
}

/** The state after the baseline, with rows in every table that can have some. */
export interface Seeded {
  readonly seeding: Seeding
  /** `isWatched`: with a server that keeps the texts of nested statements, where it can. */
  readonly fork: (options?: { readonly isWatched: boolean }) => Promise<SeededWorld>
  /** Null where this server does not allow to instrument it; the second member says why. */
  readonly forkTraced: () => Promise<{ readonly world: TracedWorld } | { readonly refused: string }>
  /**
   * The same without the made-up rows on which a migration failed (`before` are the pending ones that were in by then);
   * null if that failure has nothing to do with them. What it did is told by `resolution`.
   */
  readonly without: (
    failure: Failure,
    before: readonly Migration[],
    failed: Migration,
  ) => Promise<{ readonly seeded: Seeded; readonly resolution: string } | null>
}

/** A GRANT or REVOKE of a pending migration that the server took with a warning and that did nothing. */
export interface WithoutEffect {
  readonly file: string
  readonly version: string
  readonly line: number
  readonly column: number
  readonly sqlstate: string
  readonly message: string
  /** What it was about, as the server names it; null where it does not. */
  readonly object: string | null
}

export interface BaselineOutcome {
  readonly applied: number
  /** The first baseline migration that did not apply. There is then no world to fork. */
  readonly failure: Failure | null
  /** Whether it came from the cache. */
  readonly isCached: boolean
  /** In split mode: relations that belong to someone else than the deploy role. Zero proves nothing. */
  readonly foreignOwned: number
}

/** A server with the baseline applied, from which independent worlds are forked. */
export interface Rehearsing extends AsyncDisposable {
  readonly server: ServerIdentity
  /** The roles as they really are, by their real names. */
  readonly migratingRole: string
  readonly owningRole: string
  readonly baseline: BaselineOutcome
  readonly fork: () => Promise<World>
  /** Gives the tables rows. @throws SeaworthyError('config') if the user's own script does not apply. */
  readonly seed: (options: SeedOptions) => Promise<Seeded>
  /** What was provided so far: by the set-up, the baseline, and the worlds. */
  readonly provided: () => readonly Provided[]
  /** With split roles: what the worlds took without doing it. */
  readonly withoutEffect?: () => readonly WithoutEffect[]
  /** What this server would not let us do, in one sentence each; what depends on it is unproven. */
  readonly limits: readonly string[]
}

export interface RehearsalRequest {
  readonly tree: MigrationTree
  /** The tree's migrations that are live in production, in order. */
  readonly baseline: readonly Migration[]
  readonly pending: readonly Migration[]
  readonly roles: RolesSettings
  /** Production's shape, whose roles, owners and grants there are after the baseline. `roles` then come from it. */
  readonly shape?: Shape | null
  /** Server major, or null for the engine's default. */
  readonly major: number | null
  /** A server that the user gives, as a URL without any use of it in messages; null for a scratch server of our own. */
  readonly serverUrl: string | null
  readonly useCache: boolean
  readonly lockTimeoutMs: number
  readonly statementTimeoutMs: number
  readonly signal: AbortSignal
  /** Called with a short line whenever a step begins ("applying 0042 of 500"). */
  readonly progress: (line: string) => void
}

/** A database engine that can rehearse. PostgreSQL is the first; SQLite and MySQL follow behind the same interface. */
export interface Engine {
  readonly name: 'postgres'
  readonly open: (request: RehearsalRequest) => Promise<Rehearsing>
}
