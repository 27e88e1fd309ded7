import { as, isOptionOn } from '../../../../sql/tree.ts'
import { harm, NONE, type Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'lock/vacuum-full',
  title: 'Rewrites a table with VACUUM FULL',
  profiles: ['online'],
  severity: 'error',
  why: 'It copies the whole table while nobody reads or writes it, and needs as much disk again.',
  instead: 'Plain VACUUM, or a tool that repacks online, outside of migrations.',
  production: 'Nobody reads or writes the table until the copy is done, and it needs as much disk again.',
  steps: [
    'Plain VACUUM makes the room usable again.',
    'To give it back to the disk, repack online with a tool outside of migrations, or take a quiet hour.',
  ],
  falseAlarm: 'A table that is known to stay small.',
  bad: ['VACUUM FULL users;', 'VACUUM (FULL, ANALYZE) users;'],
  good: ['VACUUM ANALYZE users;'],
  statements: {
    VacuumStmt: (node, context) => {
      if (node.is_vacuumcmd !== true || !isOptionOn(node.options, 'full')) return NONE
      const ranges = (node.rels ?? []).map((one) => as(one, 'VacuumRelation')?.relation)
      if (ranges.length > 0 && ranges.every((one) => context.isNewTable(one))) return NONE
      const tables = ranges.map((one) => context.nameOf(one)).join(', ')
      const subject = tables === '' ? 'the database' : context.label('table', tables)
      return harm(`copies ${subject} while nobody can read or write it`, subject, 'VACUUM without FULL.')
    },
  },
}
