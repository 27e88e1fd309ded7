import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Client } from 'pg'
import { quotedName } from '../sql/identifier.ts'

/** What we have made, or are about to make, on a server that is not ours. */
export interface Leftovers {
  /** Told before the statement is sent: a name too many does no harm, a name too few stays behind. */
  readonly expect: (what: 'database' | 'role', name: string) => void
  /** Takes everything away over a connection that is still there, and ends the cleaner. */
  readonly cleanUp: (admin: Client) => Promise<void>
}

export interface Leftover {
  readonly what: 'database' | 'role'
  readonly name: string
}

/** What tells our own on a server that is not ours: the beginning of our roles' names, and who was there before us. */
export interface Territory {
  readonly prefix: string
  readonly knownRoles: readonly string[]
}

/**
 * From PostgreSQL 16 on, who makes a role is its admin. So everything that has one of our roles as admin, or a role that
 * was made so, is the migrations' own; before 16 no role of ours may make any.
 */
const MADE_SQL = `
  WITH RECURSIVE own AS (
    SELECT r.oid FROM pg_catalog.pg_roles r WHERE pg_catalog.starts_with(r.rolname, $1)
    UNION
    SELECT m.roleid FROM own JOIN pg_catalog.pg_auth_members m ON m.member = own.oid AND m.admin_option
      JOIN pg_catalog.pg_roles r ON r.oid = m.roleid
     WHERE r.oid >= 16384 AND NOT pg_catalog.starts_with(r.rolname, 'pg_') AND r.rolname <> ALL ($2::text[])
  )
  SELECT 'role' AS what, r.rolname AS name FROM own JOIN pg_catalog.pg_roles r ON r.oid = own.oid
   WHERE NOT pg_catalog.starts_with(r.rolname, $1)
  UNION ALL
  SELECT 'database', d.datname FROM own JOIN pg_catalog.pg_database d ON d.datdba = own.oid
   WHERE NOT pg_catalog.starts_with(d.datname, $1)`

/** Databases and roles that migrations made on the server itself, and that no database of ours takes along when it goes. */
export async function findMade(admin: Client, { prefix, knownRoles }: Territory): Promise<Leftover[]> {
  const { rows } = await admin.query<Leftover>(MADE_SQL, [prefix, [...knownRoles]])
  return rows
}

/** The statements that take leftovers away: databases first, since roles own things in them. */
export function dropStatements(leftovers: readonly Leftover[]): string[] {
  const databases = leftovers.filter((one) => one.what === 'database')
  const roles = leftovers.filter((one) => one.what === 'role')
  return [
    ...databases.map((one) => `DROP DATABASE IF EXISTS ${quotedName(one.name)} WITH (FORCE)`),
    ...roles.map((one) => `DROP ROLE IF EXISTS ${quotedName(one.name)}`),
  ]
}

/**
 * Carries the statements out; one that fails does not keep the next one from being tried. A role that another one still
 * hangs on goes the second time.
 */
export async function dropAll(admin: Client, leftovers: readonly Leftover[]): Promise<void> {
  const statements = dropStatements(leftovers)
  for (const statement of [...statements, ...statements]) await admin.query(statement).catch(() => undefined)
}

/** What migrations made goes first: its makers are needed to find it. */
export async function dropEverything(
  admin: Client,
  leftovers: readonly Leftover[],
  territory: Territory,
): Promise<void> {
  const made = await findMade(admin, territory).catch(() => [])
  await dropAll(admin, [...made, ...leftovers])
}

/**
 * Starts the cleaner: a process in a session of its own that learns the URL and every name through its standard input
 * (never through its arguments, which anyone can read) and cleans up when that ends before it was told not to.
 */
export function startCleaner(serverUrl: string, territory: Territory): Leftovers {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const script = fileURLToPath(new URL(`./given-cleaner-main.${extension}`, import.meta.url))
  const child = spawn(process.execPath, [script], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
  child.unref()
  child.stdin.on('error', () => undefined)
  const tell = (message: object): void => {
    child.stdin.write(`${JSON.stringify(message)}\n`)
  }
  tell({ serverUrl, ...territory })
  const leftovers: Leftover[] = []
  return {
    expect: (what, name) => {
      leftovers.push({ what, name })
      tell({ what, name })
    },
    cleanUp: async (admin) => {
      await dropEverything(admin, leftovers, territory)
      tell({ isDone: true })
      child.stdin.end()
    },
  }
}
