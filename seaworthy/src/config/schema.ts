import { z } from 'zod'
import { NEVER_INLINE } from '../gate/policy.ts'
import type { Config } from './define.ts'

const name = z.string().min(1).max(200)
const path = z.string().min(1).max(1000)
const ALL_FAMILIES = [
  'data-loss',
  'compat',
  'lock',
  'apply',
  'repeat',
  'ownership',
  'security',
  'ledger',
  'parse',
  'obligation',
]

const format = z.enum(['golang-migrate', 'numbered', 'sqlx', 'diesel', 'prisma', 'drizzle'])

const migrations = z.strictObject({
  dir: path,
  format: format.optional(),
  baseline: name.optional(),
  ledger: path.optional(),
  ledgerTable: name.optional(),
})

const roles = z.strictObject({
  mode: z.enum(['single', 'split']),
  deploy: name.max(63).optional(),
  owner: name.max(63).optional(),
  attributes: z.array(z.enum(['createrole', 'createdb', 'bypassrls', 'replication'])).optional(),
  memberOf: z.array(name.max(63)).optional(),
  owns: z.array(name).optional(),
})

/** What is wrong with `roles`: a union of two alternatives only says that neither fits. */
function rolesComplaint(input: unknown): string {
  const ways = "'single', 'split', or { mode: 'single' or 'split', deploy, owner, … }"
  if (typeof input !== 'object' || input === null) return `one of ${ways}`
  if (!('mode' in input))
    return "it has no mode: add mode: 'split' (the deploy role does not own the tables) or mode: 'single' (it does)"
  const [issue] = roles.safeParse(input).error?.issues ?? []
  return issue === undefined
    ? `one of ${ways}`
    : `${issue.path.join('.')}${issue.path.length === 0 ? '' : ': '}${issue.message}`
}

export const acceptanceSchema = z.strictObject({
  code: z.string().regex(/^[a-z-]+\/[a-z0-9-]+$/, 'a finding code looks like lock/create-index'),
  file: path.optional(),
  subject: z.string().min(1).optional(),
  reason: z.string().trim().min(10, 'a reason of at least ten characters, for whoever reads it next year'),
  author: z.string().trim().min(1),
  expires: z.iso.date('the last day on which it counts, as YYYY-MM-DD'),
})

export const familiesSchema = z
  .array(z.enum(ALL_FAMILIES))
  .refine((list) => !list.some((family) => NEVER_INLINE.includes(family)), {
    message: `these families can never be accepted by a comment: ${NEVER_INLINE.join(', ')}`,
  })

export const certificateSchema = z.strictObject({ validHours: z.number().positive().max(8760) })

export const admissionSchema = z.strictObject({
  requires: z.array(z.enum(['ledger', 'shape'])),
  dirty: z.enum(['refuse', 'allow']),
  emergency: z.enum(['forbid', 'allow']),
})

export const reviewSchema = z.strictObject({
  isIndependent: z.boolean(),
  reviewers: z.array(z.string().regex(/^[0-9a-f]{64}$/, 'the id of a key has 64 digits: seaworthy keys show FILE')),
})

const policy = z.strictObject({
  required: z.strictObject({ 'pull-request': z.array(name).optional(), deploy: z.array(name).optional() }).optional(),
  accept: z.array(acceptanceSchema).optional(),
  inlineAcceptance: familiesSchema.optional(),
  requireDowns: z.boolean().optional(),
  largeTable: z.strictObject({ rows: z.int().min(0).optional(), bytes: z.int().min(0).optional() }).optional(),
  answersMaxAgeHours: z.number().positive().max(8760).optional(),
  staleQueriesPercent: z.number().min(0).max(100).optional(),
  changedInputs: z.enum(['warn', 'refuse']).optional(),
  certificate: certificateSchema.partial().optional(),
  admission: admissionSchema.partial().optional(),
  review: reviewSchema.partial().optional(),
})

const command = z.array(z.string().min(1).max(4096)).min(1).max(100)

const signing = z
  .strictObject({ key: path.optional(), command: command.optional(), passphraseCommand: command.optional() })
  .refine(({ key, command: printing }) => key === undefined || printing === undefined, {
    message: 'key and command name two keys: leave one out',
  })

const milliseconds = z.int().min(1).max(3_600_000)

/** What a configuration file may hold. An unknown key is a mistake, not an extension. */
export const configSchema = z.strictObject({
  migrations: z.array(migrations).max(100).optional(),
  format: format.optional(),
  baseline: name.optional(),
  ledger: path.optional(),
  ledgerUrl: path.optional(),
  server: path.optional(),
  only: z.array(name).optional(),
  action: z.enum(['pull-request', 'deploy']).optional(),
  since: name.optional(),
  all: z.boolean().optional(),
  branches: z.boolean().optional(),
  profile: z.enum(['online', 'additive']).optional(),
  roles: z.union([z.enum(['single', 'split']), roles], { error: ({ input }) => rolesComplaint(input) }).optional(),
  pg: z.int().min(12).max(99).optional(),
  down: z.enum(['pending', 'all']).optional(),
  shape: path.optional(),
  workload: path.optional(),
  seedSql: path.optional(),
  answers: path.optional(),
  cache: z.boolean().optional(),
  timeouts: z
    .strictObject({ lockTimeoutMs: milliseconds.optional(), statementTimeoutMs: milliseconds.optional() })
    .optional(),
  evidence: path.optional(),
  state: path.optional(),
  reports: z.array(z.strictObject({ kind: z.enum(['sarif', 'junit', 'markdown', 'json']), file: path })).optional(),
  policy: policy.optional(),
  signing: signing.optional(),
})

/** Parses untrusted content. Returns the configuration, or every complaint with its place in it. */
export function parseConfig(content: unknown): { config: Config } | { complaints: string[] } {
  const parsed = configSchema.safeParse(content)
  if (!parsed.success) {
    return { complaints: parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`) }
  }
  // zod writes optional members as "or undefined"; a missing member and an undefined one mean the same here.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return { config: parsed.data as Config }
}
