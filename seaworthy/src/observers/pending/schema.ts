import { z } from 'zod'

/** `Pending`, as it stands in a stored bundle. */
export const pendingSchema = z.strictObject({
  basis: z.enum(['baseline', 'ledger', 'since', 'merge-base', 'ci-range', 'outside-git', 'all']),
  explanation: z.string(),
  baseCommit: z.string().nullable(),
  files: z.array(z.string()),
  changedBaseline: z.array(
    z.strictObject({
      file: z.string(),
      change: z.enum(['edited', 'line-endings', 'removed', 'renamed']),
      version: z.string().nullable(),
    }),
  ),
  newSinceBase: z.array(z.string()).nullable().optional(),
  isBaseCandidate: z.boolean().optional(),
  baseProblem: z.string().nullable().optional(),
})
