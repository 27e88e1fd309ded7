import { z } from 'zod'
import type { Answers } from './kind.ts'

/** More questions than any release has. */
const MOST_ANSWERS = 10_000

const answer = z
  .strictObject({
    id: z.string().regex(/^[0-9a-f]{32}$/, 'an id is 32 hexadecimal digits'),
    answeredAt: z.iso.datetime('a time looks like 2026-11-21T10:00:00Z'),
    rows: z.int().min(0).nullable(),
    problem: z.string().max(1_000).nullable(),
  })
  .refine((one) => (one.rows === null) !== (one.problem === null), 'an answer is a count or a problem, not both')

/** What stored answers must look like. No question is answered twice, so that nobody has to choose. */
export const answersSchema: z.ZodType<Answers> = z.strictObject({
  server: z.strictObject({
    version: z.string().max(100),
    identity: z.string().regex(/^sha256:[0-9a-f]{64}$/),
    isReplica: z.boolean(),
  }),
  // Counted first: of millions nobody is told one by one what is wrong with each.
  answers: z
    .array(z.unknown())
    .max(MOST_ANSWERS)
    .pipe(
      z
        .array(answer)
        .refine((list) => new Set(list.map((one) => one.id)).size === list.length, 'a question is answered twice'),
    ),
})

/** The file around them: one observation, as an evidence bundle holds it. */
export const answersFileSchema = z.strictObject({
  kind: z.literal('answers'),
  version: z.literal(1),
  witness: z.string().min(1).max(200),
  status: z.literal('observed'),
  data: answersSchema,
})
