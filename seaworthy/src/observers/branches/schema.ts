import { z } from 'zod'

/** `Branches`, as it stands in a stored bundle. */
export const branchesSchema = z.strictObject({
  branches: z.array(z.string()),
  taken: z.array(z.strictObject({ branch: z.string(), version: z.string(), name: z.string(), file: z.string() })),
  leftOut: z.number().int().nonnegative(),
})
