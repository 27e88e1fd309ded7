import { quotedName } from '../../../sql/identifier.ts'
import { stringOf } from '../../../sql/tree.ts'
import type { Origin } from '../names.ts'
import type { Rule, Table } from '../schema.ts'
import { columnsOf, newIn } from '../source.ts'
import {
  earlierRules,
  isOldPartition,
  knownTables,
  MOST_COUNTED,
  newRules,
  showing,
  sourceFor,
  spoken,
  type Stage,
  type Wanted,
} from './stage.ts'
import { constraintOf, type IndexText, indexOf } from './texts.ts'

/** Exclusion constraints, and keys WITHOUT OVERLAPS: no two rows may meet all of its conditions. */
export function exclusionWanted(stage: Stage): Wanted[] {
  return [...knownTables(stage)].flatMap((one) =>
    newRules(stage, one.table, 'constraints').flatMap((rule) => {
      const index = exclusionOf(rule)
      if (index === null || isOldPartition(stage, one)) return []
      if (earlierRules(stage, one).some((earlier) => earlier.definition === rule.definition)) return []
      const columns = [...new Set(textsOf(index).flatMap((text) => columnsOf(text, one.table) ?? []))]
      return [
        {
          code: 'obligation/exclusion',
          subject: rule.object,
          question: `no two rows of ${spoken(one.table.name, columns)} exclude each other by ${rule.name}`,
          consequence: `adding ${rule.name} fails on the first two rows that exclude each other`,
          table: one.table.name,
          columns,
          name: rule.name,
          sql: sqlFor(stage, one, index, columns),
        },
      ]
    }),
  )
}

function exclusionOf(rule: Rule): IndexText | null {
  if (rule.definition.startsWith('EXCLUDE ')) return indexOf(rule.definition)
  const constraint = constraintOf(rule.definition)
  if (constraint?.without_overlaps !== true) return null
  const names = (constraint.keys ?? []).map((key) => quotedName(stringOf(key) ?? ''))
  return {
    isUnique: true,
    keys: names.map((text, index) => ({ text, operator: index === names.length - 1 ? '&&' : '=' })),
    areNullsDistinct: true,
    predicate: null,
  }
}

const textsOf = ({ keys, predicate }: IndexText): string[] => [
  ...keys.map((key) => key.text),
  ...(predicate === null ? [] : [predicate]),
]

function sqlFor(
  stage: Stage,
  one: { readonly table: Table; readonly origin: Origin },
  index: IndexText,
  columns: readonly string[],
): Wanted['sql'] {
  const missing = textsOf(index)
    .map((text) => newIn(text, stage.production, stage.after))
    .find((why) => why !== null)
  if (missing !== undefined) return { unaskable: missing }
  const source = sourceFor(stage, one, columns)
  if (!('from' in source)) return source
  const where = index.predicate === null ? '' : ` WHERE (${index.predicate})`
  const keys = index.keys.map((key, at) => `(${key.text}) AS k${at}`).join(', ')
  const meets = index.keys.map((key, at) => `a.k${at} ${key.operator ?? '='} b.k${at}`).join(' AND ')
  const rows = `WITH one AS MATERIALIZED (SELECT pg_catalog.row_number() OVER () AS place, ${keys} FROM ${source.from}${where})`
  const pairs = `FROM one AS a JOIN one AS b ON a.place < b.place AND ${meets}`
  const both = ['a', 'b'].flatMap((side) => index.keys.map((_key, at) => `${side}.k${at}`)).join(', ')
  return {
    sql: `${rows} SELECT pg_catalog.count(*)::pg_catalog.int8 FROM (SELECT 1 ${pairs} LIMIT ${MOST_COUNTED}) AS found`,
    rowsSql: showing(`${rows} SELECT ${both} ${pairs}`),
  }
}
