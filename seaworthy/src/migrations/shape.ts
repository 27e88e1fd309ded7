import type { CatalogueEntry } from './engine.ts'
import type { Ledger, LedgerRow } from './model.ts'

export type ShapeAttribute =
  | 'superuser'
  | 'createrole'
  | 'createdb'
  | 'replication'
  | 'bypassrls'
  | 'login'
  | 'noinherit'

/** A role of production. Never a password, nor whether it has one. */
export interface ShapeRole {
  readonly name: string
  /** Sorted. */
  readonly attributes: readonly ShapeAttribute[]
  readonly memberOf: readonly {
    readonly role: string
    readonly isAdmin: boolean
    readonly inherits: boolean
    readonly canSet: boolean
  }[]
  /**
   * `search_path=app, public`, sorted, as ALTER ROLE … SET left them; what was set `IN DATABASE` for this database wins.
   * Values that may be secrets (`app.jwt_secret`) read `***`.
   */
  readonly settings: readonly string[]
}

/** A query that production serves, normalised: constants are `$1`, comments are gone. One statement that can be prepared. */
export interface ShapeQuery {
  readonly text: string
  readonly role: string | null
  /** The search path under which it runs, by the settings of its role and database; null for the server's own. */
  readonly searchPath: string | null
  /** Rounded to one digit: 300, 4000. */
  readonly calls: number
}

/** What the rehearsal needs to know of production, without its data. */
export interface Shape {
  readonly formatVersion: 1
  /** ISO 8601, UTC. */
  readonly capturedAt: string
  readonly server: {
    readonly version: string
    readonly major: number
    /** Settings that change what a migration does or means. Sorted by name. */
    readonly settings: readonly { readonly name: string; readonly value: string }[]
  }
  /**
   * A digest of the cluster's own identifier and the database's name, as production's answers carry it: a replica has the
   * same. Null where it could not be asked: `unread` says why.
   */
  readonly witness: string | null
  readonly database: {
    readonly name: string
    readonly owner: string
    readonly encoding: string
    readonly collation: string
    /** As ALTER DATABASE … SET left them. */
    readonly settings: readonly string[]
  }
  readonly extensions: readonly { readonly name: string; readonly version: string; readonly schema: string }[]
  /** Named as in a rehearsal: `table public.users`. Without roles, which stand below, and without the ledger. */
  readonly catalogue: readonly CatalogueEntry[]
  /** Those that own or may do something here, have settings, or are members of such; sorted by name. */
  readonly roles: readonly ShapeRole[]
  /** The tool's ledger; null where none was found. Its rows are null where they could not be read: `unread` says why. */
  readonly ledger: {
    readonly table: string
    readonly owner: string
    readonly style: Ledger['style']
    readonly rows: readonly LedgerRow[] | null
  } | null
  /** Estimated rows (null: never analysed) and bytes with indexes and TOAST, both rounded to two digits. */
  readonly tables: readonly { readonly object: string; readonly rows: number | null; readonly bytes: number }[]
  readonly indexes: readonly {
    readonly object: string
    readonly table: string
    readonly scans: number
    readonly bytes: number
  }[]
  /** Sorted by text. Empty with a reason where pg_stat_statements could not be read, or not all of it. */
  readonly queries: readonly ShapeQuery[]
  readonly queriesUnavailable: string | null
  /** Queries that were seen and are not listed, by why: utility statements, texts with a literal that could not be taken out. */
  readonly queriesLeftOut: readonly { readonly why: string; readonly count: number }[]
  /** What this login could not read, part by part. Empty: everything was read. */
  readonly unread: readonly { readonly part: string; readonly why: string }[]
}
