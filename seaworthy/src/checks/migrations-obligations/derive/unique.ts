import { quotedName } from '../../../sql/identifier.ts'
import { groupAt, textOf } from '../../../sql/lists.ts'
import { tokensOf } from '../../../sql/tokens.ts'
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
  const where = index.predicate === null ? '' : ` where ${index.predicate}`
  const { question, first } = words(one.table, index)
  return {
    code: 'obligation/unique',
    subject: rule.object,
    question: `${question}${where}`,
    consequence: `building ${rule.name} fails on the first ${first}, and the release stops there`,
    table: one.table.name,
    columns,
    name: rule.name,
    sql: sqlFor(stage, one, index, { texts, columns }),
  }
}

/** What is asked, and what it would fail on. */
function words(table: Table, { keys }: IndexText): { readonly question: string; readonly first: string } {
  const telling = keys.filter((key) => isOfRow(key.text, table))
  const columns = telling.map((key) => columnsOf(key.text, table) ?? [])
  const isPlain = telling.every(({ text }, at) => [columns[at]?.[0], quotedName(columns[at]?.[0] ?? '')].includes(text))
  if (telling.length === 0) return { question: `at most one row in ${spoken(table.name, [])}`, first: 'second row' }
  if (isPlain) {
    const what = spoken(table.name, columns.flat())
    return { question: `no duplicates in ${what}`, first: `duplicate in ${what}` }
  }
  const same = telling.map((key) => withoutBrackets(key.text)).join(' and ')
  const rows = `two rows of ${spoken(table.name, [])} with the same ${same}`
  return { question: `no ${rows}`, first: rows }
}

/** The server writes an expression that is no call in brackets of its own. */
function withoutBrackets(text: string): string {
  const tokens = tokensOf(text) ?? []
  const group = groupAt(tokens, 0)
  return group?.next === tokens.length ? withoutBrackets(textOf(text, group.tokens)) : text
}

/** Whether a key depends on the row. A constant is the same for all, and GROUP BY would take it for something else. */
const isOfRow = (key: string, table: Table): boolean => columnsOf(key, table)?.length !== 0

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
  const keys = index.keys.map((key) => key.text).filter((key) => isOfRow(key, one.table))
  const rest = `FROM ${source.from}${where} GROUP BY ${keys.join(', ') || '()'} HAVING pg_catalog.count(*) > 1`
  return counting('1', [...keys, 'pg_catalog.count(*)'].join(', '), rest)
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
