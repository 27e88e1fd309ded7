import { z } from 'zod'
import { list } from '../list.ts'
import { failureSchema, serverSchema } from '../rehearsal/schema.ts'
import type { Repeat } from './kind.ts'

const text = z.string()
const failure = failureSchema.nullable()

const secondStart = z.strictObject({
  ledger: z.enum(['known', 'unknown', 'missing', 'unreadable']),
  again: list(text),
  failure,
  error: failureSchema.shape.error.nullable(),
  changed: list(text),
  madeAgain: list(
    z.strictObject({
      file: text,
      version: text,
      line: z.int(),
      column: z.int(),
      endLine: z.int(),
      text,
      object: text,
    }),
  ),
})

const stop = z.strictObject({
  file: text,
  version: text,
  index: z.int().min(1),
  line: z.int(),
  column: z.int(),
  endLine: z.int(),
  text,
  kind: z.enum(['after', 'invalid-index', 'within']),
  outcome: z.enum(['same', 'failed', 'differs', 'untried']),
  failure,
  changed: list(text),
  invalid: list(text),
  why: text.nullable(),
})

/** What a stored observation of repeated starts must look like. */
export const repeatSchema: z.ZodType<Repeat> = z.strictObject({
  server: serverSchema,
  profile: z.enum(['online', 'additive']),
  secondStart: secondStart.nullable(),
  stops: list(stop),
})
