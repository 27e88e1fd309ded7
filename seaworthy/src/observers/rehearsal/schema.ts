import { z } from 'zod'
import { list } from '../list.ts'
import type { Rehearsal } from './rehearsal.ts'

const text = z.string()
const maybe = z.string().nullable()

/** What a server said; shared with the observation of the effects. */
export const serverErrorSchema = z.strictObject({
  sqlstate: maybe,
  message: text,
  detail: maybe,
  hint: maybe,
  offset: z.int().nullable(),
  schema: maybe,
  table: maybe,
  column: maybe,
  constraint: maybe,
})

/** Why a script failed; shared with the observation of the downs. */
export const failureSchema = z.strictObject({
  file: text,
  version: text,
  error: serverErrorSchema,
  statement: z.strictObject({ index: z.int(), line: z.int(), column: z.int(), text }).nullable(),
  owner: z.strictObject({ object: text, owner: text, migratingRole: text }).nullable(),
  leavesHalf: z.boolean(),
  missingExtension: maybe,
  isInfrastructure: z.boolean(),
})

/** The server that was used; shared with the observation of the effects. */
export const serverSchema = z.strictObject({
  engine: z.literal('postgres'),
  version: text,
  major: z.int(),
  origin: z.enum(['embedded', 'installed', 'given']),
  place: text,
})

const phase = z.enum(['baseline', 'pending'])

const step = z.strictObject({
  file: text,
  version: text,
  sha256: text,
  phase,
  outcome: z.enum(['applied', 'failed', 'rolled-back', 'not-reached']),
})

const provided = z.strictObject({
  what: z.enum(['role', 'schema', 'extension', 'ownership', 'database', 'ledger', 'triggers']),
  name: text,
  why: text,
  neededBy: z.enum(['baseline', 'pending', 'setup']),
  isUnproven: z.boolean(),
})

const effect = z.strictObject({
  file: text,
  version: text,
  line: z.int(),
  column: z.int(),
  sqlstate: text,
  message: text,
  object: maybe,
})

/** What a stored rehearsal must look like. */
export const rehearsalSchema: z.ZodType<Rehearsal> = z.strictObject({
  server: serverSchema,
  roles: z.strictObject({
    mode: z.enum(['single', 'split']),
    isConfigured: z.boolean(),
    migratingRole: text,
    owningRole: text,
    foreignOwned: z.int(),
    ofShape: text.optional(),
  }),
  isBaselineCached: z.boolean(),
  ownLedger: maybe,
  steps: list(step),
  failure: failureSchema
    .extend({ phase, cause: z.strictObject({ file: text, version: text, line: z.int(), what: text }).nullable() })
    .nullable(),
  provided: list(provided),
  withoutEffect: list(effect).optional(),
  limits: list(text),
})
