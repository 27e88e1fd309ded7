import type { Client } from 'pg'
import type { ServerIdentity } from '../migrations/engine.ts'

/** A database in which a rehearsal takes place, on a server that is ours for as long as it lasts. */
export interface Place extends AsyncDisposable {
  readonly database: string
  /** A connection with the widest rights there are, to this database. */
  readonly admin: Client
  /** A new connection of that role, which logs in for itself. */
  readonly connectAs: (role: string) => Promise<Client>
}

/** A state that can be copied any number of times. */
export interface Frozen<Note> {
  readonly note: Note
  readonly thaw: () => Promise<Place>
}

/** Where places come from: scratch servers of our own, or a server that the user gave. */
export interface Host extends AsyncDisposable {
  readonly server: ServerIdentity
  /** What this server would not let us do, in one sentence each. */
  readonly limits: readonly string[]
  /** Whether `admin` is a superuser, so that missing things can be provided. */
  readonly isSuperuser: boolean
  /** The name under which a role of the configuration exists on this server. */
  readonly roleName: (name: string) => string
  /** Whether `connectAs` can take a role that we make; if not, every role is the given one. */
  readonly hasOwnRoles: boolean
  readonly fresh: () => Promise<Place>
  /** Freezes a place, which is used up by it. */
  readonly freeze: <Note extends object>(place: Place, key: string, note: Note) => Promise<Frozen<Note>>
  /** A state that was frozen under that key by an earlier run; null if there is none, or if it cannot be trusted. */
  readonly find: <Note extends object>(
    key: string,
    parse: (note: unknown) => Note | null,
  ) => Promise<Frozen<Note> | null>
}
