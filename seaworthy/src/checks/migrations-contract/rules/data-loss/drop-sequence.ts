import { dropHarms } from '../../drops.ts'
import type { Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'data-loss/drop-sequence',
  title: 'Drops a sequence',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: 'The number it stood at is lost: one made anew hands out numbers that are taken. Inserts that use it fail at once.',
  instead:
    'Point the columns at the new sequence first, release, and drop the old one when nothing calls nextval on it.',
  production:
    'Inserts that call nextval on it fail. If it is made again from 1, they fail later and one by one, with duplicate keys.',
  steps: [
    'Make the new sequence and start it above the highest number that is in use.',
    'Point the defaults and the code at it, and release.',
    'Drop the old one in a later release.',
  ],
  falseAlarm: 'A sequence that no default and no code uses; accept it in the policy by its subject.',
  bad: ['DROP SEQUENCE ticket_numbers;'],
  good: ['CREATE SEQUENCE batch_numbers; DROP SEQUENCE batch_numbers;'],
  statements: {
    DropStmt: (node, context) =>
      dropHarms(
        node,
        context,
        ['OBJECT_SEQUENCE'],
        (sequence) => ({
          message: `drops ${sequence} and the number it stands at`,
          hint: 'Keep it until no default and no code calls nextval on it.',
        }),
        'sequence',
      ),
  },
}
