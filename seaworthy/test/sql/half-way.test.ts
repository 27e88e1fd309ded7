import { beforeAll, describe, expect, it } from 'vitest'
import { type Sending, halfWayPoints } from '../../src/sql/half-way.ts'
import { loadGrammar } from '../../src/sql/parse.ts'

beforeAll(loadGrammar)

const points = (sending: Partial<Sending>, ...texts: readonly string[]): string[] =>
  halfWayPoints({
    messages: texts.map((text) => ({ text, line: 1 })),
    isStatementByStatement: false,
    isInTransaction: false,
    ...sending,
  }).map(({ kind, index }) => `${kind} ${index}`)

const STATEMENTS = { isStatementByStatement: true }
const TRANSACTION = { isInTransaction: true }

describe('where a script can stop half-way', () => {
  it.each([
    ['between statements', STATEMENTS, 'SELECT 1; SELECT 2; SELECT 3', ['after 1', 'after 2']],
    ['not behind a SET', STATEMENTS, "SET lock_timeout = '2s'; SELECT 2; RESET ALL; SELECT 3", ['after 2']],
    [
      'not within a transaction of its own',
      STATEMENTS,
      'SELECT 0; BEGIN; SELECT 1; SELECT 2; COMMIT; SELECT 3',
      ['after 1', 'after 5'],
    ],
    ['nowhere in one message', {}, 'SELECT 1; SELECT 2', []],
    ['nowhere in one transaction', TRANSACTION, 'SELECT 1; SELECT 2', []],
    ['behind a COMMIT in one message', {}, 'SELECT 1; COMMIT; SELECT 2', ['after 2']],
    ['behind each COMMIT', {}, 'BEGIN; SELECT 1; COMMIT; BEGIN; SELECT 2; COMMIT', ['after 3']],
    ['behind a COMMIT that begins anew', {}, 'BEGIN; SELECT 1; COMMIT AND CHAIN; SELECT 2; COMMIT', ['after 3']],
    ['behind a COMMIT in the tool’s transaction', TRANSACTION, 'SELECT 1; COMMIT; SELECT 2; SELECT 3', ['after 2']],
    ['not behind a COMMIT of nothing', {}, 'COMMIT; SELECT 1', []],
    ['in an index that is being built', {}, 'CREATE INDEX CONCURRENTLY i ON t (a)', ['invalid-index 1']],
    [
      'and before it',
      STATEMENTS,
      'DROP INDEX CONCURRENTLY IF EXISTS i; CREATE INDEX CONCURRENTLY i ON t (a)',
      ['after 1', 'invalid-index 2'],
    ],
    ['not in one that is built in one go', STATEMENTS, 'CREATE INDEX i ON t (a)', []],
    ['in a block that commits', {}, 'DO $$BEGIN PERFORM 1; COMMIT; END$$', ['within 1']],
    ['not in one that does not', {}, "DO $$BEGIN PERFORM 'COMMIT'; END$$", []],
    ['not in one that may not', TRANSACTION, 'DO $$BEGIN PERFORM 1; COMMIT; END$$', []],
    ['in a procedure', {}, 'CALL backfill()', ['within 1']],
    ['nowhere in what is no SQL', STATEMENTS, 'SELECT 1; SELEC 2', []],
  ] as const)('%s', (_what, sending, text, expected) => {
    expect(points(sending, text)).toEqual(expected)
  })

  it('knows the messages of a file apart, and their lines', () => {
    expect(points(TRANSACTION, 'SELECT 1;', 'SELECT 2; SELECT 3;')).toEqual([])
    expect(points(TRANSACTION, 'SELECT 1; COMMIT;', 'SELECT 2; SELECT 3;', 'SELECT 4')).toEqual(['after 2', 'after 4'])
    const [point] = halfWayPoints({
      messages: [
        { text: '\nSELECT 1;', line: 1 },
        { text: '\n CREATE INDEX CONCURRENTLY i\n ON t (a)', line: 4 },
      ],
      isStatementByStatement: true,
      isInTransaction: false,
    }).slice(1)
    expect(point).toMatchObject({ kind: 'invalid-index', index: 2, message: 1, line: 5, column: 2, endLine: 6 })
  })
})
