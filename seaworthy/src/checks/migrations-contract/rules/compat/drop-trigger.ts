import { as } from '../../../../sql/tree.ts'
import { liveDrops } from '../../drops.ts'
import { NONE, type Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'compat/drop-trigger',
  title: 'Drops a trigger or rule of an existing table',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: 'What the trigger kept true (an audit trail, a derived column, a check) is no longer kept, also for the version that still runs and relies on it.',
  instead: 'Let the new version do the work first, and drop the trigger in a later release.',
  falseAlarm: 'A trigger that is dropped and made again under its name in the same transaction is let through.',
  production:
    'Writes succeed, and what the trigger did beside them no longer happens: no audit row, no derived value, no check.',
  steps: [
    'Let the new version, or a new trigger, do the work.',
    'Look for a while whether both come to the same.',
    'Drop the old trigger in a later release.',
  ],
  bad: ['DROP TRIGGER audit ON users;', 'DROP RULE keep ON users;'],
  good: [
    'CREATE TABLE t (a int); DROP TRIGGER IF EXISTS audit ON t;',
    {
      sql: 'DROP TRIGGER IF EXISTS audit ON users; CREATE TRIGGER audit AFTER UPDATE ON users FOR EACH ROW EXECUTE FUNCTION audit();',
      send: 'transaction',
    },
  ],
  statements: {
    DropStmt: (node, context) => {
      const dropped = liveDrops(node, context, ['OBJECT_TRIGGER', 'OBJECT_RULE'])
      if (dropped.length === 0) return NONE
      return dropped.flatMap((one) => {
        const own = one.parts.at(-1) ?? ''
        const table = context.name(one.parts.slice(0, -1))
        const isMadeAgain = context.later
          .flatMap((later) => as(later, 'CreateTrigStmt') ?? [])
          .some((made) => made.trigname === own && context.nameOf(made.relation) === table)
        if (isMadeAgain) return []
        const sort = node.removeType === 'OBJECT_RULE' ? 'rule' : 'trigger'
        const subject = context.label(sort, `${table}.${own}`)
        return {
          message: `drops ${sort} ${own} of ${context.label('table', table)}`,
          subject,
          hint: 'Keep it until the new version does its work.',
        }
      })
    },
  },
}
