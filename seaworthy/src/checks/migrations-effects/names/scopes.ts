import { as, type Node, type NodeOf, rangeParts, type SelectStmt, stringOf } from '../../../sql/tree.ts'

/** What a query reads from, as far as its text says. */
export interface Source {
  /** `schema.table` or `table`; null for a subquery or a function. */
  readonly name: string | null
  /** What it is called in the query. */
  readonly alias: string
}

/** A name without a table in front, and all that it may be a column of: of its own query first, then further out. */
export interface Bare {
  readonly name: string
  readonly levels: readonly (readonly Source[])[]
}

/** Every bare name of a statement. A name of the output that sorts is left out: it stays what it is. */
export function bareNames(node: Node): readonly Bare[] {
  const found: Bare[] = []
  visit(node, { levels: [], ctes: new Set() }, found)
  return found
}

interface Around {
  readonly levels: readonly (readonly Source[])[]
  readonly ctes: ReadonlySet<string>
}

function visit(value: unknown, around: Around, found: Bare[]): void {
  if (typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) {
    for (const one of value) visit(one, around, found)
    return
  }
  for (const [key, inner] of Object.entries(value)) {
    // The one key of a node names its shape: that is how the grammar's JSON is written.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    const node = { [key]: inner } as unknown as Node
    const select = as(node, 'SelectStmt')
    const column = as(node, 'ColumnRef')
    const changing = changingIn(node)
    if (select !== undefined) ofSelect(select, around, found)
    else if (changing !== null) ofChange(changing, around, found)
    else if (column !== undefined) {
      const [first, second] = column.fields ?? []
      const name = stringOf(first)
      if (name !== null && second === undefined) found.push({ name, levels: around.levels })
    } else visit(inner, around, found)
  }
}

type Changing = NodeOf<'UpdateStmt'> | NodeOf<'DeleteStmt'> | NodeOf<'InsertStmt'> | NodeOf<'MergeStmt'>

const changingIn = (node: Node): Changing | null =>
  as(node, 'UpdateStmt') ?? as(node, 'DeleteStmt') ?? as(node, 'InsertStmt') ?? as(node, 'MergeStmt') ?? null

function ofSelect(statement: SelectStmt, around: Around, found: Bare[]): void {
  const { larg, rarg, withClause, fromClause, sortClause, ...rest } = statement
  const inner = withCtes(withClause, around, found)
  for (const arm of [larg, rarg]) if (arm !== undefined) ofSelect(arm, inner, found)
  const level = sourcesIn(fromClause ?? [], inner)
  ofSources(fromClause ?? [], inner, level, found)
  const within = { ...inner, levels: [level, ...inner.levels] }
  visit(rest, within, found)
  const outputs = new Set((statement.targetList ?? []).map((one) => as(one, 'ResTarget')?.name))
  for (const one of sortClause ?? []) {
    const column = as(as(one, 'SortBy')?.node, 'ColumnRef')
    const isOutput = column?.fields?.length === 1 && outputs.has(stringOf(column.fields[0]) ?? '')
    if (!isOutput) visit(one, within, found)
  }
}

function ofChange(statement: Changing, around: Around, found: Bare[]): void {
  const { relation, withClause } = statement
  const inner = withCtes(withClause, around, found)
  const own = relation === undefined ? [] : sourcesIn([{ RangeVar: relation }], inner)
  if ('selectStmt' in statement || 'onConflictClause' in statement) {
    // Rows to add do not see the table that they come into.
    visit(statement.selectStmt, inner, found)
    const rest = { ...statement, ...WITHOUT_SOURCES, selectStmt: null }
    visit(rest, { ...inner, levels: [own, ...inner.levels] }, found)
    return
  }
  const from = fromOf(statement)
  const level = [...own, ...sourcesIn(from, inner)]
  ofSources(from, inner, level, found)
  visit({ ...statement, ...WITHOUT_SOURCES }, { ...inner, levels: [level, ...inner.levels] }, found)
}

const WITHOUT_SOURCES = { withClause: null, fromClause: null, usingClause: null, sourceRelation: null, relation: null }

function fromOf(statement: Changing): readonly Node[] {
  if ('fromClause' in statement) return statement.fromClause ?? []
  if ('usingClause' in statement) return statement.usingClause ?? []
  return 'sourceRelation' in statement && statement.sourceRelation !== undefined ? [statement.sourceRelation] : []
}

function withCtes(clause: NodeOf<'WithClause'> | undefined, around: Around, found: Bare[]): Around {
  const expressions = (clause?.ctes ?? []).flatMap((one) => as(one, 'CommonTableExpr') ?? [])
  const inner = { ...around, ctes: new Set([...around.ctes, ...expressions.map((one) => one.ctename ?? '')]) }
  for (const one of expressions) visit(one.ctequery, inner, found)
  return inner
}

function sourcesIn(from: readonly Node[], { ctes }: Around): Source[] {
  return from.flatMap((one): Source[] => {
    const join = as(one, 'JoinExpr')
    if (join !== undefined)
      return sourcesIn(
        [join.larg, join.rarg].flatMap((side) => side ?? []),
        { levels: [], ctes },
      )
    const table = as(one, 'RangeVar')
    const name = rangeParts(table).join('.')
    const isTable = table !== undefined && !(table.schemaname === undefined && ctes.has(name))
    const alias = table?.alias?.aliasname ?? table?.relname ?? ''
    return [{ name: isTable ? name : null, alias }]
  })
}

/** Conditions of a join see its own sides; a subquery sees its neighbours only where it is LATERAL. */
function ofSources(from: readonly Node[], around: Around, level: readonly Source[], found: Bare[]): void {
  for (const one of from) {
    const join = as(one, 'JoinExpr')
    const subquery = as(one, 'RangeSubselect')
    const beside = { ...around, levels: [level, ...around.levels] }
    if (join !== undefined) {
      ofSources(
        [join.larg, join.rarg].flatMap((side) => side ?? []),
        around,
        level,
        found,
      )
      visit(join.quals, { ...around, levels: [sourcesIn([one], around), ...around.levels] }, found)
    } else if (subquery !== undefined) visit(subquery.subquery, subquery.lateral === true ? beside : around, found)
    else visit(one, beside, found)
  }
}

/** What the outermost query of a statement reads from. */
export const sourcesOf = ({ fromClause, withClause }: SelectStmt): readonly Source[] =>
  sourcesIn(fromClause ?? [], { levels: [], ctes: namesOfCtes(withClause) })

const namesOfCtes = (clause: NodeOf<'WithClause'> | undefined): ReadonlySet<string> =>
  new Set((clause?.ctes ?? []).map((one) => as(one, 'CommonTableExpr')?.ctename ?? ''))

/** How many columns each relation has; null for one that is not known. */
export type Width = (relation: string) => number | null

/** How many columns a query returns; null where its text does not tell. */
export function widthOf(statement: SelectStmt, width: Width): number | null {
  const { larg, valuesLists } = statement
  if (larg !== undefined) return widthOf(larg, width)
  if (valuesLists !== undefined) return as(valuesLists[0], 'List')?.items?.length ?? null
  const sources = sourcesOf(statement)
  // A join by NATURAL or USING shows the columns that it joins by once.
  const isPlain = (statement.fromClause ?? []).every((one) => as(one, 'JoinExpr') === undefined)
  let sum = 0
  for (const target of statement.targetList ?? []) {
    const fields = as(as(target, 'ResTarget')?.val, 'ColumnRef')?.fields ?? []
    const last = fields.at(-1)
    if (last === undefined || as(last, 'A_Star') === undefined) {
      sum += 1
      continue
    }
    const of = fields.length > 1 ? sources.filter((one) => one.alias === stringOf(fields.at(-2))) : sources
    if (of.length === 0 || (fields.length === 1 && !isPlain)) return null
    for (const { name } of of) {
      const columns = name === null ? null : width(name)
      if (columns === null) return null
      sum += columns
    }
  }
  return sum
}
