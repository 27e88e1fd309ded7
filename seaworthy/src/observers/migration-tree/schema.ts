import { z } from 'zod'
import type { MigrationTree } from '../../migrations/model.ts'

const piece = z.strictObject({ text: z.string(), line: z.int().positive() })

const script = z.strictObject({
  file: z.string().min(1),
  text: z.string(),
  send: z.enum(['batch', 'transaction', 'statements', 'pieces']),
  pieces: z.array(piece).nullable(),
})

const migration = z.strictObject({
  version: z.string(),
  name: z.string(),
  ledgerKey: z.string(),
  up: script,
  down: script.nullable(),
  checksum: z.string().nullable(),
  checksumOtherEndings: z.string().nullable(),
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
  others: z.array(z.string()).optional(),
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
  migrations: z.array(migration),
  problems: z.array(problem),
  journal: z.string().optional(),
}) satisfies z.ZodType<MigrationTree>
