/** The tools whose folders are understood. */
export type FormatName = 'golang-migrate' | 'numbered' | 'sqlx' | 'diesel' | 'prisma' | 'drizzle'

/**
 * How the tool hands a file to the server. docs/reference/formats.md names the source of each.
 * - `batch`: the whole text in one simple-query message, nothing around it (one implicit transaction).
 * - `transaction`: BEGIN, the whole text in one message, the ledger row, COMMIT.
 * - `statements`: one message a statement, no transaction around them.
 * - `pieces`: one message a piece (drizzle's `--> statement-breakpoint`); whether a transaction is around
 *   them is the tree's `transaction`.
 */
export type SendMode = 'batch' | 'transaction' | 'statements' | 'pieces'

/** A part of a file that is sent as one message. */
export interface Piece {
  readonly text: string
  /** Line of the file on which the piece begins, from 1. */
  readonly line: number
}

/** One direction of one migration. */
export interface Script {
  /** Relative to the repository root (outside git: to the working folder), with forward slashes. */
  readonly file: string
  /** The file's text; a byte-order mark is kept if the tool sends it. */
  readonly text: string
  readonly send: SendMode
  /** Set when `send` is `pieces`. */
  readonly pieces: readonly Piece[] | null
}

export interface Migration {
  /** As the tool writes it, such as `0042` or `20260101120000`. */
  readonly version: string
  readonly name: string
  /** What the tool's ledger holds for it: the version as the tool stores it (`42`), for drizzle the journal's `when`. */
  readonly ledgerKey: string
  readonly up: Script
  readonly down: Script | null
  /** As the tool computes it, in the tool's own encoding; null where the tool keeps none. */
  readonly checksum: string | null
  /** The same over the text with the other line endings (LF for CRLF, CRLF for LF), to tell line-ending drift from an edit. */
  readonly checksumOtherEndings: string | null
}

/** What is wrong with the folder itself. Each becomes a finding; nothing is skipped in silence. */
export type TreeProblemKind =
  | 'misnamed-file'
  | 'orphan-down'
  | 'orphan-journal-entry'
  | 'missing-from-journal'
  | 'journal-order'
  | 'other-language'
  | 'invalid-utf8'
  | 'unreadable'
  | 'too-large'
  | 'symlink-loop'
  | 'bad-metadata'

export interface TreeProblem {
  readonly kind: TreeProblemKind
  readonly file: string
  /** Further files of which the same is to be said, where there are many. */
  readonly others?: readonly string[] | undefined
  /** What the tool does with it, in one sentence. */
  readonly message: string
  readonly hint: string | null
  /** Whether the file's content cannot be rehearsed (another language, unreadable): what it would do is unproven. */
  readonly isOpaque: boolean
}

/** A migration folder, read. */
export interface MigrationTree {
  readonly format: FormatName
  /** How the format was found, such as "up.sql files beside Cargo.toml"; `--format` when it was forced. */
  readonly detectedBy: string
  /** Relative to the repository root, forward slashes; `.` for the root itself. */
  readonly folder: string
  /** `per-file`: each migration commits for itself. `all-pending`: one transaction around all that is pending (drizzle). */
  readonly transaction: 'per-file' | 'all-pending'
  /** In the order in which the tool applies them. */
  readonly migrations: readonly Migration[]
  readonly problems: readonly TreeProblem[]
  /** The text of drizzle's meta/_journal.json, which `reserve` adds an entry to; other formats have none. */
  readonly journal?: string | undefined
}

/** A row of the tool's ledger in production, read into one form. */
export interface LedgerRow {
  /** Compared with `Migration.ledgerKey`. */
  readonly key: string
  readonly name: string | null
  readonly checksum: string | null
  /** ISO 8601 where it is known. */
  readonly appliedAt: string | null
  /** Begun and not finished, or marked dirty. */
  readonly isDirty: boolean
}

/** What the ledger says is applied. */
export interface Ledger {
  /** `rows`: one row a migration. `high-water`: one row with the newest version (golang-migrate): all up to it are applied. */
  readonly style: 'rows' | 'high-water'
  readonly rows: readonly LedgerRow[]
}

/** The tool's ledger table as it stands in a database. */
export interface LedgerTable {
  /** Schema-qualified, unquoted: `public.schema_migrations`. */
  readonly name: string
  readonly style: Ledger['style']
  /** The column that says which migration a row is of: a table without it is no such ledger, also where it has no rows. */
  readonly keyColumn: string
  /** Statements that make the table exist, as the tool makes it. */
  readonly createSql: readonly string[]
  /** The statement by which the tool records that a migration was applied; null for a table that the tool rewrites. */
  readonly recordSql: (
    migration: Migration,
  ) => readonly { readonly text: string; readonly values: readonly unknown[] }[]
  /** And by which it records that one was taken back. */
  readonly forgetSql: (
    migration: Migration,
  ) => readonly { readonly text: string; readonly values: readonly unknown[] }[]
  /** Reads the table, and only reads. The rows go through `parseRow`. */
  readonly readSql: string
  /** One row as a driver or a CSV or JSON export gives it; throws a SeaworthyError('unreadable') if it is no such row. */
  readonly parseRow: (row: Readonly<Record<string, unknown>>) => LedgerRow | null
}

/** The files that `reserve` writes. Paths are relative to the migration folder. */
export interface NewFiles {
  readonly version: string
  readonly files: readonly { readonly path: string; readonly text: string }[]
}

/** One tool's folder format. Registered in migrations/formats.ts. */
export interface Format {
  readonly name: FormatName
  readonly title: string
  /** Null for plain numbered folders, whose runner is the user's own. */
  readonly ledger: LedgerTable | null
  /** A reason such as "0001_x.up.sql" if the folder is of this format; null otherwise. Looks, reads no SQL. */
  readonly detect: (listing: FolderListing) => string | null
  readonly read: (listing: FolderListing, files: FileReader) => Promise<ReadFolder>
  /** Negative if `a` is applied before `b`. */
  readonly compareVersions: (a: string, b: string) => number
  /** The next free slot. `taken` holds every version known anywhere (tree, ledger, branches); `now` is for time-stamped tools. */
  readonly nextSlot: (tree: MigrationTree, taken: readonly string[], name: string, now: Date) => NewFiles
}

export type ReadFolder = Pick<MigrationTree, 'transaction' | 'migrations' | 'problems' | 'journal'>

/** What lies in a folder and beside it, without file contents. */
export interface FolderListing {
  /** Relative to the repository root. */
  readonly folder: string
  /** Every file below the folder, relative to it, forward slashes, sorted; symbolic links followed, loops cut. */
  readonly files: readonly string[]
  /** Names of the files in the folder's ancestors up to the repository root, such as `Cargo.toml`. */
  readonly above: ReadonlySet<string>
  /** Where the files lie that a symbolic link leads to, relative to the repository root, by their names in `files`. */
  readonly links: ReadonlyMap<string, string>
  /** Problems met while listing (a loop, an unreadable folder). */
  readonly problems: readonly TreeProblem[]
}

/** Reads files of one folder under limits. */
export interface FileReader {
  /** The text of a file (relative to the folder), or a problem: too large, not UTF-8, unreadable. */
  readonly text: (path: string) => Promise<{ readonly text: string } | { readonly problem: TreeProblem }>
  /** The path as it stands in findings: relative to the repository root. */
  readonly place: (path: string) => string
}
