import type { CatalogueEntry } from './engine.ts'
import type { LedgerRow } from './model.ts'

/** A role of production. Never a password, nor whether it has one. */
export interface ShapeRole {
  readonly name: string
  /** Of `superuser`, `createrole`, `createdb`, `replication`, `bypassrls`, `login`, `noinherit`. Sorted. */
  readonly attributes: readonly string[]
  readonly memberOf: readonly {
    readonly role: string
    readonly isAdmin: boolean
    readonly inherits: boolean
    readonly canSet: boolean
  }[]
  /** `search_path=app, public`, as ALTER ROLE … SET left them; `IN DATABASE` ones of this database included. */
  readonly settings: readonly string[]
}

/** A query that production serves, normalised: constants are `$1`, comments are gone. */
export interface ShapeQuery {
  readonly text: string
  readonly role: string | null
  /** The search path under which it runs, by the settings of its role and database; null for the server's default. */
  readonly searchPath: string | null
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
  readonly database: {
    readonly name: string
    readonly owner: string
    readonly encoding: string
    readonly collation: string
    /** As ALTER DATABASE … SET left them. */
    readonly settings: readonly string[]
  }
  readonly extensions: readonly { readonly name: string; readonly version: string; readonly schema: string }[]
  /** Named as in a rehearsal: `table public.users`. */
  readonly catalogue: readonly CatalogueEntry[]
  readonly roles: readonly ShapeRole[]
  /** What the tool's ledger holds; null where no ledger was found. */
  readonly ledger: { readonly table: string; readonly rows: readonly LedgerRow[] } | null
  /** Estimated rows (null: never analysed) and bytes with indexes and TOAST. */
  readonly tables: readonly { readonly object: string; readonly rows: number | null; readonly bytes: number }[]
  readonly indexes: readonly {
    readonly object: string
    readonly table: string
    readonly scans: number
    readonly bytes: number
  }[]
  /** Empty with a reason where pg_stat_statements could not be read. */
  readonly queries: readonly ShapeQuery[]
  readonly queriesUnavailable: string | null
}
