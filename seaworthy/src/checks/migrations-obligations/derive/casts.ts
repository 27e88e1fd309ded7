import { textOf } from '../../../sql/lists.ts'
import { type Token, tokensOf } from '../../../sql/tokens.ts'
import { as, type Node, type RangeVar, rangeParts, stringOf, typeText, walk } from '../../../sql/tree.ts'
import { quotedName, quotedQualified, quotedText } from '../../../sql/identifier.ts'
import type { Origin } from '../names.ts'
import type { PendingStatement } from '../statements.ts'
import { inProduction, namesOwnThings, originOf, valueText } from './in-production.ts'
import { conflicting, counting, spoken, type Stage, type Wanted } from './stage.ts'

/** The first version whose server says of a text whether it is a value of a type. */
const ASKABLE_FROM = 16

const UNREADABLE = ['22P02', '22007', '22008', '22003']

/**
 * Texts that a statement reads as values of another type, and that failed to be some on made-up rows. Where one of its
 * casts cannot be asked about, nobody can say which of them failed.
 */
export const castsWanted = (stage: Stage): Wanted[] =>
  conflicting(stage, UNREADABLE).flatMap(({ statement }) => {
    const [node, another] = statement.nodes
    const from = node === undefined || another !== undefined ? null : sourceOf(node)
    const origin = from === null ? null : originOf(rangeParts(from.range), stage)
    if (node === undefined || from === null || origin === null || isConditional(node) || namesOwnThings(node, stage))
      return []
    const wanted = castsIn(node).map((cast) => wantedFor(cast, from, { stage, statement, origin }))
    return wanted.includes(null) ? [] : wanted.filter((one) => one !== null)
  })

interface From {
  readonly range: RangeVar
  readonly condition: Node | undefined
}

/** The one table whose rows an UPDATE or INSERT … SELECT goes over; null where there are several, or none. */
function sourceOf(node: Node): From | null {
  const update = as(node, 'UpdateStmt')
  if (update !== undefined) {
    const isOne = update.fromClause === undefined && update.withClause === undefined
    return isOne && update.relation !== undefined ? { range: update.relation, condition: update.whereClause } : null
  }
  const select = as(as(node, 'InsertStmt')?.selectStmt, 'SelectStmt')
  const [range, another] = select?.fromClause ?? []
  const one = as(range, 'RangeVar')
  const isOne = another === undefined && select?.withClause === undefined && select?.larg === undefined
  return one !== undefined && isOne ? { range: one, condition: select?.whereClause } : null
}

interface Cast {
  readonly value: Node | undefined
  readonly to: string
}

/** Casts of anything but constants. */
function castsIn(node: Node): Cast[] {
  const found: Cast[] = []
  walk([node], 'TypeCast', ({ arg, typeName }) => {
    if (as(arg, 'A_Const') === undefined) found.push({ value: arg, to: typeText(typeName) ?? '' })
  })
  return found
}

/** What a CASE leads to is meant for some rows only. */
function isConditional(node: Node): boolean {
  let has = false
  walk([node], 'CaseExpr', () => (has = true))
  return has
}

interface Asking {
  readonly stage: Stage
  readonly statement: PendingStatement
  readonly origin: Origin
}

/** Rows whose new column holds nothing yet: that is every row. */
function isOfNew(condition: Node | undefined, { columns }: Origin): boolean {
  const test = as(condition, 'NullTest')
  const column = stringOf(as(test?.arg, 'ColumnRef')?.fields?.at(-1))
  return test?.nulltesttype === 'IS_NULL' && column !== null && !columns.has(column)
}

const ENDS: ReadonlySet<string> = new Set(['RETURNING', 'GROUP', 'HAVING', 'ORDER', 'LIMIT', 'OFFSET', 'FOR', 'ON'])

/** What stands after the WHERE of the statement itself; the empty text if it has none. */
function conditionOf(text: string): string {
  let depth = 0
  let found: Token[] | null = null
  for (const token of tokensOf(text) ?? []) {
    if (token.text === ')') depth -= 1
    const word = depth === 0 ? token.text.toUpperCase() : ''
    if (found !== null && (ENDS.has(word) || word === ';')) break
    found?.push(token)
    if (word === 'WHERE') found = []
    if (token.text === '(') depth += 1
  }
  return textOf(text, found ?? [])
}

function wantedFor(
  { value, to }: Cast,
  { range, condition }: From,
  { stage, statement, origin }: Asking,
): Wanted | null {
  const text = valueText(value, origin)
  const isServersOwn =
    to !== '' && !to.includes('.') && ![...stage.after.types.keys()].some((one) => one.endsWith(`.${to}`))
  if (text === null || !isServersOwn) return null
  const where = condition === undefined || isOfNew(condition, origin) ? '' : conditionOf(statement.text)
  const asked = inProduction([text, ...(where === '' ? [] : [`(${where})`])].join(', '), stage, [origin])
  if (asked === null) return null
  const what = spoken(origin.table, asked.columns.slice(0, 1))
  const misfit = `NOT pg_catalog.pg_input_is_valid((${text})::pg_catalog.text, ${quotedText(to)})`
  const limited = where === '' ? misfit : `${asked.text.slice(text.length + 2)} AND ${misfit}`
  const isAskable = stage.major >= ASKABLE_FROM
  return {
    code: 'obligation/type',
    subject: `column ${origin.table}.${asked.columns[0] ?? ''}`,
    question: `every value of ${what} that the release reads as ${to} is one`,
    consequence: `the release fails on the first value of ${what} that is no ${to}`,
    table: origin.table,
    columns: asked.columns,
    name: asked.columns[0] ?? '',
    statement,
    sql: isAskable
      ? counting(
          '1',
          '*',
          `FROM ${quotedQualified(origin.table)} AS ${quotedName(range.alias?.aliasname ?? range.relname ?? '')} WHERE ${limited}`,
        )
      : { unaskable: `before PostgreSQL ${ASKABLE_FROM} no query tells which texts are no ${to}` },
  }
}
