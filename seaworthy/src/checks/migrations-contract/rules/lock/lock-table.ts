import { as } from '../../../../sql/tree.ts'
import { harm, NONE, type Rule } from '../../rule.ts'

/** ShareRowExclusiveLock and stronger keep writers away; ShareLock too. Source: lockdefs.h. */
const SHARE_LOCK = 5

export const rule: Rule = {
  code: 'lock/lock-table',
  title: 'Locks a table',
  profiles: ['online'],
  severity: 'error',
  why: 'Every write (in ACCESS EXCLUSIVE mode every read as well) waits until the migration commits.',
  instead: 'Let each statement take its own lock; change rows in batches.',
  production:
    'All writes, in the strongest mode all reads too, wait until the migration commits; whoever waited for a lock of its own before that waits as well.',
  steps: [
    'Leave the LOCK out: each statement takes what it needs.',
    'Where two things must not change between two statements, do it in one statement, or in batches with SELECT … FOR UPDATE.',
  ],
  falseAlarm:
    'A lock that is taken only to fail early, with a lock_timeout, directly before the statement that needs it.',
  bad: ['LOCK TABLE users;', 'LOCK TABLE users IN SHARE MODE;'],
  good: ['LOCK TABLE users IN ROW EXCLUSIVE MODE;', 'CREATE TABLE t (a int); LOCK TABLE t;'],
  statements: {
    LockStmt: (node, context) => {
      const live = (node.relations ?? [])
        .flatMap((one) => as(one, 'RangeVar') ?? [])
        .filter((one) => !context.isNewTable(one))
      if (live.length === 0 || (node.mode ?? SHARE_LOCK) < SHARE_LOCK) return NONE
      const subject = context.label('table', live.map((one) => context.nameOf(one)).join(', '))
      return harm(
        `locks ${subject} until the migration commits`,
        subject,
        "Leave the LOCK out. Where it has to be: SET LOCAL lock_timeout = '2s'; before it, so that it gives up instead of holding up every query, and the migration sent again until it gets through.",
      )
    },
  },
}
