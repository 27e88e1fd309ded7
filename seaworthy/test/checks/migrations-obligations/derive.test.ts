import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CatalogueServer, startCatalogueServer } from '../../postgres/catalogue-server.ts'
import { usePrivateCache } from '../../postgres/private-places.ts'
import { release } from './release.ts'
import { QUESTIONS } from './questions.ts'

const places = usePrivateCache()
afterAll(() => places.remove())

describe.each([18, 15])('what a release asks of rows, on PostgreSQL %i', (major) => {
  let server: CatalogueServer
  beforeAll(async () => {
    server = await startCatalogueServer(major)
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
  })

  const asked = QUESTIONS.filter((one) => (one.since ?? 0) <= major)
  it.each(asked.map((one) => [one.name, one] as const))('%s', async (_name, one) => {
    const built = await server.database()
    await built.query(one.live)
    const { derived } = await release(built, one.release)
    await built.end()
    expect(derived.unasked).toEqual([])
    expect(derived.obligations.map((found) => found.code)).toEqual([one.code])
    const [obligation] = derived.obligations
    expect(obligation?.question).toBe(one.words ?? obligation?.question)
    expect(obligation?.where).toMatchObject({
      file: `migrations/${String(one.release.length).padStart(3, '0')}_step.up.sql`,
    })

    const production = await server.database()
    await production.query(one.live)
    const count = async (): Promise<number> => {
      await production.query(`BEGIN READ ONLY; SET LOCAL search_path = ''`)
      const { rows } = await production.query<{ count: string }>(obligation?.sql ?? '')
      // What a person may look at shows as much as was counted.
      const shown = await production.query(obligation?.rowsSql ?? '')
      await production.query('ROLLBACK')
      expect(shown.rows).toHaveLength(Math.min(Number(rows[0]?.count), 20))
      return Number(rows[0]?.count)
    }
    try {
      expect(await count()).toBe(0)
      for (const good of one.good) await production.query(good)
      expect(await count()).toBe(0)
      await production.query(one.bad)
      expect(await count()).toBeGreaterThanOrEqual(1)
      // The question is the server's own: the release does fail, or lose something, on these rows.
      const isRefused = await production.query(one.release.join(';\n')).then(
        () => false,
        () => true,
      )
      expect(isRefused).toBe(one.isLossy !== true)
    } finally {
      await production.end()
    }
    const good = await server.database()
    await good.query(one.live)
    for (const row of one.good) await good.query(row)
    await good.query(one.release.join(';\n'))
    await good.end()
  })

  it.each([
    ['a table of its own', 'CREATE TABLE rooms (id int PRIMARY KEY, name text NOT NULL UNIQUE CHECK (name <> $$$$))'],
    ['a wider type', 'ALTER TABLE t ALTER n TYPE bigint, ALTER a TYPE varchar(90)'],
    ['a check that is not validated', 'ALTER TABLE t ADD CHECK (n > 0) NOT VALID'],
    ['a unique key that holds by a smaller one', 'CREATE UNIQUE INDEX ON t (id, n)'],
    ['a constraint under another name', 'ALTER TABLE t RENAME CONSTRAINT t_n_check TO positive'],
    ['a type that moves', 'CREATE SCHEMA other; ALTER TYPE mood SET SCHEMA other'],
    ['a type with another name', 'ALTER TYPE mood RENAME TO feeling'],
    ['an enum value with another name', `ALTER TYPE mood RENAME VALUE 'sad' TO 'blue'`],
    ['a table with other names', 'ALTER TABLE t RENAME n TO k; ALTER TABLE t RENAME TO u'],
    ['a column that may be NULL', 'ALTER TABLE t ADD COLUMN b text, DROP COLUMN a'],
    ['a table of its own, made anew', 'CREATE TABLE own (id int); DROP TABLE IF EXISTS own'],
    ['a constraint that goes', 'ALTER TABLE t DROP CONSTRAINT t_n_check'],
  ])('%s asks nothing of rows', async (_name, text) => {
    const client = await server.database()
    await client.query(
      `CREATE TYPE mood AS ENUM ('sad'); CREATE TABLE t (id int PRIMARY KEY, n int CHECK (n > 0), a varchar(20), m mood)`,
    )
    const { derived } = await release(client, [text])
    await client.end()
    expect(derived).toEqual({ obligations: [], unasked: [], unclear: [] })
  })
})
