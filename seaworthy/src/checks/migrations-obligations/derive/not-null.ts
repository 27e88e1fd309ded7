import { quotedName } from '../../../sql/identifier.ts'
import {
  counting,
  earlierRules,
  isOldPartition,
  knownTables,
  sourceFor,
  spoken,
  type Stage,
  type Wanted,
} from './stage.ts'
import { checkOf } from './texts.ts'

/** Columns that production has and that may no longer be NULL. */
export function notNullWanted(stage: Stage): Wanted[] {
  return [...knownTables(stage)].flatMap((one) => {
    const { table, origin } = one
    return [...table.columns.values()].flatMap((column): Wanted[] => {
      const old = origin.columns.get(column.name)
      if (old === undefined || !column.isNotNull) return []
      const known = stage.production.tables.get(origin.table)?.columns.get(old)
      const earlier = stage.earlier.tables.get(table.name)?.columns.get(column.name)
      if (known?.isNotNull === true || earlier?.isNotNull === true) return []
      if (isParentSo(stage, one, column.name) || isChecked(stage, one, column.name, old)) return []
      const source = sourceFor(stage, one, [column.name])
      const what = spoken(table.name, [column.name])
      return [
        {
          code: 'obligation/not-null',
          subject: `column ${table.name}.${column.name}`,
          question: `no NULL in ${what}`,
          consequence: `SET NOT NULL fails on the first row without ${column.name}`,
          table: table.name,
          columns: [column.name],
          name: column.name,
          sql:
            'from' in source
              ? counting('1', '*', `FROM ${source.from} WHERE ${quotedName(column.name)} IS NULL`)
              : source,
        },
      ]
    })
  })
}

type Known = Parameters<typeof isOldPartition>[1]

const isParentSo = (stage: Stage, one: Known, column: string): boolean =>
  isOldPartition(stage, one) &&
  stage.after.tables.get(one.table.partition?.parent ?? '')?.columns.get(column)?.isNotNull === true

/** A check that every row has met says so already; the server does not look again either. */
function isChecked(stage: Stage, one: Known, column: string, old: string): boolean {
  const said = new Set([column, old].flatMap((name) => [`(${name} IS NOT NULL)`, `(${quotedName(name)} IS NOT NULL)`]))
  return earlierRules(stage, one).some((rule) => said.has(checkOf(rule.definition) ?? ''))
}
