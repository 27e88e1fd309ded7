import { quotedName, quotedQualified } from '../../../sql/identifier.ts'
import type { Rule, Schema } from '../schema.ts'
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
import { checkOf, plainText, presentText } from './texts.ts'

/** Checks of tables that every row has to meet from now on. */
export function checkWanted(stage: Stage): Wanted[] {
  return [...knownTables(stage)].flatMap((one) =>
    newRules(stage, one.table, 'constraints').flatMap((rule): Wanted[] => {
      const expression = checkOf(rule.definition)
      if (expression === null) return []
      const isKnown = (earlier: Rule): boolean => {
        const known = checkOf(earlier.definition)
        return known !== null && (known === expression || presentText(known, one.origin) === plainText(expression))
      }
      if (earlierRules(stage, one).some(isKnown)) return []
      const parent = `table ${one.table.partition?.parent}`
      const isParents = [...stage.after.constraints.values()].some(
        (other) => other.of === parent && other.definition === rule.definition,
      )
      if (isParents && isOldPartition(stage, one)) return []
      const columns = columnsOf(expression, one.table) ?? []
      const missing = newIn(expression, stage.production, stage.after)
      const source = missing === null ? sourceFor(stage, one, columns) : { unaskable: missing }
      return [
        {
          code: 'obligation/check',
          subject: rule.object,
          question: `every row of ${spoken(one.table.name, columns)} meets ${expression}`,
          consequence: `adding or validating ${rule.name} fails on the first row that does not meet it`,
          table: one.table.name,
          columns,
          name: rule.name,
          sql: 'from' in source ? counting('1', '*', `FROM ${source.from} WHERE NOT (${expression})`) : source,
        },
      ]
    }),
  )
}

/** Checks and NOT NULL of domains: every column of that type has to meet them. */
export function domainWanted(stage: Stage): Wanted[] {
  return [...stage.production.types.values()].flatMap((domain) => {
    const now = stage.after.types.get(domain.name)
    if (!domain.isDomain || now === undefined) return []
    const rules = [...stage.after.constraints.values()].filter(
      (rule) => rule.of === `domain ${domain.name}` && rule.isValid && isNew(stage.earlier, rule),
    )
    const wasNotNull = domain.isNotNull || stage.earlier.types.get(domain.name)?.isNotNull === true
    const conditions = [
      ...rules.map((rule) => ({ rule, expression: checkOf(rule.definition) })),
      ...(now.isNotNull && !wasNotNull ? [{ rule: null, expression: 'VALUE IS NOT NULL' }] : []),
    ]
    return conditions.flatMap(({ rule, expression }) =>
      expression === null ? [] : domainQuestions(stage, domain.name, rule, expression),
    )
  })
}

function domainQuestions(stage: Stage, domain: string, rule: Rule | null, expression: string): Wanted[] {
  const domains = withDerived(stage.production, domain)
  return [...knownTables(stage)].flatMap(({ table, origin }) => {
    if (table.partition !== null && isOldPartition(stage, { table, origin })) return []
    return [...table.columns.keys()].flatMap((column): Wanted[] => {
      const old = origin.columns.get(column)
      const type = stage.production.tables.get(origin.table)?.columns.get(old ?? '')?.type
      if (old === undefined || type === undefined || !domains.has(type)) return []
      const what = spoken(table.name, [column])
      const from = `(SELECT ${quotedName(old)} AS value FROM ${quotedQualified(origin.table)}) AS of_domain`
      const missing = newIn(expression, stage.production, stage.after)
      return [
        {
          code: rule === null ? 'obligation/not-null' : 'obligation/check',
          subject: `column ${table.name}.${column}`,
          question: `every value of ${what} meets what ${domain} asks for: ${expression}`,
          consequence: `altering ${domain} fails on the first value of ${what} that does not meet it`,
          table: table.name,
          columns: [column],
          name: rule?.name ?? domain,
          sql: missing === null ? counting('1', '*', `FROM ${from} WHERE NOT (${expression})`) : { unaskable: missing },
        },
      ]
    })
  })
}

function isNew(earlier: Schema, rule: Rule): boolean {
  const known = earlier.constraints.get(rule.object)
  return known === undefined || !known.isValid || checkOf(known.definition) !== checkOf(rule.definition)
}

/** A domain and those that are made of it. */
function withDerived(schema: Schema, domain: string): ReadonlySet<string> {
  const found = new Set([domain])
  for (const name of found) for (const one of schema.types.values()) if (one.base === name) found.add(one.name)
  return found
}
