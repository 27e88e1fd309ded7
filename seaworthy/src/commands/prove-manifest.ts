import { z } from 'zod'

/** What `prove` reads of a bundle's manifest; gate/evidence.ts writes it. */
export const bundleManifestSchema = z.looseObject({
  schemaVersion: z.literal(2),
  evaluatedAt: z.iso.datetime(),
  subjects: z.array(z.looseObject({ name: z.string(), observations: z.array(z.string()) })).max(1_000),
  files: z.array(z.looseObject({ path: z.string(), sha256: z.string().regex(/^[0-9a-f]{64}$/) })).max(100_000),
})
