import { z } from 'zod'
import { list } from '../list.ts'
import { failureSchema } from '../rehearsal/schema.ts'
import type { RehearsalDown } from './kind.ts'

const entry = z.strictObject({ object: z.string(), definition: z.string() })

/** What a stored trial of the downs must look like. */
export const rehearsalDownSchema: z.ZodType<RehearsalDown> = z.strictObject({
  extent: z.enum(['pending', 'all']),
  trials: list(
    z.strictObject({
      file: z.string(),
      version: z.string(),
      downFile: z.string().nullable(),
      outcome: z.enum(['reverted', 'no-down-file', 'up-failed', 'down-failed', 'up-again-failed', 'not-reached']),
      failure: failureSchema.nullable(),
      leftOver: list(entry),
      missing: list(entry),
      changed: list(z.strictObject({ before: entry, after: entry })),
    }),
  ),
})
