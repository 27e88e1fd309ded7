import { describe, expect, it } from 'vitest'
import { outcomes, rehearse } from './rehearse.ts'

const TABLE = 'CREATE TABLE cases (id bigint PRIMARY KEY);'

describe('files with transaction commands of their own', () => {
  it('that leave a transaction open, sent as a batch or statement by statement', async () => {
    for (const send of ['batch', 'statements'] as const) {
      const run = await rehearse({ texts: [TABLE, 'BEGIN; ALTER TABLE cases ADD COLUMN a int;'], live: 1, send })
      expect(outcomes(run)).toEqual(['applied', 'failed'])
      expect(run.failure?.error).toMatchObject({ sqlstate: '25000', message: expect.stringContaining('BEGIN') })
    }
  })

  it('that take their own work back, while the ledger has them as applied', async () => {
    for (const send of ['batch', 'statements', 'transaction', 'pieces'] as const) {
      for (const text of ['ALTER TABLE cases ADD COLUMN a int;\nABORT;', 'BEGIN; SELECT 1;\nROLLBACK AND NO CHAIN;']) {
        const run = await rehearse({ texts: [TABLE, text], live: 1, send })
        expect(run.failure).toMatchObject({ error: { sqlstate: '40000' }, statement: { line: 2 } })
      }
    }
  })

  it('that go back to a savepoint, or only speak of ROLLBACK, are left alone', async () => {
    const text = `BEGIN; SAVEPOINT a; DROP TABLE cases; ROLLBACK TO a; COMMENT ON TABLE cases IS 'ROLLBACK'; COMMIT;`
    expect((await rehearse({ texts: [TABLE, text], live: 1 })).failure).toBeNull()
  })

  it('that commit and then fail leave half, and are not sent twice when something is provided', async () => {
    for (const send of ['batch', 'transaction'] as const) {
      // Sent once there is one row, and the division by zero that production would get.
      const text = `CREATE TABLE IF NOT EXISTS log (n int); INSERT INTO log VALUES (1);
        COMMIT;
        GRANT SELECT ON cases TO reader;
        SELECT 1 / (count(*) - 1) FROM log;`
      const run = await rehearse({ texts: [TABLE, text], live: 1, send })
      expect(run.failure).toMatchObject({ error: { sqlstate: '22012' }, statement: { line: 4 }, leavesHalf: true })
      expect(run.provided).toMatchObject([{ what: 'role', name: 'reader' }])
    }
    const plain = await rehearse({ texts: [TABLE, 'CREATE TABLE a (id int); COMMIT; SELECT 1 / 0;'], live: 1 })
    expect(plain.failure).toMatchObject({ error: { sqlstate: '22012' }, leavesHalf: true })
    const closed = await rehearse({ texts: [TABLE, 'BEGIN; CREATE TABLE a (id int); SELECT 1 / 0; COMMIT;'], live: 1 })
    expect(closed.failure).toMatchObject({ error: { sqlstate: '22012' }, leavesHalf: false })
  })
})
