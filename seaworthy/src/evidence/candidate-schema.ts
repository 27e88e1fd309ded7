import { z } from 'zod'
import type { Candidate } from '../gate/certificate/candidate.ts'

export const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/)
export const hexDigest = z.string().regex(/^[0-9a-f]{64}$/)
/** A time in the one form that a run writes. */
export const instant = z.iso.datetime({ precision: 3 }).max(30)
/** Without NUL, which neither a path nor PostgreSQL takes. */
export const withoutNul = /^[^\0]*$/
export const words = z.string().max(10_000).regex(withoutNul)

/** SHA-1 or SHA-256, as git writes them. */
const gitId = z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/)

/** A candidate, as manifests and statements hold it. */
export const candidateSchema: z.ZodType<Candidate> = z.strictObject({
  commit: gitId.nullable(),
  tree: gitId.nullable(),
  isDirty: z.boolean().nullable(),
  images: z.array(z.strictObject({ name: words, digest })).max(1_000),
  buildInfo: z.strictObject({ digest, commit: gitId.nullable() }).nullable(),
  migrations: z.array(z.strictObject({ folder: words, format: words, digest })).max(1_000),
})
