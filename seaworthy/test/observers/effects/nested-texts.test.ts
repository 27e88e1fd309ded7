import { beforeAll, describe, expect, it } from 'vitest'
import { plainError } from '../../../src/migrations/engine.ts'
import { type NestedTexts, onlyInFaithful } from '../../../src/observers/effects/nested-texts.ts'
import { loadGrammar } from '../../../src/sql/parse.ts'
import { migrationsOf } from '../../postgres/rehearse.ts'

const before = [{ object: 'table public.orders_20240101', definition: '' }]
const run = (texts: readonly string[] | null) => ({
  texts: { texts, tooMany: null } satisfies NestedTexts,
  failure: null,
  before,
})
const missing = (ran: readonly string[], told: readonly string[], ...files: string[]): string[] =>
  onlyInFaithful(run(ran), run(told), migrationsOf(files))

beforeAll(loadGrammar)

describe('what only the faithful run ran', () => {
  it('is told, without its constants', () => {
    expect(missing(['delete from users where id < $1', 'SELECT 1'], ['SELECT 2'])).toEqual([
      'only the faithful run ran delete from users where id < ?',
    ])
    expect(missing([`ALTER ROLE app PASSWORD 'secret'`], [])).toEqual([
      'only the faithful run ran ALTER ROLE app PASSWORD ?',
    ])
  })

  it('is nothing where both ran the same, or the traced run more', () => {
    expect(missing(['SELECT 1'], ['SELECT 1', 'DELETE FROM users'])).toEqual([])
    expect(missing(['SELECT f($1 /*, ... */)'], ['SELECT f(1, 2, 3)'])).toEqual([])
    expect(missing([`COMMENT ON TABLE a IS 'on Monday'`], [`COMMENT ON TABLE a IS 'on Tuesday'`])).toEqual([])
    expect(missing(['select\n  1 -- one'], ['select 1;'])).toEqual([])
  })

  it('is compared statement by statement where the server kept a whole file', () => {
    const file = `BEGIN; CREATE TEMP TABLE t AS SELECT interval '1 day' AS d; UPDATE users SET age = 1; COMMIT;`
    const kept = `BEGIN; CREATE TEMP TABLE t AS SELECT interval $1 AS d; UPDATE users SET age = $2; COMMIT`
    expect(missing([kept], [], file)).toEqual([])
    expect(missing([file], [], file)).toEqual([])
    expect(missing([kept], [], file.replace('age', 'weight'))).toEqual([
      'only the faithful run ran UPDATE users SET age = ?',
    ])
    const made = `CREATE FUNCTION purge() RETURNS void BEGIN ATOMIC DELETE FROM users; END; SELECT purge()`
    expect(missing(['DELETE FROM users'], [], made)).toEqual(['only the faithful run ran DELETE FROM users'])
    expect(missing(['SELECT a.b'], ['SELECT a, b'])).toEqual(['only the faithful run ran SELECT a . b'])
  })

  it('keeps to itself what the grammar cannot read', () => {
    expect(missing([`ALTER ROLE app PASSWORD 'secret`], [])).toEqual([
      'only the faithful run ran a text that the grammar cannot read',
    ])
  })

  it('is nothing where only a name is another one each time', () => {
    expect(missing(['CREATE TEMP TABLE t_1f0a93'], ['CREATE TEMP TABLE t_77ac02'])).toEqual([])
    expect(missing(['DELETE FROM orders_20240101'], ['DELETE FROM orders_20250101'])).toHaveLength(1)
    expect(missing(['DROP TABLE "work_41"'], ['DROP TABLE work_4711'])).toEqual([])
  })

  it('is not known where nobody kept the texts, or a run stopped', () => {
    expect(onlyInFaithful(run(null), run([]), [])).toEqual([])
    const failure = { file: '', version: '', error: plainError(null, '') }
    expect(
      onlyInFaithful(
        {
          ...run(['SELECT 1']),
          failure: {
            ...failure,
            statement: null,
            owner: null,
            leavesHalf: false,
            missingExtension: null,
            isInfrastructure: false,
          },
        },
        run([]),
        [],
      ),
    ).toEqual([])
  })

  it('is cut where it is too much to read', () => {
    const many = Array.from({ length: 9 }, (_, at) => `DELETE FROM ${'x'.repeat(300)}${String.fromCodePoint(97 + at)}`)
    const told = missing(many, [])
    expect(told.length).toBe(5)
    expect(Math.max(...told.map((line) => line.length))).toBeLessThan(200)
  })
})
