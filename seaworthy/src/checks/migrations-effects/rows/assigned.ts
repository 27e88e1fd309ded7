import { as, type Node, type NodeOf, partsOf, type RangeVar, stringOf } from '../../../sql/tree.ts'

export interface Assignment {
  readonly column: string
  /** Whether its condition says that the column is NULL so far, or its value keeps what is there. */
  readonly isGuarded: boolean
  /** What it is given; of `coalesce(column, …)` what comes after the column. Undefined where it stays as it is. */
  readonly value: Node | undefined
}

/**
 * What the targets of one UPDATE assign. `own` is the table that it writes to, with its alias; `found` are columns that
 * are NULL in all rows that it finds.
 */
export function assigned(
  targets: readonly Node[] | undefined,
  condition: Node | undefined,
  own: RangeVar | undefined,
  found: ReadonlySet<string> = new Set(),
): Assignment[] {
  const guarded = new Set([...nullTests(condition, own), ...found])
  return (targets ?? []).flatMap((one) => {
    const target = as(one, 'ResTarget')
    const column = target?.name
    if (column === undefined) return []
    const isKept = target?.indirection === undefined && doesKeep(target?.val, column, own)
    return [{ column, isGuarded: guarded.has(column) || isKept, value: given(target?.val, isKept) }]
  })
}

function given(value: Node | undefined, isKept: boolean): Node | undefined {
  if (!isKept) return value
  const choice = as(value, 'CoalesceExpr')
  const args = choice?.args?.slice(1) ?? []
  return choice === undefined || args.length < 2 ? args[0] : { CoalesceExpr: { ...choice, args } }
}

/** `column = column`, `column = coalesce(column, …)`. */
function doesKeep(value: Node | undefined, column: string, own: RangeVar | undefined): boolean {
  const first = as(value, 'CoalesceExpr')?.args?.[0] ?? value
  return ownColumn(first, own) === column
}

/** Columns of the table itself of which every row that the condition lets through has NULL. */
function nullTests(node: Node | undefined, own: RangeVar | undefined): ReadonlySet<string> {
  const logic = as(node, 'BoolExpr')
  if (logic?.boolop === 'AND_EXPR') return new Set((logic.args ?? []).flatMap((one) => [...nullTests(one, own)]))
  const test = as(node, 'NullTest')
  const column = test?.nulltesttype === 'IS_NULL' ? ownColumn(test.arg, own) : null
  return new Set(column === null ? [] : [column])
}

/** A column of the table that is written to. Without a name before it, it can only be that: else it were ambiguous. */
function ownColumn(node: Node | undefined, own: RangeVar | undefined): string | null {
  const parts = partsOf(as(node, 'ColumnRef')?.fields)
  const table = parts.at(-2)
  const name = own?.alias?.aliasname ?? own?.relname
  return table === undefined || table === name ? (parts.at(-1) ?? null) : null
}

/** Columns that are NULL in every row that an UPDATE finds by a key, in a query of WITH over the same table. */
export function nullsByKey(update: NodeOf<'UpdateStmt'>, keys: ReadonlySet<string>): ReadonlySet<string> {
  const own = update.relation
  const queries = (update.withClause?.ctes ?? []).flatMap((one) => as(one, 'CommonTableExpr') ?? [])
  const found = new Set<string>()
  for (const from of update.fromClause ?? []) {
    const range = as(from, 'RangeVar')
    const named = queries.find((one) => one.ctename === range?.relname)
    const query = as(named?.ctequery, 'SelectStmt')
    const [table, ...others] = query?.fromClause ?? []
    const read = as(table, 'RangeVar')
    if (range === undefined || read === undefined || others.length > 0) continue
    if (read.relname !== own?.relname || read.schemaname !== own?.schemaname) continue
    const plain = new Set((query?.targetList ?? []).flatMap((one) => plainColumn(one, read)))
    const alias = range.alias?.aliasname ?? range.relname
    if (joined(update.whereClause, own, alias).some((key) => keys.has(key) && plain.has(key)))
      for (const column of nullTests(query?.whereClause, read)) found.add(column)
  }
  return found
}

/** A column that a query gives on under its own name. */
function plainColumn(node: Node, own: RangeVar): string[] {
  const target = as(node, 'ResTarget')
  const column = ownColumn(target?.val, own)
  return column === null || (target?.name !== undefined && target.name !== column) ? [] : [column]
}

/** Columns of the table that have to equal those of the same name of another. */
function joined(node: Node | undefined, own: RangeVar | undefined, other: string | undefined): string[] {
  const logic = as(node, 'BoolExpr')
  if (logic?.boolop === 'AND_EXPR') return (logic.args ?? []).flatMap((one) => joined(one, own, other))
  const test = as(node, 'A_Expr')
  if (test?.kind !== 'AEXPR_OP' || stringOf(test.name?.[0]) !== '=') return []
  const sides = [test.lexpr, test.rexpr].map((one) => partsOf(as(one, 'ColumnRef')?.fields))
  const name = own?.alias?.aliasname ?? own?.relname
  const mine = sides.find((one) => one.length === 2 && one[0] === name)?.[1]
  const theirs = sides.find((one) => one.length === 2 && one[0] === other)?.[1]
  return mine !== undefined && mine === theirs && name !== other ? [mine] : []
}
