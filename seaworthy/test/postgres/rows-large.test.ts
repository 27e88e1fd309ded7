import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RowsSeen } from '../../src/migrations/engine.ts'
import { watchRows } from '../../src/postgres/rows/watch.ts'
import { type Ground, groundWith } from './seed-ground.ts'

const ROWS = 12_000
const BIG = `
CREATE TABLE big (id int PRIMARY KEY, name text, nick text);
INSERT INTO big SELECT i, 'name ' || i FROM generate_series(1, ${ROWS}) i;
CREATE TABLE small (id int PRIMARY KEY, name text);
ALTER TABLE small ALTER name SET STORAGE EXTERNAL;
INSERT INTO small VALUES (1, 'one'), (2, 'two');`
const WIDE = `
CREATE TABLE wide (id int PRIMARY KEY, body text);
ALTER TABLE wide ALTER body SET STORAGE EXTERNAL;
INSERT INTO wide SELECT i, repeat('x', 2200000) FROM generate_series(1, 10) i;`

describe.each([18, 15])('rows of large tables on PostgreSQL %i', (major) => {
  let ground: Ground
  beforeAll(async () => {
    ground = await groundWith(major, BIG)
  })
  afterAll(async () => await ground[Symbol.asyncDispose]())

  const after = async (schema: string, sql: string): Promise<RowsSeen> => {
    const deploy = await ground.place.connectAs(ground.context.roles.migrating)
    try {
      await deploy.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public')
      await deploy.query(schema)
      const watch = await watchRows(ground.context, ground.place)
      await deploy.query(sql)
      return await watch.look()
    } finally {
      await deploy.end()
    }
  }
  const of = (table: string, extent: string, differing: readonly string[] | null) => ({
    object: `table public.${table}`,
    extent,
    differing,
  })
  const ofBig = (...differing: readonly string[]) => of('big', `10000 of ${ROWS} rows are compared`, differing)
  const ofWide = (...differing: readonly string[]) => of('wide', 'none of 10 rows are compared', differing)

  it('are as they were: as many, and every column as a whole', async () => {
    const seen = await after(BIG + WIDE, 'ALTER TABLE big ADD COLUMN age int DEFAULT 1; CREATE INDEX ON wide (id)')
    expect(seen).toMatchObject({ changes: [], partly: [ofBig(), ofWide()] })
  })

  it('are fewer, also where none of those that are compared went', async () => {
    const swapped =
      'CREATE TABLE copied AS SELECT * FROM big WHERE id <= 11000; DROP TABLE big; ALTER TABLE copied RENAME TO big'
    expect((await after(BIG, swapped)).changes).toMatchObject([
      { object: 'table public.big', rowsBefore: ROWS, lost: 1_000, lostExample: null },
    ])
    expect((await after(WIDE, 'DELETE FROM wide WHERE id = 9')).changes).toMatchObject([{ rowsBefore: 10, lost: 1 }])
    expect((await after(WIDE, 'DROP TABLE wide')).changes).toMatchObject([{ object: 'table public.wide', lost: 10 }])
  })

  it('hold something else beyond those that are compared: the column is named, others are compared as ever', async () => {
    const seen = await after(
      BIG + WIDE,
      "UPDATE big SET name = 'x' WHERE id = 11999; UPDATE wide SET body = 'y' WHERE id = 3; UPDATE small SET name = 'x'",
    )
    expect(seen.partly).toEqual([ofBig('name'), ofWide('body')])
    expect(seen.changes).toMatchObject([
      { object: 'table public.small', columns: [{ column: 'name', overwritten: 2 }] },
    ])
  })

  it('are compared one by one as far as they are read', async () => {
    const seen = await after(
      BIG,
      "UPDATE big SET name = 'x' WHERE id < 4; UPDATE big SET nick = 'n' WHERE nick IS NULL",
    )
    expect(seen.changes).toMatchObject([
      {
        object: 'table public.big',
        columns: [
          { column: 'name', overwritten: 3 },
          { column: 'nick', overwritten: 0, filled: 10_000 },
        ],
      },
    ])
  })

  it('that only grow too large are named', async () => {
    const seen = await after(BIG, "UPDATE small SET name = repeat('x', 31000000)")
    expect(seen.changes).toEqual([])
    expect(seen.partly).toContainEqual(of('small', 'it holds more text after the release than can be compared', null))
  })
})
