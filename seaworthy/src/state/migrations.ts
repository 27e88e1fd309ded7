import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { sha256 } from '../gate/canonical.ts'
import { SeaworthyError } from '../gate/error.ts'

/** One step of the store's schema, in SQL that SQLite and PostgreSQL read alike. */
export interface StateMigration {
  readonly name: string
  readonly sql: string
  readonly digest: string
}

/** What the store says it has. */
export interface AppliedMigration {
  readonly name: string
  readonly digest: string
}

const FOLDER = path.join(import.meta.dirname, 'migrations')

let known: readonly StateMigration[] | undefined

/** Every migration of the store, in order. They lie beside this file, in the package as well. */
export const stateMigrations = (): readonly StateMigration[] => (known ??= readMigrations())

const readMigrations = (): StateMigration[] =>
  readdirSync(FOLDER)
    .filter((file) => file.endsWith('.up.sql'))
    .toSorted()
    .map((file) => {
      const sql = readFileSync(path.join(FOLDER, file), 'utf8')
      return { name: file.slice(0, -'.up.sql'.length), sql, digest: `sha256:${sha256(sql)}` }
    })

/**
 * What a store lacks.
 * @throws SeaworthyError('state') if it has what this version does not know, or has it otherwise.
 */
export function pendingOf(known: readonly StateMigration[], applied: readonly AppliedMigration[]): StateMigration[] {
  for (const { name, digest } of applied) {
    const ours = known.find((one) => one.name === name)
    if (ours === undefined) {
      throw new SeaworthyError('state', `the ledger is of a newer version of Seaworthy: it has the migration ${name}`, {
        hint: 'Use that version, or a newer one. Nothing was changed.',
      })
    }
    if (ours.digest !== digest) {
      throw new SeaworthyError('state', `the ledger has another migration ${name} than this version of Seaworthy`, {
        hint: 'Look who wrote it; seaworthy ledger restore FILE brings back a backup. Nothing was changed.',
      })
    }
  }
  const names = new Set(applied.map(({ name }) => name))
  return known.filter(({ name }) => !names.has(name))
}
