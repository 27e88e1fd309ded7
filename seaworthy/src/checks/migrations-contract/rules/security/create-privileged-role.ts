import { isOptionOn, type Node } from '../../../../sql/tree.ts'
import { harm, type Harms, NONE, type Rule } from '../../rule.ts'

/** Attributes that reach beyond what a GRANT gives, by the grammar's word. */
const POWERS = ['superuser', 'bypassrls', 'createrole', 'isreplication']
const WORDS: Readonly<Record<string, string>> = { isreplication: 'REPLICATION' }

function gives(options: readonly Node[] | undefined, name: string): Harms {
  const powers = POWERS.filter((one) => isOptionOn(options, one)).map((one) => WORDS[one] ?? one.toUpperCase())
  if (powers.length === 0) return NONE
  return harm(`gives role ${name} ${powers.join(' and ')}`, `role ${name}`, `CREATE ROLE ${name} without them.`)
}

export const rule: Rule = {
  code: 'security/create-privileged-role',
  title: 'Makes a role that stands above privileges',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: 'SUPERUSER, BYPASSRLS, CREATEROLE and REPLICATION hold for the whole server, past every GRANT and every policy. Whoever gets hold of that role has all data.',
  instead:
    'Create the role without them, and grant what it needs. Server-wide roles belong where the server is managed.',
  production:
    'Whoever gets hold of that login reads and changes everything on the server, past every GRANT and policy.',
  steps: [
    'CREATE ROLE without these attributes.',
    'GRANT what it needs on the objects that it needs.',
    'Let an administrator make the few roles that need more.',
  ],
  falseAlarm: 'A server of this service alone whose roles are all managed by its migrations. Accept it in the policy.',
  bad: [
    'CREATE ROLE ops SUPERUSER;',
    "CREATE USER ops WITH PASSWORD 'x' BYPASSRLS;",
    'CREATE ROLE ops; ALTER ROLE ops CREATEROLE;',
    'CREATE ROLE copier LOGIN REPLICATION;',
  ],
  good: ['CREATE ROLE reader NOLOGIN NOSUPERUSER;'],
  statements: {
    CreateRoleStmt: (node) => gives(node.options, node.role ?? ''),
    AlterRoleStmt: (node, context) => {
      const name = node.role?.rolename ?? 'the current role'
      // A role that is live is spoken of by security/alter-role, whatever is changed.
      return context.isNewObject('role', [name]) ? gives(node.options, name) : NONE
    },
  },
}
