import { beforeAll, expect, test } from 'vitest'
import { allowsOf } from '../../src/checks/migrations-contract/allow.ts'
import { readScript } from '../../src/checks/migrations-contract/script.ts'
import { syntaxFinding } from '../../src/checks/migrations-contract/unread.ts'
import { isHeavy } from '../../src/sql/heavy.ts'
import { commentsOf, loadGrammar, parseSql } from '../../src/sql/parse.ts'
import { treeOf } from '../../src/sql/plpgsql.ts'
import { tokensOf } from '../../src/sql/tokens.ts'

beforeAll(loadGrammar)

const MANY = 200_000
const SOME = 5_000

/** What a stranger may put into a bundle. */
const HEAVY: readonly (readonly [what: string, text: string, isRead: boolean])[] = [
  ['comments that are opened', '/*'.repeat(MANY), false],
  ['comments in comments', '/*'.repeat(MANY) + '*/'.repeat(MANY), false],
  ['operators', `SELECT ${'+'.repeat(MANY)}1`, false],
  ['minus and plus', `SELECT ${'+-'.repeat(MANY)}1`, false],
  ['deep parentheses', `SELECT ${'('.repeat(SOME)}`, false],
  ['deep sums', `SELECT ${'1+'.repeat(10 * SOME)}1`, false],
  ['deep arrays', `SELECT ${'ARRAY['.repeat(SOME)}`, false],
  ['quotes', "'".repeat(2 * MANY + 1), false],
  ['dollar quotes', '$a$ '.repeat(MANY) + '$b$', false],
  ['semicolons behind an error', `x${';('.repeat(SOME)}`, false],
  ['semicolons in a comment', `/*${';'.repeat(MANY)}`, false],
  ['comments of one line', '-- é\n'.repeat(SOME), true],
  ['comments on one line', '/* x */'.repeat(SOME), true],
  ['acceptances', '-- seaworthy:allow a/b\n'.repeat(SOME), true],
  ['acceptances on one line', '/* seaworthy:allow a/b */'.repeat(SOME), true],
  ['blanks before comments', ' '.repeat(MANY) + '/* seaworthy:allow a/b */'.repeat(SOME), true],
  ['a word for each é', `-- é\n${'a '.repeat(SOME)}`, false],
]

const script = (text: string) => ({ file: 'x.sql', text, send: 'batch' as const, pieces: null })

test.each(HEAVY)('%s are read, or said not to be, in no time', (_what, text, isRead) => {
  const startedAt = performance.now()
  const [message] = readScript(script(text)).messages
  if (message === undefined) throw new Error('no message')
  expect(message.error === null).toBe(isRead)
  const finding = message.error === null ? null : syntaxFinding(message, message.error, 'x.sql')
  expect(finding?.outcome).toBe(isRead ? undefined : message.error?.isUnread === true ? 'unproven' : 'fail')
  allowsOf(message, 'x.sql', [])
  tokensOf(text)
  treeOf(`DO $$ BEGIN ${text} END $$`)
  expect(performance.now() - startedAt).toBeLessThan(2_000)
})

test('what nobody can read in time has neither tokens nor comments, and is no empty script', () => {
  const text = '/*'.repeat(MANY) + '*/'.repeat(MANY)
  expect(parseSql(text)).toMatchObject({ ok: false, error: { isUnread: true } })
  expect(commentsOf(text)).toBeNull()
  expect(tokensOf(`${text} 1`)).toBeNull()
  expect(treeOf(`DO $$ BEGIN ${text} END $$`)).toBeNull()
})

test('rulers of comments are nothing', () => {
  expect(isHeavy(`-- ${'='.repeat(200)}\n`.repeat(10_000))).toBe(false)
  expect(isHeavy(`/*${'*'.repeat(5_000)}*/ SELECT 1`.padEnd(100_000))).toBe(false)
  expect(isHeavy('a+b '.repeat(MANY))).toBe(false)
  expect(isHeavy('/'.repeat(8_000))).toBe(false)
  expect(isHeavy('/'.repeat(8_001))).toBe(true)
  expect(isHeavy('/'.repeat(4_000).concat(' ').repeat(8))).toBe(true)
})
