import { z } from 'zod'
import { list } from '../list.ts'

/** `Ledger`, as it stands in a stored bundle. */
export const ledgerSchema = z.strictObject({
  style: z.enum(['rows', 'high-water']),
  rows: list(
    z.strictObject({
      key: z.string(),
      name: z.string().nullable(),
      checksum: z.string().nullable(),
      appliedAt: z.string().nullable(),
      isDirty: z.boolean(),
    }),
  ),
})
