import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Derived } from '../../../src/checks/migrations-obligations/derive.ts'
import { plainError } from '../../../src/migrations/engine.ts'
import { type CatalogueServer, startCatalogueServer } from '../../postgres/catalogue-server.ts'
import { usePrivateCache } from '../../postgres/private-places.ts'
import { release } from './release.ts'

const places = usePrivateCache()
afterAll(() => places.remove())

const LIVE = `CREATE TABLE users (id int PRIMARY KEY, note text, age int);
  CREATE FUNCTION strange(text) RETURNS text LANGUAGE sql AS 'SELECT $1'`

describe.each([18, 15])('what made-up rows failed on, on PostgreSQL %i', (major) => {
  let server: CatalogueServer
  beforeAll(async () => {
    server = await startCatalogueServer(major)
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
  })

  /** As if the statement on that line had failed on a made-up row. */
  const derived = async (text: string, sqlstate: string, message: string): Promise<Derived> => {
    const client = await server.database()
    await client.query(LIVE)
    const file = 'migrations/001_step.up.sql'
    const failure = {
      file,
      version: '001',
      error: plainError(sqlstate, message),
      statement: { index: 1, line: text.split('\n').length, column: 1, text: '' },
      owner: null,
      leavesHalf: false,
      missingExtension: null,
      isInfrastructure: false,
    }
    const built = await release(client, [text], { conflicts: [{ failure, resolution: 'none' }] })
    await client.end()
    return built.derived
  }

  interface Asked {
    readonly text: string
    readonly sqlstate: string
    readonly message: string
    readonly question: string
    readonly good: string
    readonly bad: string
    readonly since?: number
  }
  const JSON_FAILS = { sqlstate: '22P02', message: 'invalid input syntax for type json', since: 16 }
  const GIVES_UP = { sqlstate: 'P0001', message: 'mend 2 of them first' }
  const CASES: readonly (readonly [string, Asked])[] = [
    [
      'a text that an UPDATE reads as JSON',
      {
        ...JSON_FAILS,
        text: `ALTER TABLE users ADD COLUMN tz text;\nUPDATE users SET tz = note::json ->> 'tz' WHERE tz IS NULL`,
        question: 'every value of users.note that the release reads as json is one',
        good: `INSERT INTO users VALUES (1, '{"tz": "UTC"}'), (2, NULL)`,
        bad: `INSERT INTO users VALUES (3, '{')`,
      },
    ],
    [
      'a text of some rows, under another name of the table',
      {
        ...JSON_FAILS,
        text: `ALTER TABLE users ADD COLUMN copy jsonb;\nUPDATE users AS u SET copy = CAST(nullif(u.note, '') AS jsonb) WHERE u.age > 3 AND EXISTS (SELECT FROM users v WHERE v.id = u.id)`,
        question: 'every value of users.note that the release reads as jsonb is one',
        good: `INSERT INTO users VALUES (1, '[]', 4), (2, '', 5), (3, '{', 3), (4, '{', NULL)`,
        bad: `INSERT INTO users VALUES (5, '{', 4)`,
      },
    ],
    [
      'a text that is copied into another table',
      {
        ...JSON_FAILS,
        text: `CREATE TABLE notes (id int, body jsonb);\nINSERT INTO notes SELECT id, note::jsonb FROM users WHERE age IS NOT NULL ORDER BY id`,
        question: 'every value of users.note that the release reads as jsonb is one',
        good: `INSERT INTO users VALUES (1, '[]', 4), (2, '{', NULL)`,
        bad: `INSERT INTO users VALUES (5, '{', 4)`,
      },
    ],
    [
      'rows that a block asks for',
      {
        ...GIVES_UP,
        text: `DO $$ BEGIN IF EXISTS (SELECT 1 FROM users u WHERE u.note IS NULL) THEN RAISE EXCEPTION 'mend % of them first', 2; END IF; END $$`,
        question: 'this does not hold: EXISTS (SELECT 1 FROM users u WHERE u.note IS NULL)',
        good: `INSERT INTO users VALUES (1, 'a')`,
        bad: 'INSERT INTO users VALUES (2)',
      },
    ],
    [
      'rows that a block counts first',
      {
        ...GIVES_UP,
        text: `DO $$ DECLARE n int; BEGIN SELECT count(*) INTO n FROM users; IF n > 1 THEN RAISE EXCEPTION 'mend % of them first', n; END IF; END $$`,
        question: 'this does not hold: (SELECT count(*) FROM users) > 1',
        good: 'INSERT INTO users VALUES (1)',
        bad: 'INSERT INTO users VALUES (2)',
      },
    ],
  ]

  const asked = CASES.filter(([, one]) => (one.since ?? 0) <= major)
  it.each(asked)('%s: production is asked by it', async (_, one) => {
    const { obligations } = await derived(one.text, one.sqlstate, one.message)
    const [obligation] = obligations
    expect(obligations.map(({ question }) => question.replaceAll(/\s+/g, ' '))).toEqual([one.question])
    const production = await server.database()
    const found = async (): Promise<readonly number[]> => {
      await production.query(`BEGIN READ ONLY; SET LOCAL search_path = ''`)
      const { rows } = await production.query<{ count: string }>(obligation?.sql ?? '')
      const shown = await production.query(obligation?.rowsSql ?? '')
      await production.query('ROLLBACK')
      return [Number(rows[0]?.count), shown.rows.length]
    }
    try {
      await production.query(LIVE)
      expect(await found()).toEqual([0, 0])
      await production.query(one.good)
      expect(await found()).toEqual([0, 0])
      await production.query('BEGIN')
      await production.query(one.text)
      await production.query('ROLLBACK')
      await production.query(one.bad)
      expect(await found()).toEqual([1, 1])
      await expect(production.query(one.text)).rejects.toThrow(one.message)
    } finally {
      await production.end()
    }
  })

  it('an older server cannot be asked which texts are no values of a type', async () => {
    const { obligations, unasked } = await derived('UPDATE users SET age = note::int', '22P02', 'invalid input syntax')
    expect(obligations.map(({ code }) => code)).toEqual(major < 16 ? [] : ['obligation/type'])
    expect(unasked.map(({ why }) => why)).toEqual(
      major < 16 ? ['before PostgreSQL 16 no query tells which texts are no int4'] : [],
    )
  })

  it.each([
    ['a cast in a CASE', `UPDATE users SET age = CASE WHEN note ~ '^.$' THEN note::int END`, '22P02'],
    ['a cast of what a function gives', 'UPDATE users SET age = strange(note)::int', '22P02'],
    ['one cast of two', 'UPDATE users SET age = note::int + substr(note, 2)::int', '22P02'],
    ['rows of two tables', 'UPDATE users SET age = o.note::int FROM users o WHERE o.id = users.age', '22P02'],
    ['a condition of its own', `DO $$ DECLARE n int := 1; BEGIN IF n > 2 THEN RAISE 'no'; END IF; END $$`, 'P0001'],
    [
      'another condition',
      `DO $$ BEGIN IF EXISTS (SELECT FROM users WHERE id = 0) THEN RAISE 'other'; END IF; FOR i IN 1..2 LOOP IF EXISTS (SELECT FROM users) THEN RAISE 'no'; END IF; END LOOP; END $$`,
      'P0001',
    ],
    [
      'a function of the schema',
      `DO $$ BEGIN IF EXISTS (SELECT FROM users WHERE strange(note) = '') THEN RAISE 'no'; END IF; END $$`,
      'P0001',
    ],
  ])('%s: nobody can be asked', async (_, text, sqlstate) => {
    const wanted = await derived(text, sqlstate, sqlstate === 'P0001' ? 'no' : 'invalid input syntax')
    expect(wanted.obligations).toEqual([])
  })
})
