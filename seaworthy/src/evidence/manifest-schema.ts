import { z } from 'zod'
import type { Manifest, RunRequest } from '../gate/evidence.ts'
import { candidateSchema, hexDigest, instant, withoutNul, words } from './candidate-schema.ts'

/** More files are not read. */
export const MOST_FILES = 10_000
/** No file of a bundle is larger. */
export const LARGEST_FILE_BYTES = 256 * 1024 * 1024

/** The only names that a bundle has: small letters, so that none can be another one on another file system. */
export const FILE_NAME =
  /^(?:policy\.json|findings\.json|given\.json|observations\/[1-9][0-9]{0,3}\/[a-z][a-z0-9-]{0,63}\.json)$/
/** What every bundle has beside the observations. */
export const ALWAYS_THERE: readonly string[] = ['policy.json', 'findings.json']

const maybe = words.nullable()
const id = z.string().regex(/^[a-z][a-z0-9-]{0,99}$/)

const role = z.string().min(1).max(63).regex(withoutNul)

/** The configuration's `roles`, with their defaults. */
const roles = z.strictObject({
  mode: z.enum(['single', 'split']),
  isConfigured: z.boolean(),
  deployRole: role,
  ownerRole: role,
  attributes: z.array(z.enum(['createrole', 'createdb', 'bypassrls', 'replication'])).max(10),
  memberOf: z.array(role).max(1_000),
  owns: z.array(z.string().min(1).max(200).regex(withoutNul)).max(10_000),
})

/** The only files that a run is given; a claim is called after each. */
const inputName = z
  .string()
  .max(10_000)
  .regex(/^(?:configuration|shape|workload|seedSql|answers|ledger [^\0]+)$/)

const request: z.ZodType<RunRequest> = z.strictObject({
  folders: z.array(z.strictObject({ dir: words, format: maybe, baseline: maybe, ledgerTable: maybe })).max(1_000),
  since: maybe,
  all: z.boolean(),
  branches: z.boolean(),
  roles,
  major: z.int().nullable(),
  down: words,
  lockTimeoutMs: z.int(),
  statementTimeoutMs: z.int(),
  inputs: z.array(z.strictObject({ as: inputName, file: maybe, sha256: hexDigest.nullable() })).max(10_000),
  server: z.enum(['scratch', 'given']),
})

/** What a manifest says of its own layout, whichever that is. */
export const layoutSchema = z.looseObject({ tool: z.literal('seaworthy'), schemaVersion: z.int() })

/** A manifest of this version. `read.ts` looks whether its parts agree with each other. */
export const manifestSchema: z.ZodType<Manifest> = z.strictObject({
  schemaVersion: z.literal(2),
  tool: z.literal('seaworthy'),
  toolVersion: words,
  evaluatedAt: instant,
  action: z.enum(['pull-request', 'deploy']),
  isPartial: z.boolean(),
  verdict: z.enum(['pass', 'fail', 'unproven']),
  subjects: z.array(z.strictObject({ name: words, observations: z.array(words).max(100) })).max(1_000),
  checks: z.array(z.strictObject({ id, version: z.int().min(1) })).max(1_000),
  candidate: candidateSchema,
  request,
  files: z.array(z.strictObject({ path: words, sha256: hexDigest, bytes: z.int().min(0) })).max(MOST_FILES),
})
