import { quotedName } from '../../../sql/identifier.ts'
import { stringOf } from '../../../sql/tree.ts'
import type { Origin } from '../names.ts'
import type { Rule, Table } from '../schema.ts'
import { columnsOf, newIn } from '../source.ts'
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
import { constraintOf, type IndexText, indexOf } from './texts.ts'

/** Unique constraints and indexes, primary keys: no two rows may be the same in what they stand on. */
export function uniqueWanted(stage: Stage): Wanted[] {
  return [...knownTables(stage)].flatMap((one) => {
    const rules = [...newRules(stage, one.table, 'constraints'), ...newRules(stage, one.table, 'indexes')]
    return rules.flatMap((rule) => {
      const index = uniqueOf(rule)
      if (index === null || isImplied(stage, one, index) || isOfParent(stage, one, rule)) return []
      return [wantedFor(stage, one, rule, index)]
    })
  })
}

/** Null if it is not about being unique. A range that may not overlap is a matter of exclusion. */
function uniqueOf(rule: Rule): IndexText | null {
  if (rule.object.startsWith('index ')) {
    const index = indexOf(rule.definition)
    return index?.isUnique === true ? index : null
  }
  const constraint = constraintOf(rule.definition)
  const isUnique = constraint?.contype === 'CONSTR_UNIQUE' || constraint?.contype === 'CONSTR_PRIMARY'
  if (!isUnique || constraint.without_overlaps === true) return null
  return {
    isUnique,
    keys: (constraint.keys ?? []).map((key) => ({ text: quotedName(stringOf(key) ?? ''), operator: null })),
    areNullsDistinct: constraint.nulls_not_distinct !== true,
    predicate: null,
  }
}

type Known = { readonly table: Table; readonly origin: Origin }

function wantedFor(stage: Stage, one: Known, rule: Rule, index: IndexText): Wanted {
  const texts = [...index.keys.map((key) => key.text), ...(index.predicate === null ? [] : [index.predicate])]
  const columns = [...new Set(texts.flatMap((text) => columnsOf(text, one.table) ?? []))]
  const keyed = [...new Set(index.keys.flatMap((key) => columnsOf(key.text, one.table) ?? []))]
  const what = spoken(one.table.name, keyed)
  return {
    code: 'obligation/unique',
    subject: rule.object,
    question: `no duplicates in ${what}${index.predicate === null ? '' : ` where ${index.predicate}`}`,
    consequence: `building ${rule.name} fails on the first duplicate in ${what}, and the release stops there`,
    table: one.table.name,
    columns,
    name: rule.name,
    sql: sqlFor(stage, one, index, { texts, columns }),
  }
}

function sqlFor(
  stage: Stage,
  one: Known,
  index: IndexText,
  { texts, columns }: { readonly texts: readonly string[]; readonly columns: readonly string[] },
): Wanted['sql'] {
  const missing = texts.map((text) => newIn(text, stage.production, stage.after)).find((why) => why !== null)
  if (missing !== undefined) return { unaskable: missing }
  const source = sourceFor(stage, one, columns)
  if (!('from' in source)) return source
  const conditions = [
    ...(index.areNullsDistinct ? index.keys.map((key) => `(${key.text}) IS NOT NULL`) : []),
    ...(index.predicate === null ? [] : [`(${index.predicate})`]),
  ]
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`
  const keys = index.keys.map((key) => key.text).join(', ')
  const rest = `FROM ${source.from}${where} GROUP BY ${keys} HAVING pg_catalog.count(*) > 1`
  return counting('1', `${keys}, pg_catalog.count(*)`, rest)
}

/** Whether the rows are known to be unique in a part of the keys already. */
function isImplied(stage: Stage, one: Known, index: IndexText): boolean {
  const keys = new Set(index.keys.map((key) => key.text.replaceAll('"', '')))
  const present = (name: string): string => {
    for (const [now, old] of one.origin.columns) if (old === name) return now
    return name
  }
  return earlierRules(stage, one).some((rule) => {
    const known = uniqueOf(rule)
    if (known === null || known.predicate !== null || known.keys.length === 0) return false
    if (known.areNullsDistinct && !index.areNullsDistinct) return false
    return known.keys.every((key) => {
      const name = key.text.replaceAll('"', '')
      return keys.has(name) || keys.has(present(name))
    })
  })
}

/** A partition of an old parent that has the same: the parent is asked. */
function isOfParent(stage: Stage, one: Known, rule: Rule): boolean {
  if (!isOldPartition(stage, one)) return false
  const parent = one.table.partition?.parent ?? ''
  const rules = [...stage.after.constraints.values(), ...stage.after.indexes.values()]
  return rules.some((other) => other.of === `table ${parent}` && keysOf(other) !== '' && keysOf(other) === keysOf(rule))
}

const keysOf = (of: Rule): string =>
  uniqueOf(of)
    ?.keys.map((key) => key.text)
    .join() ?? ''
