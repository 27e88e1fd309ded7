import { z } from 'zod'

const head = { kind: z.string().max(64), version: z.int().min(1), witness: z.string().min(1).max(1_000) }

/** An observation as a bundle holds it. Its data is parsed by its kind. */
export const observationSchema = z.discriminatedUnion('status', [
  z.strictObject({ ...head, status: z.literal('observed'), data: z.unknown() }),
  z.strictObject({
    ...head,
    status: z.literal('failed'),
    reason: z.string().max(100_000),
    hint: z.string().max(100_000).nullable(),
  }),
])

/** What `given.json` holds. One that would be empty is not written. */
export const givenSchema = z
  .array(
    z.strictObject({
      as: z.enum(['configuration', 'ledger', 'shape', 'workload', 'rows', 'answers']),
      file: z.string().min(1).max(10_000),
      change: z.enum(['new', 'edited', 'unknown']),
      base: z.string().max(100).nullable(),
      why: z.string().max(100_000).nullable(),
    }),
  )
  .min(1)
  .max(10_000)
