import { beforeAll, describe, expect, test } from 'vitest'
import { buildState, judgeWith } from '../../../src/checks/migrations-contract/index.ts'
import { DEFAULT_POLICY } from '../../../src/gate/policy.ts'
import type { Script } from '../../../src/observers/migration-tree/kind.ts'
import { loadGrammar } from '../../../src/sql/parse.ts'
import { codesOf, findingsOf, LIVE, script } from './setting.ts'

beforeAll(loadGrammar)

const judgeAll = (scripts: readonly Script[], given = LIVE, transaction: 'per-file' | 'all-pending' = 'per-file') =>
  judgeWith(buildState([script(given, 'live.sql')]), { scripts, transaction, settings: DEFAULT_POLICY.settings })

test('a statement that locks a table once is one harm, which names all that it does', () => {
  const two = 'ALTER TABLE users ADD CONSTRAINT a CHECK (age > 0), ADD CONSTRAINT b CHECK (age < 200)'
  expect(findingsOf(two)).toMatchObject([
    { code: 'lock/add-check', message: expect.stringMatching(/check a .*check b /) },
  ])
  expect(findingsOf('ALTER TABLE users DROP COLUMN age, DROP COLUMN nickname')).toHaveLength(2)
})

describe('a file that cannot be read is never passed over', () => {
  test.each([
    ['CREATE TABEL x (id int);', 'parse/syntax', 'fail', 1, 8],
    ['SELECT 1;\n  SELECT (;', 'parse/syntax', 'fail', 2, 11],
    ["SELECT 'not closed", 'parse/syntax', 'fail', 1, 8],
    ['\\restrict k3y\nSELECT 1;', 'parse/psql-command', 'fail', 1, 1],
    ['SELECT 1;\n\\connect other', 'parse/psql-command', 'fail', 2, 1],
    ['CREATE TABLE {{ .Schema }}.t (a int);', 'parse/templated', 'unproven', 1, 14],
    ['{% if x %}\nSELECT 1;\n{% endif %}', 'parse/templated', 'unproven', 1, 1],
    ['GRANT SELECT ON t TO <%= role %>;', 'parse/templated', 'unproven', 1, 22],
    ['GRANT SELECT ON t TO ${role};', 'parse/templated', 'unproven', 1, 22],
    ['COPY users (id) FROM stdin;\n1\n2\n\\.\nSELECT 1;', 'parse/copy-data', 'fail', 2, 1],
    ['COPY users FROM stdin;\n\\.\n', 'parse/copy-data', 'fail', 2, 1],
    ['GRANT SELECT ON users TO :app_role;', 'parse/psql-variable', 'fail', 1, 26],
    ["SET x = :'value';", 'parse/psql-variable', 'fail', 1, 9],
    ['\uFEFFCREATE TABLE t (a int);', 'parse/byte-order-mark', 'fail', 1, 1],
    ['', 'parse/empty', 'unproven', 1, 1],
    [' \n\t', 'parse/empty', 'unproven', 1, 1],
    ['-- nothing to do here', 'parse/empty', 'unproven', 1, 1],
    ['-- harmless\rDROP VIEW x;', 'parse/bare-carriage-return', 'fail', 1, 1],
  ])('%j: %s', (text, code, outcome, line, column) => {
    const { findings } = judgeAll([script(text)])
    expect(findings.filter((one) => one.code === code)).toMatchObject([{ outcome, where: { line, column } }])
  })

  test('a file that cannot be read proves nothing, and so does an empty one', () => {
    for (const text of ['SELEKT 1;', '', '-- only a comment']) expect(judgeAll([script(text)]).proved).toEqual([])
  })

  test('a comment explains an empty file where something else is pending', () => {
    const { findings } = judgeAll([script('-- This slot was given up.', 'a.sql'), script('SELECT 1;', 'b.sql')])
    expect(findings).toMatchObject([{ code: 'parse/empty', severity: 'warning', where: { file: 'a.sql' } }])
    expect(judgeAll([script('', 'a.sql'), script('SELECT 1;', 'b.sql')]).findings).toMatchObject([
      { outcome: 'unproven' },
    ])
  })

  test('markers inside of strings and comments are not templates', () => {
    expect(codesOf("-- {{ x }}\nINSERT INTO orders (status) VALUES ('{{ name }} :x \\d ${y}');")).toEqual([])
  })

  test('CRLF is an ordinary line ending', () => {
    expect(codesOf('-- a comment\r\nSELECT 1;\r\n-- another\r\n')).toEqual([])
  })

  test('a live file that cannot be read is said once, and makes nothing new', () => {
    const { findings } = judgeAll([script('CREATE TABLE IF NOT EXISTS t (a int); DROP TABLE t;')], 'SELEKT 1;')
    expect(findings.map((one) => [one.code, one.severity])).toEqual([
      ['parse/baseline-unread', 'note'],
      ['data-loss/drop-table', 'error'],
    ])
  })

  test('after a pending file that cannot be read, IF NOT EXISTS makes nothing new', () => {
    const next = 'CREATE TABLE IF NOT EXISTS t (a int); DROP TABLE t;'
    expect(judgeAll([script(next, 'b.sql')]).findings).toEqual([])
    const { findings } = judgeAll([script('SELEKT 1;', 'a.sql'), script(next, 'b.sql')])
    expect(findings.map((one) => one.code)).toEqual(['parse/syntax', 'data-loss/drop-table'])
  })

  test('places count as an editor does, behind characters of every width', () => {
    expect(findingsOf("SELECT 'ä€😀';\n/* 😀 */ DROP TABLE users;")[0]?.where).toMatchObject({ line: 2, column: 10 })
    expect(findingsOf("SELECT '😀'; SELECT (;")[0]?.where).toMatchObject({ line: 1, column: 22 })
  })
})

describe('names', () => {
  test.each([
    ['CREATE TABLE billing.t (a int); DROP TABLE billing.t;', []],
    ['CREATE TABLE billing.users (a int); DROP TABLE users;', ['data-loss/drop-table']],
    ['SET search_path = billing; CREATE TABLE users (a int); DROP TABLE users;', []],
    ['SET search_path = billing; CREATE TABLE users (a int); DROP TABLE public.users;', ['data-loss/drop-table']],
    ["SELECT set_config('search_path', '', false); CREATE TABLE public.t (a int); DROP TABLE public.t;", []],
    ['CREATE TEMP TABLE users (a int); DROP TABLE users; DROP TABLE users;', ['data-loss/drop-table']],
    ['CREATE TABLE t (a int); ALTER TABLE t RENAME TO t2; DROP TABLE t2;', []],
    ['CREATE TABLE "Users" (a int); DROP TABLE users;', ['data-loss/drop-table']],
    ['CREATE TABLE t AS SELECT 1 AS a; DROP TABLE t;', []],
    ['SELECT 1 AS a INTO t; DROP TABLE t;', []],
  ])('%s', (sql, codes) => expect(codesOf(sql)).toEqual(codes))

  test('a name in a schema that cannot be told means nothing in the next file', () => {
    const unknown = "SELECT set_config('search_path', x, false) FROM y; SET search_path = '';"
    const { findings } = judgeAll([
      script(`${unknown} CREATE TABLE t (a int);`, 'a.sql'),
      script(`${unknown} DROP TABLE t;`, 'b.sql'),
    ])
    expect(findings.map((one) => one.code)).toEqual(['data-loss/drop-table'])
  })

  test('a temporary table of one file hides nothing in the next', () => {
    const { findings } = judgeAll([
      script('CREATE TEMP TABLE users (a int);', 'a.sql'),
      script('DROP TABLE users;', 'b.sql'),
    ])
    expect(findings.map((one) => one.code)).toEqual(['data-loss/drop-table'])
  })
})

describe('what the state knows', () => {
  test.each([
    [
      'a check that is not validated lets nothing through',
      'ALTER TABLE users ADD CONSTRAINT c CHECK (nickname IS NOT NULL) NOT VALID; ALTER TABLE users ALTER nickname SET NOT NULL;',
      ['lock/set-not-null'],
    ],
    [
      'a larger scale is no free change',
      'ALTER TABLE users ALTER balance TYPE numeric(12,4);',
      ['lock/change-column-type'],
    ],
    [
      'a column that is back under its name is there',
      'ALTER TABLE people ADD x int; ALTER TABLE people DROP x; ALTER TABLE people ADD y int; ALTER TABLE people RENAME y TO x; INSERT INTO people (x) VALUES (1);',
      [],
    ],
  ])('%s', (_, sql, codes) => expect(codesOf(sql)).toEqual(codes))
})

describe('transactions', () => {
  const added = 'ALTER TABLE orders ADD CONSTRAINT c CHECK (total > 0) NOT VALID;'
  const validated = 'ALTER TABLE orders VALIDATE CONSTRAINT c;'

  test('two files commit for themselves, unless one transaction is around all', () => {
    const files = [script(added, 'a.sql', 'transaction'), script(validated, 'b.sql', 'transaction')]
    expect(judgeAll(files).findings).toEqual([])
    expect(judgeAll(files, LIVE, 'all-pending').findings.map((one) => one.code)).toEqual([
      'lock/validate-in-same-transaction',
    ])
  })

  test('a COMMIT divides a batch', () => {
    expect(codesOf(`BEGIN; ${added} COMMIT; BEGIN; ${validated} COMMIT;`, { send: 'batch' })).toEqual([])
    expect(codesOf(`${added} ${validated}`, { send: 'batch' })).toEqual(['lock/validate-in-same-transaction'])
  })

  test('pieces are messages of their own, with the lines of the file', () => {
    const pieces = [
      { text: 'CREATE INDEX CONCURRENTLY a ON orders (status);', line: 1 },
      { text: '\nDROP TABLE users;', line: 2 },
    ]
    const file: Script = {
      file: 'p.sql',
      text: pieces.map((one) => one.text).join('--> statement-breakpoint'),
      send: 'pieces',
      pieces,
    }
    expect(judgeAll([file]).findings).toMatchObject([{ code: 'data-loss/drop-table', where: { line: 3, column: 1 } }])
    expect(judgeAll([file], LIVE, 'all-pending').findings.map((one) => one.code)).toEqual([
      'apply/concurrently-in-transaction',
      'data-loss/drop-table',
    ])
  })

  test('an open BEGIN is a transaction for a tool that sends statements', () => {
    expect(codesOf('BEGIN; CREATE INDEX CONCURRENTLY a ON orders (status); COMMIT;')).toEqual([
      'apply/concurrently-in-transaction',
    ])
  })
})

describe('SQL inside of SQL', () => {
  test.each([
    ["DO $$ BEGIN EXECUTE 'DROP ' || 'TABLE ' || quote_ident('users'); END $$;", 'data-loss/drop-table'],
    [
      "DO $$ BEGIN EXECUTE format('ALTER TABLE %I DROP COLUMN %I', 'users', 'nickname'); END $$;",
      'data-loss/drop-column',
    ],
    ["DO $$ BEGIN EXECUTE format('TRUNCATE %I.%I', 'public', 'users'); END $$;", 'data-loss/truncate'],
    [
      'DO $$ BEGIN IF true THEN DELETE FROM users; END IF; EXCEPTION WHEN others THEN TRUNCATE orders; END $$;',
      'data-loss/truncate',
    ],
    ["DO LANGUAGE plpgsql 'BEGIN DELETE FROM users; END';", 'data-loss/delete-all'],
    ["DO $$ BEGIN FOR i IN 1..2 LOOP PERFORM setval('orders_id_seq', 1); END LOOP; END $$;", 'compat/restart-sequence'],
    [
      'CREATE FUNCTION f(a users) RETURNS void LANGUAGE plpgsql AS $$ BEGIN DELETE FROM users; END $$; SELECT f(u) FROM users u;',
      'data-loss/delete-all',
    ],
    ['CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN DELETE FROM users; END $$; CALL p();', 'data-loss/delete-all'],
    [
      'CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC DELETE FROM users; SELECT 1; END; SELECT f();',
      'data-loss/delete-all',
    ],
    [
      "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'SELECT g()'; CREATE FUNCTION g() RETURNS void LANGUAGE sql AS 'DELETE FROM users'; DO $$ BEGIN PERFORM f(); END $$;",
      'data-loss/delete-all',
    ],
    ['COPY (WITH d AS (DELETE FROM users RETURNING id) SELECT * FROM d) TO STDOUT;', 'data-loss/delete-all'],
    [
      'WITH m AS (MERGE INTO users USING orders ON true WHEN MATCHED THEN DELETE RETURNING 1) SELECT * FROM m;',
      'data-loss/merge-delete',
    ],
    ["SELECT dblink_exec('dbname=x', 'DROP TABLE users');", 'data-loss/drop-table'],
  ])('%s', (sql, code) => expect(codesOf(sql)).toContain(code))

  test('a body that is only defined does nothing', () => {
    expect(codesOf('CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN DELETE FROM users; END $$;')).toEqual(
      [],
    )
  })

  test('a finding in a block stands on its own line', () => {
    const sql =
      'SELECT 1;\nDO $body$\nDECLARE\n  n int;\nBEGIN\n  n := 1;\n  DELETE FROM users\n    WHERE true;\nEND\n$body$;'
    expect(findingsOf(sql)).toMatchObject([{ code: 'data-loss/delete-all', where: { line: 7, column: 3 } }])
  })

  test.each([
    "DO $$ DECLARE q text; BEGIN SELECT 'x' INTO q; EXECUTE q; END $$;",
    "DO LANGUAGE plperl $$ spi_exec_query('DROP TABLE users'); $$;",
    'DO $$ this is not PL/pgSQL $$;',
  ])('what cannot be read is said: %s', (sql) => {
    expect(findingsOf(sql)).toMatchObject([{ code: 'parse/dynamic-sql', severity: 'note' }])
  })

  test('a column whose name is put together at run time gets no SQL with a name that is not its own', () => {
    const sql = "DO $$ DECLARE c text; BEGIN EXECUTE format('ALTER TABLE users DROP COLUMN %I', c); END $$;"
    const dropped = findingsOf(sql).find((one) => one.code === 'data-loss/drop-column')
    expect(dropped?.hint).toMatch(/^Keep the column in this release.*drop it in a later one\.$/)
  })

  test('functions that call each other for ever are followed once', () => {
    const calls = Array.from({ length: 30 }, () => 'SELECT f();').join(' ')
    const sql = `CREATE FUNCTION f() RETURNS void LANGUAGE sql AS '${calls} DELETE FROM users'; SELECT f();`
    expect(findingsOf(sql).map((one) => one.code)).toEqual(['data-loss/delete-all'])
  })

  test('a chain that is too deep is said to be unread', () => {
    const made = Array.from(
      { length: 12 },
      (_, n) => `CREATE FUNCTION f${n}() RETURNS void LANGUAGE sql AS 'SELECT f${n + 1}()';`,
    )
    expect(codesOf(`${made.join('\n')} SELECT f0();`)).toEqual(['parse/dynamic-sql'])
  })

  test('a function that a block makes is followed too', () => {
    const sql =
      "DO $o$ BEGIN CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS 'BEGIN DELETE FROM users; END'; END $o$; SELECT f();"
    expect(codesOf(sql)).toEqual(['data-loss/delete-all'])
  })

  test.each([
    "DO $$ BEGIN CREATE TYPE size AS ENUM ('s'); EXCEPTION WHEN duplicate_object THEN null; END $$; DROP TYPE size;",
    'DO $$ BEGIN IF false THEN CREATE TYPE size AS (a int); END IF; END $$; DROP TYPE size;',
    'DO $$ BEGIN RETURN; CREATE TYPE size AS (a int); END $$; DROP TYPE size;',
  ])('what a block may not have made is not new: %s', (sql) => expect(codesOf(sql)).toEqual(['compat/drop-type']))

  test('what a block makes for certain is new', () => {
    expect(codesOf('DO $$ BEGIN CREATE TYPE size AS (a int); END $$; DROP TYPE size;')).toEqual([])
  })
})

describe('what is undone was never made', () => {
  test.each([
    'SAVEPOINT s; CREATE TABLE t (a int); ROLLBACK TO s; DROP TABLE t;',
    'BEGIN; CREATE TEMP TABLE users (a int); ROLLBACK; DROP TABLE users;',
    'BEGIN; CREATE TABLE t (a int); ABORT; DROP TABLE t;',
    'CREATE TEMP TABLE users (a int); DISCARD TEMP; DROP TABLE users;',
    'CREATE TEMP TABLE users (a int); DISCARD ALL; DROP TABLE users;',
    'BEGIN; CREATE TEMP TABLE users (a int) ON COMMIT DROP; COMMIT; DROP TABLE users;',
    'CREATE TEMP TABLE users ON COMMIT DROP AS SELECT 1; DROP TABLE users;',
    'DO $$ BEGIN IF false THEN CREATE TEMP TABLE users (a int); END IF; END $$; DROP TABLE users;',
    'CREATE TEMP TABLE users (a int); SET search_path = public, pg_temp; DROP TABLE users;',
    'CREATE TEMP TABLE users (a int); DROP TABLE public.users; DROP TABLE users; DROP TABLE users;',
    "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'CREATE TABLE t (a int)'; SELECT f() WHERE false; DROP TABLE t;",
    "SELECT set_config('search_path', 'billing', false); CREATE TABLE IF NOT EXISTS t (a int); DROP TABLE t;",
    'BEGIN; SET LOCAL search_path = billing; COMMIT; CREATE TABLE IF NOT EXISTS t (a int); DROP TABLE t;',
    "CREATE TEMP TABLE users (a int); SELECT set_config('search_path', 'public, pg_temp', false); DROP TABLE users;",
    'SET search_path = nowhere, public; CREATE TABLE IF NOT EXISTS users (a int); DROP TABLE users;',
    'ALTER TABLE users ADD x int; DISCARD ALL; DROP TABLE public.users;',
  ])('%s', (sql) => expect(codesOf(sql)).toEqual(['data-loss/drop-table']))

  test('a schema that is there is where things are made', () => {
    expect(codesOf('SET search_path = billing, public; CREATE TABLE IF NOT EXISTS t (a int); DROP TABLE t;')).toEqual(
      [],
    )
  })

  test('what is live in a schema that cannot be told may be what IF NOT EXISTS finds', () => {
    const given = "DO $$ BEGIN PERFORM set_config('search_path', 'app', false); END $$; CREATE TABLE t (a int);"
    expect(codesOf('CREATE TABLE IF NOT EXISTS app.t (a int); DROP TABLE app.t;', { given })).toEqual([
      'data-loss/drop-table',
    ])
  })

  test('public was there before', () => {
    expect(codesOf('CREATE SCHEMA IF NOT EXISTS public; DROP SCHEMA public CASCADE;')).toEqual([
      'data-loss/drop-schema',
    ])
  })

  test('a check that was rolled back guards nothing', () => {
    const sql =
      'BEGIN; ALTER TABLE users ADD CONSTRAINT c CHECK (nickname IS NOT NULL); ROLLBACK; ALTER TABLE public.users ALTER nickname SET NOT NULL;'
    expect(codesOf(sql)).toContain('lock/set-not-null')
    expect(findingsOf(sql).filter((one) => one.code === 'lock/set-not-null')).toHaveLength(1)
  })
})
