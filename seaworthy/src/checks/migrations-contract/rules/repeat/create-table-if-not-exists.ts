import { harm, NONE, type Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'repeat/create-table-if-not-exists',
  title: 'Creates a table without IF NOT EXISTS',
  profiles: ['additive'],
  severity: 'error',
  why: 'Where data is carried from one version to another, a migration may meet its own table: without IF NOT EXISTS it fails, and the service with it.',
  instead: 'CREATE TABLE IF NOT EXISTS.',
  production: 'A tenant whose data has been through that version before does not come up: "relation already exists".',
  steps: [
    'CREATE TABLE IF NOT EXISTS.',
    'Columns that come later are added by ALTER TABLE … ADD COLUMN, never by another CREATE TABLE of the name.',
  ],
  falseAlarm:
    'A folder whose ledger travels with the data, so that no migration meets its own work. The profile `online` does not ask for it.',
  bad: ['CREATE TABLE t (a int);', 'CREATE TABLE copy AS SELECT 1 AS n;'],
  good: ['CREATE TABLE IF NOT EXISTS t (a int);', 'CREATE TEMP TABLE t (a int);'],
  statements: {
    CreateStmt: (node, context) => {
      if (node.if_not_exists === true || node.relation?.relpersistence === 't') return NONE
      const name = context.nameOf(node.relation)
      return harm(
        `creates ${context.label('table', name)} without IF NOT EXISTS`,
        context.label('table', name),
        `CREATE TABLE IF NOT EXISTS ${context.sql(name)} (…);`,
      )
    },
    CreateTableAsStmt: (node, context) => {
      const range = node.into?.rel
      if (node.if_not_exists === true || range?.relpersistence === 't') return NONE
      const name = context.nameOf(range)
      return harm(
        `creates ${context.label('table', name)} without IF NOT EXISTS`,
        context.label('table', name),
        `CREATE TABLE IF NOT EXISTS ${context.sql(name)} AS …;`,
      )
    },
  },
}
