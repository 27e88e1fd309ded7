import { z } from 'zod'
import { list } from '../list.ts'

/** `Branches`, as it stands in a stored bundle. */
export const branchesSchema = z.strictObject({
  branches: list(z.string()),
  taken: list(z.strictObject({ branch: z.string(), version: z.string(), name: z.string(), file: z.string() })),
  leftOut: z.number().int().nonnegative(),
})
