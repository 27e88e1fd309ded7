import { cpSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Project, seaworthy } from '../commands/cli.ts'
import { type CourtProduction, courtDates, courtProduction } from './court-production.ts'

const variants = path.join(courtDates, 'variants')

/** The configuration says nothing of roles and nothing of what is live: the shape does. */
const CONFIG = `export default {
  migrations: [{ dir: 'migrations', format: 'golang-migrate', ledgerTable: 'public.applied_migrations' }],
  shape: 'shape.json',
}\n`

describe.each([18, 15])('the court-date service in its captured shape on PostgreSQL %i', (major) => {
  let production: CourtProduction
  beforeAll(async () => {
    production = await courtProduction(major)
  })
  afterAll(async () => production[Symbol.asyncDispose]())

  const check = async (
    variant: string | null,
  ): Promise<{ codes: string[]; messages: string; verdicts: Record<string, string> }> => {
    using project = new Project()
    cpSync(courtDates, project.root, { recursive: true, filter: (source) => source !== variants })
    if (variant !== null) cpSync(path.join(variants, variant), project.root, { recursive: true })
    project.write({ 'seaworthy.config.ts': CONFIG })
    const capture = ['capture', production.url, '--ledger-table', 'public.applied_migrations', '-o', 'shape.json']
    const captured = await seaworthy(capture, project.root)
    expect(captured.code).toBe(0)
    const { stdout, stderr } = await seaworthy(['check', '--json', '--pg', String(major)], project.root)
    if (stdout === '') throw new Error(stderr)
    const report: {
      checks: { check: string; verdict: string; findings: { code: string; severity: string; message: string }[] }[]
    } = JSON.parse(stdout)
    const errors = report.checks.flatMap((one) => one.findings).filter((one) => one.severity === 'error')
    return {
      codes: errors.map((one) => one.code),
      messages: errors.map((one) => one.message).join('\n'),
      verdicts: Object.fromEntries(report.checks.map((one) => [one.check, one.verdict])),
    }
  }

  it('outage 3: migration 129 alters a table of another role', async () => {
    const { codes, messages } = await check('ownership')
    expect(codes).toContain('ownership/not-allowed')
    expect(messages).toContain('42501')
    expect(messages).toContain('cases belongs to court_owner, and the migration runs as court_deploy')
  })

  it('the repaired release applies in production’s shape', async () => {
    const { codes, verdicts } = await check(null)
    expect(codes).toEqual([])
    expect(verdicts).toMatchObject({
      'migrations-rehearsal': 'pass',
      'migrations-ledger': 'pass',
      'migrations-drift': 'pass',
    })
  })
})
