import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import * as fc from 'fast-check'
import { expect, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { renderJson } from '../../src/reports/json.ts'
import type { RunReport } from '../../src/reports/run-report.ts'
import { runReportJsonSchema, runReportSchema } from '../../src/reports/schema.ts'
import { anyReport } from './arbitrary.ts'
import { accepted, flood, outage, report } from './samples.ts'

const committed = new URL('../../../docs/reference/report.schema.json', import.meta.url)

test('the schema in the documentation is the one in the program', async () => {
  // `vitest run -u` on this file writes it anew.
  await expect(`${JSON.stringify(runReportJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(fileURLToPath(committed))
})

test('the type and the schema say the same', () => {
  // Loose objects of zod have an index signature, which an interface has not; each member is compared.
  type Members = { [Key in keyof RunReport]: z.input<typeof runReportSchema>[Key] }
  expectTypeOf<keyof Members>().toExtend<keyof z.input<typeof runReportSchema>>()
  expectTypeOf<Members['verdict']>().toEqualTypeOf<RunReport['verdict']>()
  expectTypeOf<Members['exitCode']>().toEqualTypeOf<RunReport['exitCode']>()
  expectTypeOf<Members['action']>().toEqualTypeOf<RunReport['action']>()
})

test('every document is valid by the schema in the documentation, and comes back as it was', async () => {
  const schema = z.fromJSONSchema(JSON.parse(await readFile(committed, 'utf8')))
  for (const one of [report(), outage(), accepted(), flood(50, 50)]) {
    const document: unknown = JSON.parse(renderJson(one))
    expect(document).toEqual(one)
    expect(schema.safeParse(document).error).toBeUndefined()
    expect(runReportSchema.parse(document)).toEqual(one)
  }
  fc.assert(
    fc.property(anyReport, (any) => {
      const document: unknown = JSON.parse(renderJson(any))
      expect(document).toEqual(JSON.parse(JSON.stringify(any)))
      expect(schema.safeParse(document).success).toBe(true)
    }),
  )
})

test('the schema is additive, and refuses what is no such document', () => {
  expect(runReportSchema.parse({ ...report(), later: 1 })).toHaveProperty('later', 1)
  expect(runReportSchema.safeParse({ ...report(), schemaVersion: 2 }).success).toBe(false)
  expect(runReportSchema.safeParse({ ...report(), verdict: 'ok' }).success).toBe(false)
  expect(runReportSchema.safeParse({ ...report(), checks: undefined }).success).toBe(false)
})
