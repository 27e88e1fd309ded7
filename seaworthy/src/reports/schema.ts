import { z } from 'zod'

/**
 * The schema of the `--json` document, for whoever reads a stored one. Unknown members are kept: the document is
 * additive. docs/reference/report.schema.json is made from it, and a test holds the two and the type together.
 */

const severity = z.enum(['error', 'warning', 'note'])
const verdict = z.enum(['pass', 'fail', 'unproven'])
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/)
const natural = z.number().int().min(0)
const durationMs = z.number().min(0)

const where = z.looseObject({
  file: z.string().describe('relative to the repository root, forward slashes'),
  line: z.number().int().min(1),
  column: z.number().int().min(1),
})

const outcome = z.enum(['fail', 'unproven', 'none'])

const finding = z.looseObject({
  code: z.string().describe('stable, family/name; each has a page in the documentation'),
  severity,
  outcome: outcome.describe('what it makes of the verdict'),
  message: z.string(),
  where: where.nullable(),
  subject: z.string().nullable().describe('what is harmed or asked about'),
  hint: z
    .string()
    .nullable()
    .describe('what to do instead; SQL of several migrations is parted by `-- next migration`'),
  proof: z.string().nullish().describe('what a server showed'),
  endLine: z.number().int().min(1).nullish().describe('the last line of the statement'),
  cause: z.string().optional().describe('why something could not be looked at, where several findings share it'),
  docs: z.string(),
  excerpt: z.looseObject({ line: z.number().int().min(1), text: z.string() }).nullish(),
})

const acceptance = z.looseObject({
  code: z.string(),
  file: z.string().optional(),
  subject: z.string().optional(),
  reason: z.string(),
  author: z.string(),
  expires: z.string(),
})

const obligation = z.looseObject({
  id: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .describe('a digest of subject and query'),
  question: z.string(),
  subject: z.string(),
  where: where.nullable(),
  sql: z.string().describe('one SELECT that only reads and returns one count'),
  rowsSql: z.string().describe('for a person: a SELECT that shows some of the rows that stand in the way'),
  failsFrom: z.number().int().min(1).describe('from how many rows on the release would fail'),
  consequence: z.string(),
  code: z.string(),
  state: z.enum(['open', 'answered', 'violated', 'stale']),
  answer: z
    .looseObject({
      id: z.string(),
      answeredAt: z.string().describe('ISO 8601, UTC'),
      rows: natural.nullable(),
      problem: z.string().nullable(),
    })
    .nullable(),
})

export const runReportSchema = z.looseObject({
  schemaVersion: z.literal(1),
  tool: z.literal('seaworthy'),
  version: z.string(),
  command: z.literal('check'),
  verdict,
  exitCode: z.union([
    z.literal(0),
    z.literal(1),
    z.literal(2),
    z.literal(3),
    z.literal(4),
    z.literal(70),
    z.literal(130),
  ]),
  action: z.enum(['pull-request', 'deploy']),
  evaluatedAt: z.string().describe('ISO 8601, UTC'),
  durationMs,
  candidate: z.looseObject({
    commit: z.string().nullable(),
    tree: z.string().nullable(),
    isDirty: z.boolean().nullable(),
    images: z.array(z.looseObject({ name: z.string(), digest })).describe('named with --image'),
    buildInfo: z.looseObject({ digest, commit: z.string().nullable() }).nullable().describe('given with --build-info'),
    migrations: z.array(z.looseObject({ folder: z.string(), format: z.string(), digest })),
  }),
  subjects: z.array(
    z.looseObject({
      folder: z.string(),
      format: z.string(),
      detectedBy: z.string(),
      migrations: natural,
      pending: z.looseObject({ count: natural, explanation: z.string() }),
      server: z.string().nullable(),
      assumptions: z.array(z.string()),
      baselineCached: z.boolean().nullable(),
    }),
  ),
  leftOut: z.array(z.looseObject({ folder: z.string(), why: z.string() })).optional(),
  checks: z.array(
    z.looseObject({
      check: z.string(),
      version: natural,
      subject: z.string(),
      verdict: z.enum(['pass', 'fail', 'unproven', 'not-applicable']),
      reason: z.string().nullable(),
      durationMs,
      findings: z.array(finding),
      carried: z
        .array(
          z.looseObject({
            code: z.string(),
            where: where.nullable(),
            subject: z.string().nullable(),
            outcome,
            by: z.string(),
            under: z.string().optional().describe('the code of the finding that tells it, where it is another one'),
          }),
        )
        .optional()
        .describe('findings that stand in the list of another check, since both are about the same harm'),
      proved: z.array(z.string()),
      evidence: z.array(digest),
    }),
  ),
  policyFindings: z.array(finding),
  accepted: z.array(z.looseObject({ check: z.string(), subject: z.string(), finding, acceptance })),
  allowed: z
    .array(z.looseObject({ check: z.string(), subject: z.string(), finding, reason: z.string(), comment: where }))
    .optional()
    .describe('findings that a comment in their file accepts, as they were before'),
  overruled: z
    .array(z.looseObject({ check: z.string(), subject: z.string(), finding, by: z.string(), why: z.string() }))
    .optional()
    .describe('findings that another check proved to be no harm, as they were before'),
  explanations: z.array(z.looseObject({ code: z.string(), title: z.string(), why: z.string(), instead: z.string() })),
  evidenceDir: z.string().nullable(),
  evidence: z
    .looseObject({
      dir: z.string(),
      certificate: z
        .looseObject({
          file: z.string(),
          keyId: z.string().regex(/^[0-9a-f]{64}$/),
          expiresAt: z.string().describe('ISO 8601, UTC: nobody may act on it afterwards'),
          closes: z.array(natural).optional().describe('the emergencies in our ledger that it closes'),
        })
        .nullable()
        .describe('null: the bundle is unsigned'),
    })
    .nullish()
    .describe('the bundle that was written'),
  partial: z.boolean(),
  obligations: z.array(obligation).describe('questions that only production can answer'),
  emergencies: z
    .array(
      z.looseObject({
        seq: natural,
        at: z.string().describe('ISO 8601, UTC'),
        by: z.string().nullable(),
        action: z.string(),
        candidate: z.string().nullable(),
        reason: z.string(),
        isElsewhere: z
          .literal(true)
          .optional()
          .describe('the candidate is a commit that this repository does not have'),
      }),
    )
    .optional()
    .describe('emergency overrides that nothing has closed; left out where there is no ledger'),
  emergenciesUnread: z.string().optional().describe('why nobody knows whether emergencies are open'),
})

/** The JSON schema (draft 2020-12) of the document. */
export const runReportJsonSchema = (): object => ({
  ...z.toJSONSchema(runReportSchema, { io: 'input' }),
  title: 'The document of `seaworthy check --json`',
})
