import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { migrationsEffects } from '../../../src/checks/migrations-effects/index.ts'
import { type CheckResult, runCheck } from '../../../src/gate/check.ts'
import { Observations, observed } from '../../../src/gate/observation.ts'
import { DEFAULT_POLICY } from '../../../src/gate/policy.ts'
import { effects } from '../../../src/observers/effects/kind.ts'
import { migrationTree } from '../../../src/observers/migration-tree/kind.ts'
import { pending } from '../../../src/observers/pending/kind.ts'
import { type CatalogueServer, startCatalogueServer } from '../../postgres/catalogue-server.ts'
import { HARMFUL, HARMLESS, LIVE, ROLES } from './catalogue-cases.ts'
import { WARNED } from './warned-cases.ts'
import { effectsOf, FILE, INSTRUMENTS, treeOf } from './real-effects.ts'

describe.each([18, 15])('what PostgreSQL %i shows', (major) => {
  let server: CatalogueServer
  let admin: Client
  let count = 0
  beforeAll(async () => {
    await migrationsEffects.prepare?.()
    server = await startCatalogueServer(major === 18 ? null : major)
    admin = await server.connectAs(server.server.superuser, 'postgres')
    await admin.query(ROLES)
    await admin.query('CREATE DATABASE model')
    const client = await server.connectAs(server.server.superuser, 'model')
    await client.query(LIVE)
    await client.query(INSTRUMENTS)
    await client.end()
  })
  afterAll(async () => {
    await admin.end()
    await server[Symbol.asyncDispose]()
  })

  /** A copy of the model for each case. */
  const database = async (): Promise<Client> => {
    count += 1
    await admin.query(`CREATE DATABASE case_${count} TEMPLATE model STRATEGY wal_log`)
    return await server.connectAs(server.server.superuser, `case_${count}`)
  }

  const judged = async (sql: string): Promise<CheckResult> => {
    const client = await database()
    try {
      const data = await effectsOf(client, sql)
      const what = {
        basis: 'since',
        explanation: 'a test',
        baseCommit: null,
        files: [FILE],
        changedBaseline: [],
      } as const
      const observations = new Observations([
        observed(effects, 'a test', data),
        observed(migrationTree, 'a test', treeOf(LIVE, sql)),
        observed(pending, 'a test', what),
      ])
      return runCheck(migrationsEffects, observations, {
        evaluatedAt: '2026-11-21T00:00:00Z',
        settings: DEFAULT_POLICY.settings,
      })
    } finally {
      await client.end()
    }
  }

  it.each(HARMFUL.map(([sql, code, subject]) => [sql, { code, subject }] as const))(
    'refuses %s',
    async (sql, { code, subject }) => {
      const { findings, verdict } = await judged(sql)
      const told = findings.filter((one) => one.severity === 'error').map((one) => `${one.code} ${one.subject}`)
      const isTold = told.some((one) =>
        subject === undefined ? one.startsWith(`${code} `) : one === `${code} ${subject}`,
      )
      expect({ told, isTold }).toMatchObject({ isTold: true })
      expect(verdict).toBe('fail')
      expect(findings.filter((one) => one.outcome === 'fail' && one.where?.file !== FILE)).toEqual([])
      const known = new Set(migrationsEffects.explanations.map((one) => one.code))
      expect(findings.filter((one) => !known.has(one.code))).toEqual([])
    },
  )

  it.each(WARNED)('warns of %s', async (sql, code, subject) => {
    const { findings, verdict } = await judged(sql)
    const told = findings.filter((one) => one.severity !== 'note')
    expect(told.map((one) => [one.severity, one.code, one.subject])).toEqual([['warning', code, subject]])
    expect(verdict).toBe('pass')
  })

  it.each(HARMLESS)('lets through %s', async (sql) => {
    const { findings, verdict } = await judged(sql)
    expect(findings.filter((one) => one.severity !== 'note')).toEqual([])
    expect(verdict).toBe('pass')
  })
})
