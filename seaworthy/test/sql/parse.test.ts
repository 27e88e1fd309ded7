import { beforeAll, describe, expect, test } from 'vitest'
import { foldText } from '../../src/sql/constant.ts'
import { commentsOf, loadGrammar, parseSql, placeOf } from '../../src/sql/parse.ts'
import { fragmentsOf, fragmentsOfBody } from '../../src/sql/plpgsql.ts'
import { as, quoteName, typeText } from '../../src/sql/tree.ts'

beforeAll(loadGrammar)

const statements = (text: string) => {
  const parsed = parseSql(text)
  if (!parsed.ok) throw new Error(parsed.error.message)
  return parsed.statements
}

describe('parseSql', () => {
  test('places count from the first word, in any line ending and any script', () => {
    const text = "-- ä\r\nSELECT '😀';\r  SELECT 2;\n\n/* x */ SELECT 3"
    expect(statements(text).map(({ line, column, start, end }) => [line, column, text.slice(start, end)])).toEqual([
      [2, 1, "SELECT '😀'"],
      [3, 3, 'SELECT 2'],
      [5, 9, 'SELECT 3'],
    ])
    expect(placeOf('a\nbc', 3)).toEqual({ line: 2, column: 2 })
  })

  test('nothing is nothing', () => {
    for (const text of ['', ' \n', ';', '-- x']) expect(statements(text)).toEqual([])
  })

  test('an error is placed where the text stands, not where its bytes do', () => {
    const text = "SELECT '😀é'; SELECT 1 frm x y;"
    const parsed = parseSql(text)
    expect(parsed).toMatchObject({ ok: false, error: { offset: text.indexOf('x y'), line: 1 } })
  })
})

test('comments are what the scanner takes for one; a text that cannot be scanned has none to offer', () => {
  expect(commentsOf("SELECT '-- no', $$ -- no $$; -- yes\n/* and\nyes */")?.map((one) => [one.text, one.line])).toEqual(
    [
      ['-- yes', 1],
      ['/* and\nyes */', 2],
    ],
  )
  expect(commentsOf("SELECT 'open -- x")).toBeNull()
})

test.each([
  ['int', 'int4'],
  ['varchar(20)', 'varchar(20)'],
  ['numeric(10, 2)', 'numeric(10,2)'],
  ['timestamp with time zone', 'timestamptz'],
  ['timestamptz(3)', 'timestamptz(3)'],
  ['interval(2)', 'interval(2)'],
  ['text[]', 'text[]'],
  ['app.mood', 'app.mood'],
])('the type %s is spelt %s', (sql, spelt) => {
  const cast = as(
    as(as(statements(`SELECT x::${sql}`)[0]?.node, 'SelectStmt')?.targetList?.[0], 'ResTarget')?.val,
    'TypeCast',
  )
  expect(typeText(cast?.typeName)).toBe(spelt)
})

test.each([
  ["'a' || 'b'", 'ab', true],
  ["'a' || x", 'a"?"', false],
  ["format('drop table %I.%I', 'a', 'B')", 'drop table a."B"', true],
  ["format('x = %L, %% %s %2$I', 'it''s', 'b')", "x = 'it''s', % b b", true],
  ["concat('a', 1, quote_literal('x'))", "a1'x'", true],
  ["'a'::text || quote_ident('b c')", 'a"b c"', true],
  ["format('drop table %I', x)", 'drop table "?"', false],
  ['f()', '"?"', false],
])('%s reads %s', (sql, text, isExact) => {
  const value = as(as(statements(`SELECT ${sql}`)[0]?.node, 'SelectStmt')?.targetList?.[0], 'ResTarget')?.val
  expect(foldText(value)).toEqual({ text, isExact })
})

describe('PL/pgSQL', () => {
  test('its SQL comes out with role and line', () => {
    const body =
      "DO $$\nDECLARE a int := f(1);\nBEGIN\n  DELETE FROM t;\n  EXECUTE 'x' || a;\n  IF g() THEN COMMIT; END IF;\n  a := h(2);\nEND $$"
    expect(fragmentsOf(body)?.map((one) => [one.role, one.sql.trim(), one.line])).toEqual([
      ['expression', 'f(1)', 2],
      ['statement', 'DELETE FROM t', 4],
      ['dynamic', "'x' || a", 5],
      ['expression', 'g()', 6],
      ['transaction', 'COMMIT', 6],
      ['expression', 'h(2)', 7],
    ])
  })

  test('what it cannot read is null, and a body may hold any quote', () => {
    expect(fragmentsOf('DO $$ nonsense $$')).toBeNull()
    expect(fragmentsOfBody('BEGIN EXECUTE $seaworthy$x$seaworthy$; END')).toMatchObject([{ role: 'dynamic' }])
  })
})

test('names are quoted where they have to be', () => {
  expect(['a', 'A', 'a b', 'a"b'].map(quoteName)).toEqual(['a', '"A"', '"a b"', '"a""b"'])
})
