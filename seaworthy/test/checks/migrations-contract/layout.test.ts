import * as fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { rules } from '../../../src/checks/migrations-contract/rules/index.ts'
import { loadGrammar, parseSql } from '../../../src/sql/parse.ts'
import { scanSync } from 'libpg-query'
import { codesOf, findingsOf } from './setting.ts'

beforeAll(loadGrammar)

const samples = rules.flatMap((rule) =>
  rule.bad.flatMap((sample) => {
    const { sql, ...rest } = typeof sample === 'string' ? { sql: sample } : sample
    return { code: rule.code, sql, asked: { ...rest, profile: rule.profiles[0] ?? ('online' as const) } }
  }),
)

const SPACE = [
  '\n',
  '  ',
  '\t',
  '\r\n',
  ' -- DROP nothing; here\n',
  ' /* a ; comment\n */ ',
  '\n-- {{ x }}\n',
  '/* /* nested */ */ ',
]

/** The tokens of a script, cut by the server's own scanner. */
function tokens(sql: string): string[] {
  const bytes = Buffer.from(sql)
  return scanSync(sql).tokens.map((token) => bytes.subarray(token.start, token.end).toString())
}

test('white space and comments between the words never remove a finding', () => {
  const spaced = samples.filter((one) => !one.sql.includes('\\.'))
  fc.assert(
    fc.property(
      fc.constantFrom(...spaced),
      fc.array(fc.constantFrom(...SPACE), { minLength: 1, maxLength: 12 }),
      ({ code, sql, asked }, spaces) => {
        const text = tokens(sql)
          .map((token, index) => token + (spaces[index % spaces.length] ?? ' '))
          .join('')
        expect(codesOf(text, asked)).toContain(code)
      },
    ),
    { numRuns: 250 },
  )
})

test('harmless statements before and after never remove a finding', () => {
  const harmless = fc.constantFrom(
    'SELECT 1;',
    "INSERT INTO notes (t) VALUES ('-- ; $$');",
    'CREATE TABLE IF NOT EXISTS z (a int);',
    "COMMENT ON TABLE z IS '/*';",
  )
  const free = samples.filter((one) => one.asked.send === undefined && !one.sql.includes('\\.'))
  fc.assert(
    fc.property(
      fc.constantFrom(...free),
      fc.array(harmless, { maxLength: 4 }),
      fc.array(harmless, { maxLength: 4 }),
      (one, before, after) => {
        expect(codesOf([...before, one.sql, ...after].join('\n'), one.asked)).toContain(one.code)
      },
    ),
    { numRuns: 200 },
  )
})

test('any text is judged without a crash, and never in silence if it does not parse', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.constantFrom(
          'DROP',
          'TABLE',
          'users',
          ';',
          "'",
          '$$',
          '--',
          '/*',
          '\n',
          '\r',
          '{{',
          '\\',
          ':x',
          '(',
          'SELECT',
          '1',
          'é',
          '😀',
        ),
        { maxLength: 14 },
      ),
      (words) => {
        const text = words.join(' ')
        const isRefused = findingsOf(text).some((one) => one.severity === 'error')
        expect(isRefused || parseSql(text).ok).toBe(true)
      },
    ),
    { numRuns: 300 },
  )
})
