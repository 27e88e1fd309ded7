import type { Client } from 'pg'
import type { ServerIdentity } from '../migrations/engine.ts'

/** A database in which a rehearsal takes place, on a server that is ours for as long as it lasts. */
export interface Place extends AsyncDisposable {
  readonly database: string
  /** A connection with the widest rights there are, to this database. */
  readonly admin: Client
  /** A new connection of that role, which logs in for itself. */
  readonly connectAs: (role: string) => Promise<Client>
  /** Whether other databases and roles than ours live on this server: nothing of theirs may be touched. */
  readonly isShared: boolean
  /** Told before a role is made, so that it can be taken away again from a server that is not ours. */
  readonly expectRole: (role: string) => void
  /** Whether the role is one of ours; membership in any other is not ours to give. */
  readonly isOwnRole: (role: string) => boolean
  /** As `expectRole`, for a database. */
  readonly expectDatabase: (database: string) => void
  /**
   * A connection to another database, from which pg_stat_statements is read; the caller ends it. Null where the server
   * does not keep it: in a place that was not thawed to be traced, and on a server of others.
   */
  readonly watchStatements: () => Promise<Client | null>
  /** Ends the sessions and keeps the state under that key. The place is used up by it. */
  readonly freeze: <Note extends object>(key: string, note: Note) => Promise<Frozen<Note>>
}

/** A state that can be copied any number of times. */
export interface Frozen<Note> {
  readonly note: Note
  /** `isTraced`: with a server that is set up to be watched. */
  readonly thaw: (options?: { readonly isTraced: boolean }) => Promise<Place>
}

/** Where places come from: scratch servers of our own, or a server that the user gave. */
export interface Host extends AsyncDisposable {
  readonly server: ServerIdentity
  /** What this server would not let us do, in one sentence each. */
  readonly limits: readonly string[]
  /** The name under which a role of the configuration exists on this server. */
  readonly roleName: (name: string) => string
  /** Whether we may make roles; if not, `roleName` is always the login that was given. */
  readonly hasOwnRoles: boolean
  /** What follows LOGIN when a role is made that will log in: its password, where the server asks for one. */
  readonly loginSql: string
  readonly fresh: () => Promise<Place>
  /** A state that was frozen under that key by an earlier run; null if there is none, or if it cannot be trusted. */
  readonly find: <Note extends object>(
    key: string,
    parse: (note: unknown) => Note | null,
  ) => Promise<Frozen<Note> | null>
}
