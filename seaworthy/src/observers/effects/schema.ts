import { z } from 'zod'
import { list } from '../list.ts'
import type { Effects } from '../../migrations/effects.ts'
import { failureSchema, serverErrorSchema, serverSchema } from '../rehearsal/schema.ts'

const text = z.string()
const maybe = z.string().nullable()
const count = z.int().min(0)

const operation = z.enum(['insert', 'update', 'delete', 'truncate'])
const event = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.enum(['created', 'altered']), object: text, command: text, via: maybe }),
  z.strictObject({
    kind: z.literal('dropped'),
    object: text,
    isDirect: z.boolean(),
    cause: maybe,
    command: text,
    via: maybe,
  }),
  z.strictObject({ kind: z.literal('rewritten'), object: text, reason: text, via: maybe }),
  z.strictObject({
    kind: z.literal('write'),
    operation,
    object: text,
    rows: count.nullable(),
    isUpsert: z.boolean(),
    via: maybe,
  }),
  z.strictObject({
    kind: z.literal('setting'),
    name: text,
    value: maybe,
    scope: z.enum(['session', 'transaction', 'role', 'database', 'function', 'system']),
    subject: maybe,
  }),
])

const statement = z.strictObject({
  file: text,
  version: text,
  index: count,
  line: count,
  column: count,
  endLine: count,
  text,
  transaction: count.nullable(),
  events: list(event),
  locks: list(z.strictObject({ object: text, mode: text, source: z.enum(['observed', 'documented']) })),
  nested: list(text),
  ownWrites: list(z.strictObject({ operation, object: text })).optional(),
})

const entry = z.strictObject({ object: text, definition: text })
const difference = z.strictObject({
  added: list(entry),
  removed: list(entry),
  changed: list(z.strictObject({ before: entry, after: entry })),
})

const rowChange = z.strictObject({
  object: text,
  rowsBefore: count,
  lost: count,
  lostExample: maybe,
  columns: list(
    z.strictObject({
      column: text,
      overwritten: count,
      example: z.strictObject({ key: text, before: maybe, after: maybe }).nullable(),
      filled: count,
      isRetyped: z.boolean(),
      isDropped: z.boolean(),
    }),
  ),
})

/** A bigint as text. */
const number = z.string().regex(/^-?\d{1,20}$/)
const position = z.strictObject({ last: number, isCalled: z.boolean() })
const move = z.strictObject({
  object: text,
  before: position,
  after: position,
  increment: number,
  end: number,
  isCycling: z.boolean(),
  columns: list(z.strictObject({ column: text, farthest: number.nullable() })),
})

const probeResult = z.strictObject({
  error: z.strictObject({ sqlstate: maybe, message: text, table: maybe, constraint: maybe }).nullable(),
  rows: count,
  isKept: z.boolean(),
  altered: list(z.strictObject({ column: text, wrote: maybe, holds: maybe })),
})
const probe = z.strictObject({
  object: text,
  role: text,
  operation: z.enum(['select', 'insert', 'update', 'delete']),
  what: text.optional(),
  isEverything: z.boolean().optional(),
  before: probeResult,
  after: probeResult,
})

/** What stored effects must look like. */
export const effectsSchema: z.ZodType<Effects> = z.strictObject({
  server: serverSchema,
  seeding: z.strictObject({
    source: z.enum(['synthetic', 'file']),
    seed: z.int(),
    tables: list(z.strictObject({ object: text, rows: count, synthetic: count })),
    unseeded: list(z.strictObject({ object: text, reason: text })),
  }),
  before: list(entry),
  difference,
  rows: list(rowChange),
  partly: list(z.strictObject({ object: text, extent: text, differing: list(text).nullable() })).optional(),
  sequences: list(move),
  refusals: list(z.strictObject({ role: text, error: serverErrorSchema })),
  probes: list(probe).optional(),
  unprobed: list(z.strictObject({ object: text, reason: text })).optional(),
  steps: list(z.strictObject({ files: list(text), statements: list(statement), difference, rows: list(rowChange) })),
  traceUnproven: maybe,
  interference: list(text),
  conflicts: list(z.strictObject({ failure: failureSchema, resolution: text })),
  failure: failureSchema.nullable(),
})
