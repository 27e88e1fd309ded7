import { harm, NONE, type Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'compat/drop-unique',
  title: 'Drops a primary key or unique constraint',
  profiles: ['online'],
  severity: 'error',
  why: 'ON CONFLICT in the running version needs it and fails. Duplicates come in meanwhile, and it cannot be put back over them. Foreign keys that refer to it are lost with CASCADE.',
  instead: 'Build the new unique index CONCURRENTLY and attach it first; drop the old one when no code relies on it.',
  production:
    'INSERT … ON CONFLICT fails with "no unique or exclusion constraint matching", or duplicates come in that have to be found by hand later.',
  steps: [
    'Build the new unique index CONCURRENTLY.',
    'Release code that relies on it.',
    'Drop the old constraint in a later release.',
  ],
  falseAlarm: 'Another unique index over the same columns exists, and no ON CONFLICT ON CONSTRAINT names this one.',
  bad: ['ALTER TABLE users DROP CONSTRAINT users_pkey;', 'ALTER TABLE users DROP CONSTRAINT users_email_key;'],
  good: [
    'ALTER TABLE orders DROP CONSTRAINT orders_total_check;',
    'CREATE TABLE t (a int PRIMARY KEY); ALTER TABLE t DROP CONSTRAINT t_pkey;',
  ],
  commands: {
    AT_DropConstraint: (command, context, node) => {
      const known = context.table(node.relation)?.constraints.find((one) => one.name === command.name)
      if (!context.changesLiveTable(node) || known === undefined) return NONE
      if (known.kind !== 'primary' && known.kind !== 'unique') return NONE
      const table = context.nameOf(node.relation)
      const what = known.kind === 'primary' ? 'primary key' : 'unique constraint'
      return harm(
        `drops ${what} ${known.name} of ${context.label('table', table)}`,
        context.label('constraint', `${table}.${known.name}`),
        `CREATE UNIQUE INDEX CONCURRENTLY … ON ${context.sql(table)} (…) first, and keep ${known.name} for this release.`,
      )
    },
  },
}
