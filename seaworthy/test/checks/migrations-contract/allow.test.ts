import { beforeAll, expect, test } from 'vitest'
import { loadGrammar } from '../../../src/sql/parse.ts'
import { codesOf, findingsOf } from './setting.ts'

beforeAll(loadGrammar)

const INDEX = 'CREATE INDEX ON orders (status);'
const ALLOW = '-- seaworthy:allow lock/create-index reason="200 rows, never more"'

test('an acceptance with a reason makes a note that names it', () => {
  expect(findingsOf(`${ALLOW}\n${INDEX}`)).toMatchObject([
    {
      code: 'lock/create-index',
      severity: 'note',
      outcome: 'none',
      message: expect.stringContaining('200 rows, never more'),
    },
  ])
})

test.each([
  ['further comments between', `${ALLOW}\n-- and another line\n${INDEX}`],
  ['a block comment', `/* seaworthy:allow lock/create-index\n   reason="small table" */\n${INDEX}`],
  [
    'two codes, two comments',
    `${ALLOW}\n-- seaworthy:allow compat/drop-default reason="nobody inserts"\nDO $$ BEGIN CREATE INDEX ON orders (status); ALTER TABLE orders ALTER status DROP DEFAULT; END $$;`,
  ],
  ['CRLF', `SELECT 1;\r\n${ALLOW}\r\n${INDEX}`],
])('accepts: %s', (_, sql) => expect(findingsOf(sql).map((one) => one.severity)).not.toContain('error'))

test.each([
  ['no reason', `-- seaworthy:allow lock/create-index\n${INDEX}`, 'policy/allow-without-reason'],
  ['an empty reason', `-- seaworthy:allow lock/create-index reason=" "\n${INDEX}`, 'policy/allow-without-reason'],
  [
    'a reason that says nothing',
    `-- seaworthy:allow lock/create-index reason="small"\n${INDEX}`,
    'policy/allow-without-reason',
  ],
  ['no code', `-- seaworthy:allow reason="x"\n${INDEX}`, 'policy/allow-without-reason'],
  [
    'a closed family',
    `-- seaworthy:allow data-loss/truncate reason="it is a cache"\nTRUNCATE orders;`,
    'policy/allow-not-permitted',
  ],
  ['another code', `-- seaworthy:allow lock/reindex reason="a small table"\n${INDEX}`, 'policy/unused-allow'],
  ['a line left free', `${ALLOW}\n\n${INDEX}`, 'policy/unused-allow'],
  ['behind another statement', `SELECT 1; ${ALLOW}\n${INDEX}`, 'policy/unused-allow'],
  ['below the statement', `${INDEX}\n${ALLOW}`, 'policy/unused-allow'],
  ['the first lines of a file', `${ALLOW}\n\nSELECT 1;\n${INDEX}`, 'policy/unused-allow'],
])('refuses: %s', (_, sql, code) => {
  const findings = findingsOf(sql)
  expect(findings.map((one) => one.code)).toContain(code)
  expect(findings.filter((one) => one.severity === 'error').length).toBeGreaterThan(0)
})

test('without a reason the finding itself stays', () => {
  const findings = findingsOf(`-- seaworthy:allow lock/create-index\n${INDEX}`)
  expect(findings.find((one) => one.code === 'lock/create-index')).toMatchObject({ severity: 'error', outcome: 'fail' })
})

test.each([
  ['a string', `SELECT '\n${ALLOW}\n';${INDEX}`],
  ['a body', `DO $$ BEGIN\n${ALLOW}\nCREATE INDEX ON orders (status); END $$;`],
])('what stands in %s accepts nothing, and is no acceptance', (_, sql) => {
  expect(codesOf(sql)).toEqual(['lock/create-index'])
})

test('families that never are open stay closed, whatever the policy says', () => {
  const codes = codesOf(
    '-- seaworthy:allow security/revoke reason="nobody reads it"\nREVOKE SELECT ON users FROM app;',
    {
      inlineAcceptance: ['security', 'lock'],
    },
  )
  expect(codes).toEqual(['security/revoke', 'policy/allow-not-permitted'])
})
