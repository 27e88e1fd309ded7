import { beforeAll, describe, expect, it } from 'vitest'
import { migrationsContract } from '../../../src/checks/migrations-contract/index.ts'
import { buildState, judgeWith } from '../../../src/checks/migrations-contract/judge.ts'
import { DEFAULT_POLICY } from '../../../src/gate/policy.ts'
import type { Judgement } from '../../../src/gate/verdict.ts'
import { LIVE, script } from './setting.ts'

beforeAll(async () => migrationsContract.prepare?.())

/** The judgement of one file that is called `1.sql`. */
const judged = (text: string, live: readonly string[] = [LIVE], profile: 'online' | 'additive' = 'online'): Judgement =>
  judgeWith(buildState(live.map((one) => script(one, 'live.sql'))), {
    scripts: [script(text, '1.sql')],
    transaction: 'per-file',
    settings: { ...DEFAULT_POLICY.settings, profile },
  })
const codesOf = (...given: Parameters<typeof judged>): string[] => judged(...given).findings.map((one) => one.code)

describe('several statements of one file', () => {
  const twice = (called: string): string[] => {
    const made = (name: string, body: string): string =>
      `CREATE FUNCTION ${name}() RETURNS void LANGUAGE plpgsql AS $$ BEGIN ${body} END $$;`
    const both = `${made('f', 'PERFORM 1;')}\n${made('g', 'DROP TABLE orders;')}\n`
    const release = codesOf(`${both} SELECT ${called}();`)
    const before = codesOf(`SELECT ${called}()`, [LIVE, both])
    expect(before).toEqual(release)
    return release
  }

  it('are read each for itself, whichever function is called', () => {
    expect(twice('f')).toEqual([])
    expect(twice('g')).toEqual(['data-loss/drop-table'])
  })

  it('have each its own form to write instead', () => {
    const hintIn = (sql: string) => judged(sql).findings[0]?.hint
    const index = 'CREATE INDEX a ON users (age)'
    expect(hintIn(`SELECT 1;\n${index};\nSELECT 2;`)).toBe(hintIn(index))
  })

  it('are no empty file because one piece of it is', () => {
    const pieces = [
      { text: 'SELECT 1;', line: 1 },
      { text: '-- nothing', line: 2 },
    ]
    const work = { transaction: 'per-file', settings: DEFAULT_POLICY.settings } as const
    expect(judgeWith(buildState([]), { ...work, scripts: [{ ...script('', '1.sql', 'pieces'), pieces }] })).toEqual({
      findings: [],
      proved: [expect.stringContaining('1 pending migration read statically (1 statement, ')],
      allows: [],
    })
  })
})

describe('several harms of one statement', () => {
  it('are told each, also where code and subject are the same', () => {
    expect(codesOf('DROP TABLE orders, orders')).toEqual(['data-loss/drop-table', 'data-loss/drop-table'])
  })

  it('are told each where their locks have other codes', () => {
    const sql = 'ALTER TABLE users ADD CONSTRAINT a CHECK (age > 0), ALTER COLUMN nickname SET NOT NULL'
    expect(codesOf(sql)).toEqual(['lock/add-check', 'lock/set-not-null'])
  })

  it('and in the profile additive as well, but for its locks', () => {
    const sql = 'DROP TABLE orders; CREATE INDEX a ON users (age)'
    expect(codesOf(sql)).toEqual(['data-loss/drop-table', 'lock/create-index'])
    expect(codesOf(sql, [LIVE], 'additive')).toContain('data-loss/drop-table')
    expect(codesOf(sql, [LIVE], 'additive')).not.toContain('lock/create-index')
  })
})

describe('blocks in blocks', () => {
  const nested = (count: number, innermost: string): string =>
    count === 0
      ? innermost
      : `DO $b${count}$ BEGIN\nEXECUTE $e${count}$${nested(count - 1, innermost)}$e${count}$; END $b${count}$`

  it('of what is live are read nine deep', () => {
    const made = (count: number): string[] =>
      Object.keys(buildState([script(nested(count, 'CREATE TABLE t (a int)'))]).tables)
    expect(made(9)).toEqual(['public.t'])
    expect(made(10)).toEqual([])
  })

  it('of what is pending are told where the outermost runs them', () => {
    const where = (count: number) => judged(nested(count, 'DROP TABLE orders')).findings.map((one) => one.where)
    expect(where(1)).toEqual([{ file: '1.sql', line: 2, column: 9 }])
    expect(where(3)).toEqual([{ file: '1.sql', line: 2, column: 9 }])
  })

  it('may have made functions that are called later', () => {
    const made =
      "DO $o$ BEGIN CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS 'BEGIN DROP TABLE orders; END'; END $o$"
    expect(codesOf('SELECT f()', [LIVE, made])).toEqual(['data-loss/drop-table'])
  })
})
