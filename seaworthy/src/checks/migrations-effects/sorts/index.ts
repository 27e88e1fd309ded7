import { columns } from './columns.ts'
import { constraints } from './constraints.ts'
import { indexes } from './indexes.ts'
import {
  casts,
  database,
  eventTriggers,
  extensions,
  operators,
  others,
  remarks,
  schemas,
  statistics,
} from './others.ts'
import { policies } from './policies.ts'
import { defaultPrivileges, privileges } from './privileges.ts'
import { memberships, roles, roleSettings } from './roles.ts'
import { routines } from './routines.ts'
import type { SortRules } from './rules.ts'
import { sequences } from './sequences.ts'
import { tables } from './tables.ts'
import { rules, triggers } from './triggers.ts'
import { domains, types } from './types.ts'
import { materializedViews, views } from './views.ts'

/** What is judged of each sort of object that the catalogue lists. A sort that is not in here refuses. */
export const SORT_RULES: Readonly<Record<string, SortRules>> = {
  table: tables,
  'foreign table': tables,
  view: views,
  'materialized view': materializedViews,
  column: columns,
  constraint: constraints,
  index: indexes,
  sequence: sequences,
  trigger: triggers,
  rule: rules,
  policy: policies,
  function: routines,
  procedure: routines,
  aggregate: routines,
  type: types,
  domain: domains,
  schema: schemas,
  extension: extensions,
  database,
  role: roles,
  membership: memberships,
  settings: roleSettings,
  privileges,
  'default privileges': defaultPrivileges,
  cast: casts,
  operator: operators,
  'event trigger': eventTriggers,
  statistics,
  comment: remarks,
  'security label': remarks,
  ...Object.fromEntries(
    'language,operator family,operator class,collation,conversion,text search configuration,text search dictionary,publication,subscription,foreign-data wrapper,server,user mapping'
      .split(',')
      .map((sort) => [sort, others]),
  ),
}
