import { readFile, stat } from 'node:fs/promises'
import { z } from 'zod'
import { reasonOf, SeaworthyError } from '../gate/error.ts'
import type { Policy } from '../gate/policy.ts'
import { CONFIG_NAMES, loadConfig } from './load.ts'
import { policyOf } from './policy.ts'
import { readPipe } from './pipe.ts'
import { repeatedName } from './repeated-names.ts'
import { acceptanceSchema, admissionSchema, certificateSchema, familiesSchema, reviewSchema } from './schema.ts'

/** No policy is larger. */
const LIMIT_BYTES = 1_000_000

const ids = z.array(z.string().min(1).max(200)).max(1_000)

/** A policy document, as `seaworthy policy` prints it and a bundle has it: whole, with nothing left to a default. */
export const policySchema: z.ZodType<Policy> = z.strictObject({
  required: z.strictObject({ 'pull-request': ids, deploy: ids }),
  accept: z.array(acceptanceSchema).max(10_000),
  changedInputs: z.enum(['warn', 'refuse']),
  settings: z.strictObject({
    profile: z.enum(['online', 'additive']),
    inlineAcceptance: familiesSchema,
    requireDowns: z.boolean(),
    largeTable: z.strictObject({ rows: z.int().min(0), bytes: z.int().min(0) }),
    answersMaxAgeHours: z.number().positive().max(8760),
    staleQueriesPercent: z.number().min(0).max(100),
  }),
  certificate: certificateSchema,
  admission: admissionSchema,
  review: reviewSchema,
})

/**
 * The policy in a file: a policy document (JSON), or the one of a configuration (`seaworthy.config.*`, or any other
 * JavaScript or TypeScript file). Only give it a file that you trust: a configuration is run.
 * @throws SeaworthyError('config') that says what is wrong with it, and where.
 */
export async function loadPolicy(file: string): Promise<Policy> {
  const isConfig = CONFIG_NAMES.some((name) => file.endsWith(name)) || /\.[cm]?[jt]s$/.test(file)
  if (isConfig) return policyOf((await loadConfig(file)).config)
  const parsed = policySchema.safeParse(await document(file))
  if (parsed.success) return parsed.data
  const complaints = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`)
  throw new SeaworthyError('config', `${file} is no policy:\n  ${complaints.join('\n  ')}`, { hint: HINT })
}

const HINT = 'Write it with: seaworthy policy > policy.json; or name the seaworthy.config.ts itself.'

async function document(file: string): Promise<unknown> {
  try {
    const found = await stat(file)
    const isOne = found.isFile() || found.isFIFO()
    if (!isOne) throw new Error('it is no file')
    if (found.size > LIMIT_BYTES) throw new Error(`it has ${found.size} bytes, and a policy at most ${LIMIT_BYTES}`)
    const bytes = found.isFIFO() ? await readPipe(file, LIMIT_BYTES) : await readFile(file)
    return jsonOf(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch (error) {
    throw new SeaworthyError('config', `the policy ${file} cannot be read: ${reasonOf(error)}`, {
      hint: HINT,
      cause: error,
    })
  }
}

/** Whoever reads a policy beside us has to read the same one. */
function jsonOf(text: string): unknown {
  if (text.startsWith('\uFEFF')) throw new Error('it begins with a byte-order mark: save it as UTF-8 without one')
  const value: unknown = JSON.parse(text)
  const twice = repeatedName(text)
  if (twice !== null) throw new Error(`it has ${JSON.stringify(twice)} twice in one object: only one of them can count`)
  return value
}
