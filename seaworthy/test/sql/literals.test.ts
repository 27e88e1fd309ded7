import { beforeAll, describe, expect, it } from 'vitest'
import { withoutLiterals } from '../../src/sql/literals.ts'
import { loadGrammar } from '../../src/sql/parse.ts'

beforeAll(loadGrammar)

describe('a query without literals', () => {
  it.each([
    ["SELECT a FROM t WHERE b = 'x' -- c", 'SELECT a FROM t WHERE b = $1'],
    ['SELECT $1 + -12345 + 7, 1.5, true, null FROM t /* c */ ;', 'SELECT $1 + $2 + 7, $3, true, null FROM t'],
    [
      String.raw`INSERT INTO t VALUES ($1, x'ff', B'1', E'a\'b', $$c$$, U&'d')`,
      'INSERT INTO t VALUES ($1, $2, $3, $4, $5, $6)',
    ],
    ['SELECT $1::varchar(255), cast($2 AS numeric(10,200))', 'SELECT $1::varchar(255), cast($2 AS numeric(10,200))'],
    [
      'SELECT DATE $1, \'ü\' AS "ü" FROM t WHERE é = timestamp with time zone $2',
      'SELECT CAST($1 AS DATE), $3 AS "ü" FROM t WHERE é = CAST($2 AS timestamp with time zone)',
    ],
    ['SELECT extract(year FROM d) FROM t ORDER BY 1 LIMIT 5', 'SELECT extract(year FROM d) FROM t ORDER BY 1 LIMIT 5'],
    [
      "WITH x AS (SELECT 'a' FROM t) SELECT * FROM x, pg_class",
      'WITH x AS (SELECT $1 FROM t) SELECT * FROM x, pg_class',
    ],
    ['SELECT pg_sleep_like(a), own.f(a) FROM t', 'SELECT pg_sleep_like(a), own.f(a) FROM t'],
    ['SELECT own.f(), pg_catalog.now()', 'SELECT own.f(), pg_catalog.now()'],
    ['SELECT a FROM t WHERE b IN ($1 /*, ... */)', 'SELECT a FROM t WHERE b IN ($1  )'],
    [
      "UPDATE t SET a = 'b' FROM xmltable('/a' PASSING d COLUMNS e text PATH 'p')",
      'UPDATE t SET a = $1 FROM xmltable($2 PASSING d COLUMNS e text PATH $3)',
    ],
    ['SELECT 1 AS "it\'s"', 'SELECT 1 AS "it\'s"'],
  ])('%s', (query, text) => {
    expect(withoutLiterals(query)).toEqual({ text })
  })

  it.each([
    ["SET x = 'secret'", 'utility'],
    ["CALL p('secret')", 'utility'],
    ["SELECT 1; SELECT 'secret'", 'utility'],
    ["COPY (SELECT 'secret') TO STDOUT", 'utility'],
    ["SELECT 'secret", 'unreadable'],
    ["SELECT FROM WHERE 'secret'", 'unreadable'],
    ["SELECT U&'d!0061' UESCAPE '!' FROM t", 'literal'],
    ['SELECT relname FROM pg_class, information_schema.tables', 'catalogue'],
    ["WITH x AS (SELECT 'a' FROM pg_class) SELECT * FROM x, pg_class", 'catalogue'],
    ["SELECT pg_catalog.set_config('search_path', '', false)", 'catalogue'],
    ['SELECT calls FROM ext.pg_stat_statements', 'catalogue'],
    ['', 'utility'],
  ])('%s is left out', (query, leftOut) => {
    expect(withoutLiterals(query)).toEqual({ leftOut })
  })
})
