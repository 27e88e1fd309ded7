import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Client } from 'pg'
import { quoteIdentifier } from './quote.ts'

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

/** The statements that take leftovers away: databases first, since roles own things in them. */
export function dropStatements(leftovers: readonly Leftover[]): string[] {
  const databases = leftovers.filter((one) => one.what === 'database')
  const roles = leftovers.filter((one) => one.what === 'role')
  return [
    ...databases.map((one) => `DROP DATABASE IF EXISTS ${quoteIdentifier(one.name)} WITH (FORCE)`),
    ...roles.map((one) => `DROP ROLE IF EXISTS ${quoteIdentifier(one.name)}`),
  ]
}

/** Carries the statements out; one that fails does not keep the next one from being tried. */
export async function dropAll(admin: Client, leftovers: readonly Leftover[]): Promise<void> {
  for (const statement of dropStatements(leftovers)) await admin.query(statement).catch(() => undefined)
}

/**
 * Starts the cleaner: a process in a session of its own that learns the URL and every name through its standard input
 * (never through its arguments, which anyone can read) and cleans up when that ends before it was told not to.
 */
export function startCleaner(serverUrl: string): Leftovers {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const script = fileURLToPath(new URL(`./given-cleaner-main.${extension}`, import.meta.url))
  const child = spawn(process.execPath, [script], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
  child.unref()
  child.stdin.on('error', () => undefined)
  const tell = (message: object): void => {
    child.stdin.write(`${JSON.stringify(message)}\n`)
  }
  tell({ serverUrl })
  const leftovers: Leftover[] = []
  return {
    expect: (what, name) => {
      leftovers.push({ what, name })
      tell({ what, name })
    },
    cleanUp: async (admin) => {
      await dropAll(admin, leftovers)
      tell({ isDone: true })
      child.stdin.end()
    },
  }
}
