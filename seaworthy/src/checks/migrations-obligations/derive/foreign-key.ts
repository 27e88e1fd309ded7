import { nameParts, quotedName } from '../../../sql/identifier.ts'
import { partsOf, rangeParts } from '../../../sql/tree.ts'
import type { Origin } from '../names.ts'
import type { Rule, Table } from '../schema.ts'
import {
  counting,
  earlierRules,
  isOldPartition,
  knownTables,
  newRules,
  sourceFor,
  spoken,
  type Stage,
  type Wanted,
} from './stage.ts'
import { constraintOf } from './texts.ts'

type Known = { readonly table: Table; readonly origin: Origin }
type Constraint = NonNullable<ReturnType<typeof constraintOf>>

/** Foreign keys: every row needs its parent. */
export function foreignKeyWanted(stage: Stage): Wanted[] {
  return [...knownTables(stage)].flatMap((one) =>
    newRules(stage, one.table, 'constraints').flatMap((rule) => {
      const constraint = constraintOf(rule.definition)
      if (constraint?.contype !== 'CONSTR_FOREIGN' || isKnown(stage, one, rule)) return []
      const isParents = [...stage.after.constraints.values()].some(
        (other) => other.of === `table ${one.table.partition?.parent}` && other.definition === rule.definition,
      )
      return isParents && isOldPartition(stage, one) ? [] : [wantedFor(stage, one, rule, constraint)]
    }),
  )
}

/** The same key under another name, or with other actions only. */
function isKnown(stage: Stage, one: Known, rule: Rule): boolean {
  const wanted = meaning(rule.definition)
  return earlierRules(stage, one).some((earlier) => meaning(earlier.definition) === wanted)
}

/** What a key asks for; empty if it is no foreign key. */
const meaning = (definition: string): string => {
  const constraint = constraintOf(definition)
  if (constraint?.contype !== 'CONSTR_FOREIGN') return ''
  const { fk_attrs, pk_attrs, pktable, fk_matchtype } = constraint
  return JSON.stringify([partsOf(fk_attrs), partsOf(pk_attrs), rangeParts(pktable), fk_matchtype])
}

function wantedFor(stage: Stage, one: Known, rule: Rule, constraint: Constraint): Wanted {
  const columns = partsOf(constraint.fk_attrs)
  const parent = tableNamed(stage, rangeParts(constraint.pktable))
  const what = spoken(one.table.name, columns)
  return {
    code: 'obligation/foreign-key',
    subject: rule.object,
    question: `every row of ${what} has its parent in ${parent?.name ?? rangeParts(constraint.pktable).join('.')}`,
    consequence: `adding or validating ${rule.name} fails on the first row without a parent`,
    table: one.table.name,
    columns,
    others: parent === null ? [] : [parent.name],
    name: rule.name,
    sql: sqlFor(stage, one, parent, constraint),
  }
}

const tableNamed = (stage: Stage, parts: readonly string[]): Table | null =>
  [...stage.after.tables.values()].find((table) => nameParts(table.name).join('\0') === parts.join('\0')) ?? null

function sqlFor(stage: Stage, one: Known, parent: Table | null, constraint: Constraint): Wanted['sql'] {
  const columns = partsOf(constraint.fk_attrs)
  const references = partsOf(constraint.pk_attrs)
  if (constraint.fk_with_period === true) return { unaskable: 'a foreign key over a period has no plain question' }
  if (parent === null) return { unaskable: 'the table that it refers to is not in the catalogue' }
  const child = sourceFor(stage, one, columns)
  if (!('from' in child)) return child
  const origin = stage.names.originOf(parent.name)
  if (origin === null && stage.isWritten(parent.name)) {
    return { settled: `the release makes ${parent.name} and fills it` }
  }
  const names = columns.map((name) => `child.${quotedName(name)}`)
  const present = `(${names.map((name) => `${name} IS NOT NULL`).join(' AND ')})`
  const from = `(SELECT ${columns.map(quotedName).join(', ')} FROM ${child.from}) AS child`
  const isFull = constraint.fk_matchtype === 'f' && columns.length > 1
  const half = isFull ? ` OR (NOT ${present} AND pg_catalog.num_nonnulls(${names.join(', ')}) > 0)` : ''
  // A parent that the release makes has no rows.
  if (origin === null) return counting('1', names.join(', '), `FROM ${from} WHERE ${present}${half}`)
  const source = sourceFor(stage, { table: parent, origin }, references)
  if (!('from' in source)) return source
  const keys = references.map(quotedName).join(', ')
  if (!half && hasOwnEquality(one, columns)) {
    // The operator of a type of an extension is in no search path; a set operation takes the type's own.
    const rest = `FROM ${from} WHERE ${present} EXCEPT SELECT ${keys} FROM ${source.from}`
    return counting(names.join(', '), names.join(', '), rest)
  }
  const same = references.map((name, index) => `parent.${quotedName(name)} = ${names[index]}`).join(' AND ')
  const orphan = `(${present} AND NOT EXISTS (SELECT 1 FROM (SELECT ${keys} FROM ${source.from}) AS parent WHERE ${same}))`
  return counting('1', names.join(', '), `FROM ${from} WHERE ${orphan}${half}`)
}

/** Whether a key is of a type outside of pg_catalog, such as citext. */
const hasOwnEquality = (one: Known, columns: readonly string[]): boolean =>
  columns.some((name) => nameParts(one.table.columns.get(name)?.type ?? '').length > 1)
