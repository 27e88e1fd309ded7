import { type NodeOf, objectParts, type ObjectType } from '../../../../sql/tree.ts'
import { cascade } from '../../drops.ts'
import { harm, NONE, type Rule } from '../../rule.ts'

/** Kinds with a rule of their own, and extended statistics, without which plans change but nothing fails. */
const ELSEWHERE: ReadonlySet<ObjectType> = new Set<ObjectType>([
  'OBJECT_AGGREGATE',
  'OBJECT_DOMAIN',
  'OBJECT_EXTENSION',
  'OBJECT_FOREIGN_TABLE',
  'OBJECT_FUNCTION',
  'OBJECT_INDEX',
  'OBJECT_MATVIEW',
  'OBJECT_POLICY',
  'OBJECT_PROCEDURE',
  'OBJECT_ROUTINE',
  'OBJECT_RULE',
  'OBJECT_SCHEMA',
  'OBJECT_SEQUENCE',
  'OBJECT_STATISTIC_EXT',
  'OBJECT_TABLE',
  'OBJECT_TRIGGER',
  'OBJECT_TYPE',
  'OBJECT_VIEW',
])

const HINT = 'Keep it until nothing uses it, and drop it in a later release.'

/** `OBJECT_EVENT_TRIGGER` → `event trigger`. */
const sortOf = (node: NodeOf<'DropStmt'>): string =>
  (node.removeType ?? 'object')
    .replace('OBJECT_', '')
    .replace(/^TS/, 'TEXT SEARCH ')
    .replace('FDW', 'FOREIGN DATA WRAPPER')
    .replaceAll('_', ' ')
    .toLowerCase()

export const rule: Rule = {
  code: 'compat/drop-object',
  title: 'Drops an object that others may stand on',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: 'Casts, operators, collations, languages, foreign servers, publications and their like are used by queries, tables and other databases without being named in the release. What uses them fails, or with CASCADE goes too. A dropped publication or subscription ends a replication that cannot be resumed where it stood.',
  instead: 'Drop it in a later release, when nothing uses it any more.',
  production:
    'Queries that use it fail, or replication to another database stops and cannot be resumed where it stood.',
  steps: [
    'Find its users in the code, and in `pg_depend`.',
    'Move them to what takes its place, and release.',
    'Drop it in a later release, without CASCADE.',
  ],
  falseAlarm: 'An object that nothing has used since an earlier release. Accept it inline with that reason.',
  bad: [
    'DROP SERVER warehouse CASCADE;',
    'DROP LANGUAGE IF EXISTS plperl;',
    'DROP PUBLICATION changes;',
    'DROP SUBSCRIPTION changes;',
    'DROP CAST (int AS text);',
    'DROP OPERATOR === (int, int);',
    'DROP COLLATION german;',
    'DROP EVENT TRIGGER audit;',
    'DROP TEXT SEARCH CONFIGURATION simple_english;',
    'DROP USER MAPPING FOR app SERVER warehouse;',
  ],
  good: ['DROP STATISTICS IF EXISTS orders_user_status;'],
  statements: {
    DropStmt: (node, context) => {
      if (node.removeType !== undefined && ELSEWHERE.has(node.removeType)) return NONE
      const sort = sortOf(node)
      return (node.objects ?? []).map((object) => {
        const name = objectParts(object).join('.')
        const subject = name === '' ? sort : context.label(sort, name)
        return { message: `drops ${name === '' ? `a ${sort}` : subject}${cascade(node)}`, subject, hint: HINT }
      })
    },
    DropSubscriptionStmt: (node) => {
      const subject = `subscription ${node.subname ?? ''}`
      return harm(`drops ${subject}, and the place it stood at`, subject, HINT)
    },
    DropUserMappingStmt: (node) => {
      const subject = `user mapping of server ${node.servername ?? ''}`
      return harm(`drops the ${subject}`, subject, HINT)
    },
  },
}
