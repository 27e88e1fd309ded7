import { z } from 'zod'
import { list } from '../list.ts'
import type { MigrationTree } from '../../migrations/model.ts'

// Keys in canonical order: what is read is digested again, and need not be sorted for that.
const piece = z.strictObject({ line: z.int().positive(), text: z.string() })

const script = z.strictObject({
  file: z.string().min(1),
  pieces: list(piece).nullable(),
  send: z.enum(['batch', 'transaction', 'statements', 'pieces']),
  text: z.string(),
})

const migration = z.strictObject({
  checksum: z.string().nullable(),
  checksumOtherEndings: z.string().nullable(),
  down: script.nullable(),
  ledgerKey: z.string(),
  name: z.string(),
  up: script,
  version: z.string(),
})

const problem = z.strictObject({
  kind: z.enum([
    'misnamed-file',
    'orphan-down',
    'orphan-journal-entry',
    'missing-from-journal',
    'journal-order',
    'other-language',
    'invalid-utf8',
    'unreadable',
    'too-large',
    'symlink-loop',
    'bad-metadata',
  ]),
  file: z.string(),
  others: list(z.string()).optional(),
  message: z.string(),
  hint: z.string().nullable(),
  isOpaque: z.boolean(),
})

/** The data of a `migration-tree` observation. */
export const migrationTreeSchema = z.strictObject({
  format: z.enum(['golang-migrate', 'numbered', 'sqlx', 'diesel', 'prisma', 'drizzle']),
  detectedBy: z.string(),
  folder: z.string().min(1),
  transaction: z.enum(['per-file', 'all-pending']),
  migrations: list(migration),
  problems: list(problem),
  journal: z.string().optional(),
}) satisfies z.ZodType<MigrationTree>
