import { z } from 'zod'
import { list } from '../list.ts'

/** `Pending`, as it stands in a stored bundle. */
export const pendingSchema = z.strictObject({
  basis: z.enum(['baseline', 'ledger', 'since', 'merge-base', 'ci-range', 'outside-git', 'all']),
  explanation: z.string(),
  baseCommit: z.string().nullable(),
  files: list(z.string()),
  changedBaseline: list(
    z.strictObject({
      file: z.string(),
      change: z.enum(['edited', 'line-endings', 'removed', 'renamed']),
      version: z.string().nullable(),
    }),
  ),
  newSinceBase: list(z.string()).nullable().optional(),
  isBaseCandidate: z.boolean().optional(),
  baseProblem: z.string().nullable().optional(),
})
