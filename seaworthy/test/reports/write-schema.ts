import { writeFileSync } from 'node:fs'
import { runReportJsonSchema } from '../../src/reports/schema.ts'

/** Writes docs/reference/report.schema.json anew from the schema in the program. */
const target = new URL('../../../docs/reference/report.schema.json', import.meta.url)
writeFileSync(target, `${JSON.stringify(runReportJsonSchema(), null, 2)}\n`)
