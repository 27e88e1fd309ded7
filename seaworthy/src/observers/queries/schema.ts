import { z } from 'zod'
import { list } from '../list.ts'
import { failureSchema, serverSchema } from '../rehearsal/schema.ts'
import type { Queries } from './kind.ts'

const count = z.int().min(0)
const maybe = z.string().nullable()
const serverError = failureSchema.shape.error

const query = z.strictObject({
  text: z.string(),
  from: z.enum(['workload', 'shape']),
  line: z.int().nullable(),
  role: maybe,
  searchPath: maybe,
  calls: z.number().nullable(),
})

const works = z.strictObject({
  works: z.literal(true),
  columns: list(z.strictObject({ name: z.string(), type: z.string() })),
  parameters: list(z.string()),
})

const fails = z.strictObject({ works: z.literal(false), error: serverError, isInfrastructure: z.boolean() })

const withError = list(z.strictObject({ query, error: serverError }))

/** What a stored observation of the queries must look like. */
export const queriesSchema: z.ZodType<Queries> = z.strictObject({
  server: serverSchema,
  sources: list(
    z.strictObject({
      kind: z.enum(['workload', 'shape']),
      file: z.string(),
      queries: count,
      leftOut: list(z.strictObject({ why: z.string(), count })),
      isPartial: maybe,
      isForbidden: z.boolean(),
    }),
  ),
  unavailable: maybe,
  roles: list(z.strictObject({ name: z.string(), as: z.string(), why: maybe })),
  total: count,
  overLimit: count,
  same: count,
  stale: withError,
  unknown: withError,
  changes: list(
    z.strictObject({
      query,
      files: list(z.string()),
      before: works,
      after: z.discriminatedUnion('works', [works, fails]),
      meaning: z.strictObject({ before: z.string(), after: z.string(), column: maybe }).nullable(),
    }),
  ),
})
