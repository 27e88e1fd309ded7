import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { obligationId, type Obligation } from '../../../src/gate/obligation.ts'
import { type AskOptions, askProduction } from '../../../src/postgres/answers/ask.ts'
import { readQuestion } from '../../../src/postgres/answers/question.ts'
import { copyTree } from '../../../src/postgres/copy-tree.ts'
import { serverUrl } from '../../../src/postgres/production.ts'
import { type ScratchServer, startScratchServer } from '../../../src/postgres/scratch-server.ts'
import { loadGrammar } from '../../../src/sql/parse.ts'
import { type CatalogueServer, startCatalogueServer } from '../catalogue-server.ts'
import { usePrivateCache } from '../private-places.ts'

const places = usePrivateCache()
afterAll(() => places.remove())

const question = (sql: string): Obligation => ({
  id: obligationId('table public.t', sql),
  question: 'is it so',
  subject: 'table public.t',
  where: null,
  sql,
  rowsSql: '',
  failsFrom: 1,
  consequence: 'it fails',
  code: 'obligation/check',
})

const COUNT = 'SELECT pg_catalog.count(*)::pg_catalog.int8 FROM (SELECT 1 FROM "public"."t" WHERE "v" = 1) AS found'

describe('what may be sent', () => {
  beforeAll(loadGrammar)
  it.each([
    'DELETE FROM public.t',
    'SELECT 1; SELECT 2',
    'SELECT 1 INTO public.x',
    'WITH x AS (DELETE FROM public.t RETURNING 1) SELECT count(*) FROM x',
    'SELECT count(*) FROM (SELECT 1 FROM public.t FOR UPDATE) x',
    'COPY public.t TO STDOUT',
    'not sql',
    '',
  ])('not: %s', (sql) => {
    expect(readQuestion(sql)).toBeNull()
  })

  it('one SELECT, with the functions that it calls', () => {
    expect(readQuestion(COUNT)?.calls).toEqual([{ schema: 'pg_catalog', name: 'count' }])
    expect(readQuestion('SELECT public.f(lower(a)) FROM public.t')?.calls).toEqual([
      { schema: 'public', name: 'f' },
      { schema: 'pg_catalog', name: 'lower' },
    ])
  })
})

describe.each([18, 15])('asking PostgreSQL %i', (major) => {
  let server: CatalogueServer
  let database: string
  const url = (role = server.server.superuser): URL =>
    serverUrl(
      `postgresql://${role}@${encodeURIComponent(server.server.socketDir)}:${server.server.port}/${database}`,
      '--against',
    )
  const ask = async (sqls: readonly string[], change: Partial<AskOptions> = {}) =>
    await askProduction(sqls.map(question), {
      url: url(),
      timeoutMs: 5_000,
      signal: new AbortController().signal,
      progress: () => undefined,
      accept: () => undefined,
      now: () => new Date('2026-11-21T10:00:00Z'),
      ...change,
    })

  beforeAll(async () => {
    server = await startCatalogueServer(major)
    const client = await server.database()
    const { rows } = await client.query<{ name: string }>('SELECT current_database() AS name')
    database = rows[0]?.name ?? ''
    await client.query(`CREATE TABLE t (v int, secret text); INSERT INTO t VALUES (1, 'canary-hunter2'), (2, 'canary-hunter2');
      CREATE ROLE reader LOGIN; GRANT SELECT ON t TO reader; CREATE ROLE nobody LOGIN;
      CREATE TABLE hidden (v int); INSERT INTO hidden VALUES (1); ALTER TABLE hidden ENABLE ROW LEVEL SECURITY; GRANT SELECT ON hidden TO reader;
      CREATE FUNCTION touch() RETURNS int LANGUAGE sql AS 'SELECT 1'`)
    await client.end()
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
  })

  it('counts, dates and names who answered', async () => {
    const { answers, witness } = await ask([COUNT])
    expect(answers).toEqual([
      { id: question(COUNT).id, answeredAt: '2026-11-21T10:00:00.000Z', rows: 1, problem: null },
    ])
    expect(witness).toMatchObject({ isReplica: false, version: expect.stringMatching(new RegExp(`^${major}\\.`)) })
    const elsewhere = await server.database()
    const other = await elsewhere.query<{ name: string }>('SELECT current_database() AS name')
    await elsewhere.end()
    const target = url()
    target.pathname = `/${other.rows[0]?.name}`
    const second = await ask([], { url: target })
    expect(second.witness.cluster).toBe(witness.cluster)
    expect(second.witness.identity).not.toBe(witness.identity)
  })

  it.each([
    ['a missing column', 'SELECT count(*) FROM public.t WHERE gone = 1', 'a column is missing'],
    ['a missing table', 'SELECT count(*) FROM public.gone', 'a table is missing'],
    ['an unqualified name', 'SELECT count(*) FROM t', 'a table is missing'],
    ['a row of another form', `SELECT count(*) FROM public.t WHERE secret::int = 1`, 'SQLSTATE 22P02'],
    ['what writes', 'DELETE FROM public.t', 'not one SELECT'],
    ['what may write', 'SELECT public.touch()', 'calls public.touch'],
    ['what ends others', 'SELECT count(pg_terminate_backend(v)) FROM public.t', 'pg_catalog.pg_terminate_backend'],
    ['more than a count', 'SELECT v::int8, v FROM public.t LIMIT 1', 'not a count'],
    ['a text', 'SELECT secret FROM public.t LIMIT 1', 'not a count'],
    ['a negative number', 'SELECT -1::int8', 'not a count'],
  ])('%s is no answer, and the next question is asked all the same', async (_name, sql, why) => {
    const { answers } = await ask([sql, COUNT])
    expect(answers.map((one) => one.rows)).toEqual([null, 1])
    expect(answers[0]?.problem).toContain(why)
    expect(JSON.stringify(answers)).not.toContain('canary')
  })

  it('a question that takes too long is ended, and the next one is asked', async () => {
    const slow = 'SELECT count(*) FROM pg_catalog.generate_series(1, 1000000000) AS n'
    const startedAt = Date.now()
    const { answers } = await ask([slow, COUNT], { timeoutMs: 300 })
    expect(Date.now() - startedAt).toBeLessThan(5_000)
    expect(answers.map((one) => one.rows)).toEqual([null, 1])
    expect(answers[0]?.problem).toContain('time limit')
  })

  it('a locked table is not waited for', async () => {
    const holder = await server.connectAs(server.server.superuser, database)
    await holder.query('BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE')
    const { answers } = await ask([COUNT])
    await holder.end()
    expect(answers[0]?.problem).toContain('locked')
  })

  it('row security is an error and never a smaller count', async () => {
    const hidden = 'SELECT count(*) FROM public.hidden'
    const { answers } = await ask([hidden, COUNT], { url: url('reader') })
    expect(answers.map((one) => one.rows)).toEqual([null, 1])
    expect(answers[0]?.problem).toContain('row security')
    expect((await ask([hidden])).answers[0]?.rows).toBe(1)
    expect((await ask([COUNT], { url: url('nobody') })).answers[0]?.problem).toContain('may not read')
  })

  it('takes no stronger lock than ACCESS SHARE, and cannot write', async () => {
    const watcher = await server.connectAs(server.server.superuser, database)
    const wait = 'SELECT count(*) FROM public.t, pg_catalog.generate_series(1, 50000000) AS n'
    const asking = ask([wait], { timeoutMs: 1_500 })
    let modes: string[] = []
    for (let tries = 0; tries < 60 && modes.length === 0; tries += 1) {
      const { rows } = await watcher.query<{ mode: string; readonly: string }>(
        `SELECT l.mode FROM pg_locks l WHERE l.relation = 'public.t'::regclass`,
      )
      modes = rows.map((row) => row.mode)
      await sleep(20)
    }
    await asking
    await watcher.end()
    expect(modes).toEqual(['AccessShareLock'])
  })

  it('is refused before anything is asked', async () => {
    await expect(
      ask([COUNT], {
        accept: () => {
          throw new Error('the same server')
        },
      }),
    ).rejects.toThrow('the same server')
  })

  it('says nothing of the password where nobody answers', async () => {
    const target = serverUrl(`postgresql://me:canary-hunter2@127.0.0.1:1/x`, '--against')
    const failed = ask([COUNT], { url: target })
    await expect(failed).rejects.toThrow('127.0.0.1:1/x cannot be reached')
    await expect(failed).rejects.not.toThrow('canary')
    expect(() => serverUrl('mysql://me:canary-hunter2@h/x', '--against')).toThrow('--against is not a URL')
  })
})

/** A copy of a running primary's data folder, started as a standby: it replays what the primary has written. */
async function replicaOf(primary: ScratchServer): Promise<ScratchServer> {
  const folder = mkdtempSync('/var/tmp/seaworthy-replica-')
  chmodSync(folder, 0o777)
  const dataDir = path.join(folder, 'data')
  const signal = new AbortController().signal
  try {
    await copyTree(primary.dataDir, dataDir, places.places().account, signal)
    rmSync(path.join(dataDir, 'postmaster.pid'), { force: true })
    writeFileSync(path.join(dataDir, 'standby.signal'), '')
    const { binaries } = primary
    return await startScratchServer({ binaries, snapshot: { dataDir, note: null, entry: null }, signal })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

describe.each([18, 15])('a replica of PostgreSQL %i', (major) => {
  it('answers for the time up to which it has replayed, and is the same database as its primary', async () => {
    await using primary = await startCatalogueServer(major)
    const client = await primary.database()
    const { rows } = await client.query<{ name: string }>('SELECT current_database() AS name')
    await client.query('CREATE TABLE t (v int); INSERT INTO t VALUES (1)')
    await client.query('SELECT pg_switch_wal()')
    await client.end()
    await using replica = await replicaOf(primary.server)
    const from = (server: ScratchServer): URL =>
      serverUrl(
        `postgresql://${server.superuser}@${encodeURIComponent(server.socketDir)}:${server.port}/${rows[0]?.name}`,
        '--against',
      )
    const options = {
      timeoutMs: 5_000,
      signal: new AbortController().signal,
      progress: () => undefined,
      accept: () => undefined,
      now: () => new Date('2099-01-01T00:00:00Z'),
    }
    const first = await askProduction([question(COUNT)], { ...options, url: from(primary.server) })
    const askReplica = async () => await askProduction([question(COUNT)], { ...options, url: from(replica) })
    let second = await askReplica()
    // It takes connections as soon as its files are consistent, and goes on replaying.
    for (let tries = 0; tries < 50 && second.answers[0]?.rows === null; tries += 1) {
      await sleep(100)
      second = await askReplica()
    }
    expect(second.witness).toEqual({ ...first.witness, isReplica: true })
    expect(first.answers[0]).toMatchObject({ rows: 1, answeredAt: '2099-01-01T00:00:00.000Z' })
    expect(second.answers[0]).toMatchObject({ rows: 1, problem: null })
    const ageMs = Date.now() - Date.parse(second.answers[0]?.answeredAt ?? '')
    expect(ageMs).toBeGreaterThan(0)
    expect(ageMs).toBeLessThan(120_000)
  })
})
