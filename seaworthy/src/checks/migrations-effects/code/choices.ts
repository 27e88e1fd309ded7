import { as, type FuncCall, type Node, partsOf, quoteName, type SelectStmt, typeText, walk } from '../../../sql/tree.ts'

/** A part of a text that only exists at run time. */
export interface Hole {
  /** A name and a value are quoted, so that they end nothing. */
  readonly stands: 'name' | 'value' | 'part'
  /** Of the catalogue, of a setting, of rows, of a computation that nobody can follow, or a definition as the server prints it. */
  readonly from: 'catalogue' | 'setting' | 'rows' | 'opaque' | 'definition'
}

/** One of the texts that an expression may have. */
export type Choice = readonly (string | Hole)[]

/** What a variable or parameter may hold; null where that is none. */
export type Resolve = (name: readonly string[] | number, isElement: boolean) => readonly Choice[] | null

/** More than these are not told apart. */
const MOST = 64

export const hole = (from: Hole['from'], stands: Hole['stands'] = 'part'): Choice => [{ stands, from }]
const OPAQUE: readonly Choice[] = [hole('opaque')]

/** Every text that an expression may have, as far as its constants and conditions tell. */
export function choicesOf(node: Node | undefined, resolve: Resolve): readonly Choice[] {
  const found = new Reader(resolve).read(node)
  return found.length > MOST ? OPAQUE : found
}

/** The members of an array. */
export const membersOf = (node: Node | undefined, resolve: Resolve): readonly Choice[] =>
  new Reader(resolve).members(node)

/** The column of a query by its place, or by its name. */
export function columnOf(node: Node | undefined, which: number | string, resolve: Resolve): readonly Choice[] {
  const query = as(node, 'SelectStmt')
  return query === undefined ? OPAQUE : new Reader(resolve).column(query, which)
}

class Reader {
  readonly #resolve: Resolve

  constructor(resolve: Resolve) {
    this.#resolve = resolve
  }

  read(node: Node | undefined): readonly Choice[] {
    const constant = as(node, 'A_Const')
    if (constant !== undefined) return constantChoices(constant)
    const cast = as(node, 'TypeCast')
    if (cast !== undefined)
      return VALUES.has(typeText(cast.typeName) ?? '') ? this.#typed(cast.arg) : this.read(cast.arg)
    const column = as(node, 'ColumnRef')
    if (column !== undefined) return this.#resolve(partsOf(column.fields), false) ?? [hole('catalogue')]
    const parameter = as(node, 'ParamRef')
    if (parameter !== undefined) return this.#resolve(parameter.number ?? 0, false) ?? OPAQUE
    const call = as(node, 'FuncCall')
    if (call !== undefined) return this.#call(call)
    const operation = as(node, 'A_Expr')
    if (operation !== undefined) return this.#operation(operation)
    const branches = branchesOf(node)
    if (branches !== null) return branches.flatMap((one) => this.read(one))
    const query = as(node, 'SubLink')
    if (query?.subLinkType === 'EXPR_SUBLINK') return this.column(as(query.subselect, 'SelectStmt'), 0)
    if (as(node, 'SQLValueFunction') !== undefined) return [hole('catalogue')]
    const member = as(node, 'A_Indirection')
    return member === undefined ? OPAQUE : this.members(member.arg)
  }

  members(node: Node | undefined): readonly Choice[] {
    const array = as(node, 'A_ArrayExpr')
    if (array !== undefined) return (array.elements ?? []).flatMap((one) => this.read(one))
    const cast = as(node, 'TypeCast')
    const text = as(cast?.arg, 'A_Const')?.sval?.sval
    if (text !== undefined) return listed(text)
    if (cast !== undefined) return this.members(cast.arg)
    const column = as(node, 'ColumnRef')
    if (column !== undefined) return this.#resolve(partsOf(column.fields), true) ?? [hole('rows')]
    const parameter = as(node, 'ParamRef')
    if (parameter !== undefined) return this.#resolve(parameter.number ?? 0, true) ?? OPAQUE
    const query = as(node, 'SubLink')
    if (query?.subLinkType === 'ARRAY_SUBLINK') return this.column(as(query.subselect, 'SelectStmt'), 0)
    const call = as(node, 'FuncCall')
    if (call !== undefined && nameOf(call) === 'array_agg') return this.read(call.args?.[0])
    const both = as(node, 'A_Expr')
    if (both?.kind === 'AEXPR_OP' && partsOf(both.name).at(-1) === '||')
      return [both.lexpr, both.rexpr].flatMap((one) => (isOneText(one) ? this.read(one) : this.members(one)))
    const branches = branchesOf(node)
    return branches === null ? OPAQUE : branches.flatMap((one) => this.members(one))
  }

  column(query: SelectStmt | undefined, which: number | string): readonly Choice[] {
    if (query === undefined) return OPAQUE
    if (query.larg !== undefined) return [...this.column(query.larg, which), ...this.column(query.rarg, which)]
    if (query.valuesLists !== undefined)
      return typeof which === 'string'
        ? OPAQUE
        : query.valuesLists.flatMap((row) => this.read(as(row, 'List')?.items?.[which]))
    const targets = (query.targetList ?? []).map((one) => as(one, 'ResTarget'))
    const named = targets.find((one) => (one?.name ?? ownNameOf(one?.val)) === which)
    const target = typeof which === 'number' ? targets[which] : named
    const from = sourceOf(query)
    if (target?.val === undefined) return targets.every((one) => isNamed(one?.val, one?.name)) ? [] : [hole(from)]
    const inner = new Reader(
      (name, isElement) => this.#columnIn(query, name) ?? this.#resolve(name, isElement) ?? [hole(from)],
    )
    return isUnnested(target.val) ? inner.members(as(target.val, 'FuncCall')?.args?.[0]) : inner.read(target.val)
  }

  /** A column of a list or an unnested array that stands in FROM. */
  #columnIn(query: SelectStmt, name: readonly string[] | number): readonly Choice[] | null {
    if (typeof name === 'number') return null
    const own = name.at(-1) ?? ''
    if (DEFINITIONS.has(own) && isOfDefinitions(query)) return [hole('definition')]
    for (const one of query.fromClause ?? []) {
      const unnested = as(one, 'RangeFunction')
      const call = as(as(unnested?.functions?.[0], 'List')?.items?.[0], 'FuncCall')
      const aliases = [unnested?.alias?.aliasname, ...partsOf(unnested?.alias?.colnames)]
      if (call !== undefined && nameOf(call) === 'unnest' && aliases.includes(own)) return this.members(call.args?.[0])
      const inner = as(one, 'RangeSubselect')
      const at = partsOf(inner?.alias?.colnames).indexOf(own)
      const select = as(inner?.subquery, 'SelectStmt')
      if (select === undefined || (name.length > 1 && inner?.alias?.aliasname !== name[0])) continue
      if (at !== -1 || select.valuesLists === undefined) return this.column(select, at === -1 ? own : at)
    }
    return null
  }

  /** A number, a date or the name of a relation: no statement, whatever it is computed of. */
  #typed(node: Node | undefined): readonly Choice[] {
    const read = this.read(node)
    return read.every((one) => one.every((part) => typeof part === 'string')) ? read : [hole('catalogue')]
  }

  #operation(operation: NonNullable<ReturnType<typeof as<'A_Expr'>>>): readonly Choice[] {
    if (operation.kind === 'AEXPR_NULLIF') return this.read(operation.lexpr)
    const name = partsOf(operation.name).at(-1) ?? ''
    if (operation.kind === 'AEXPR_OP' && name === '||')
      return joined([this.read(operation.lexpr), this.read(operation.rexpr)])
    if (operation.kind === 'AEXPR_OP' && ARITHMETIC.has(name)) return [hole('catalogue')]
    return operation.kind === 'AEXPR_OP' && name.startsWith('-') ? [hole('rows')] : OPAQUE
  }

  #call(call: FuncCall): readonly Choice[] {
    const args = call.args ?? []
    const name = nameOf(call)
    switch (name) {
      case 'concat':
        return joined(args.map((one) => this.read(one)))
      case 'concat_ws':
        return joined(args.slice(1).flatMap((one, at) => [...(at === 0 ? [] : [this.read(args[0])]), this.read(one)]))
      case 'quote_ident':
        return this.read(args[0]).map(asName)
      case 'quote_literal':
      case 'quote_nullable':
        return this.read(args[0]).map(asValue)
      case 'format':
        return this.#format(args)
      case 'string_agg':
      case 'max':
      case 'min':
        return this.read(args[0])
      case 'replace':
        return this.#replaced(args) ?? this.#computed(name, args)
      case 'array_to_string':
        return this.members(args[0])
      default:
        if (DEFINED.has(name)) return [hole('definition')]
        if (name === 'current_setting') return [hole('setting')]
        return this.#computed(name, args)
    }
  }

  /** Of the server's own functions that make names and values; no condition may stand in what they are given. */
  #computed(name: string, args: readonly Node[]): readonly Choice[] {
    if (COUNTED.has(name)) return [hole('catalogue')]
    if (!MAKING.has(name)) return OPAQUE
    const given = args.flatMap((one) => this.read(one)).flat()
    const isOpaque = args.some(isDecided) || given.some((one) => typeof one !== 'string' && one.from === 'opaque')
    const isOf = (from: Hole['from']): boolean => given.some((one) => typeof one !== 'string' && one.from === from)
    if (isOpaque) return OPAQUE
    return [hole(isOf('rows') || isOf('setting') ? 'rows' : isOf('definition') ? 'definition' : 'catalogue')]
  }

  /** `replace(template, 'thing', name)`: null where the first two are no constants. */
  #replaced(args: readonly Node[]): readonly Choice[] | null {
    const [template, what] = [args[0], args[1]].map((one) => onlyText(this.read(one)))
    if (typeof template !== 'string' || typeof what !== 'string' || what === '') return null
    const pieces = template.split(what)
    return this.read(args[2]).map((by) => pieces.flatMap((piece, at) => (at === 0 ? [piece] : [...by, piece])))
  }

  #format(args: readonly Node[]): readonly Choice[] {
    const values = args.slice(1).map((one) => this.read(one))
    return this.read(args[0]).flatMap((template) => {
      const text = onlyText([template])
      return text === null ? OPAQUE : formatted(text, values)
    })
  }
}

type Constant = NonNullable<ReturnType<typeof as<'A_Const'>>>

function constantChoices({ isnull, sval, ival, fval, boolval }: Constant): readonly Choice[] {
  if (isnull === true) return []
  if (boolval !== undefined) return [[boolval.boolval === true ? 'true' : 'false']]
  return [[sval?.sval ?? fval?.fval ?? String(ival?.ival ?? (sval === undefined ? 0 : ''))]]
}

/** The values of CASE, COALESCE, GREATEST and LEAST; null for anything else. */
function branchesOf(node: Node | undefined): readonly Node[] | null {
  const decided = as(node, 'CaseExpr')
  if (decided !== undefined)
    return [...(decided.args ?? []).map((one) => as(one, 'CaseWhen')?.result), decided.defresult].filter(
      (one) => one !== undefined,
    )
  return as(node, 'CoalesceExpr')?.args ?? as(node, 'MinMaxExpr')?.args ?? null
}

/** Whether a condition stands in an expression. */
function isDecided(node: Node): boolean {
  let isFound = false
  for (const kind of ['CaseExpr', 'MinMaxExpr', 'BoolExpr', 'NullTest', 'SubLink'] as const)
    walk([node], kind, () => (isFound = true))
  walk([node], 'A_Expr', (one) => {
    const name = partsOf(one.name).at(-1) ?? ''
    isFound ||= one.kind !== 'AEXPR_OP' || !(name === '||' || ARITHMETIC.has(name))
  })
  return isFound
}

const nameOf = (call: FuncCall): string => partsOf(call.funcname).at(-1) ?? ''
const ownNameOf = (node: Node | undefined): string | undefined =>
  partsOf(as(node, 'ColumnRef')?.fields).at(-1) ?? partsOf(as(node, 'FuncCall')?.funcname).at(-1)
/** Whether it is plain which name a column of a query has. */
const isNamed = (node: Node | undefined, name: string | undefined): boolean =>
  name !== undefined || (ownNameOf(node) !== undefined && !partsHaveStar(node))
const partsHaveStar = (node: Node | undefined): boolean =>
  (as(node, 'ColumnRef')?.fields ?? []).some((one) => as(one, 'A_Star') !== undefined)
/** Whether it is no array, as far as it is written. */
function isOneText(node: Node | undefined): boolean {
  const cast = as(node, 'TypeCast')
  return as(node, 'A_Const') !== undefined || (cast !== undefined && typeText(cast.typeName)?.endsWith('[]') !== true)
}
const isUnnested = (node: Node): boolean => partsOf(as(node, 'FuncCall')?.funcname).at(-1) === 'unnest'

/** An array as it is written in one string; of one with quotes nobody reads the members. */
function listed(text: string): readonly Choice[] {
  if (!text.startsWith('{') || !text.endsWith('}') || /["\\]/.test(text)) return OPAQUE
  return text
    .slice(1, -1)
    .split(',')
    .map((one) => [one.trim()])
}

/** The text, where there is only one and all of it is known. */
function onlyText([choice, ...others]: readonly Choice[]): string | null {
  const known = (choice ?? []).filter((one) => typeof one === 'string')
  return choice === undefined || others.length > 0 || known.length < choice.length ? null : known.join('')
}

const asName = (choice: Choice): Choice => quoted(choice, 'name', quoteName)
const asValue = (choice: Choice): Choice => quoted(choice, 'value', (text) => `'${text.replaceAll("'", "''")}'`)

function quoted(choice: Choice, stands: Hole['stands'], quote: (text: string) => string): Choice {
  const holes = choice.filter((one) => typeof one !== 'string')
  const [worst] = holes.toSorted((a, b) => BAD.indexOf(b.from) - BAD.indexOf(a.from))
  return worst === undefined ? [quote(onlyText([choice]) ?? '')] : [{ stands, from: worst.from }]
}

const BAD = ['definition', 'catalogue', 'setting', 'rows', 'opaque']

function joined(parts: readonly (readonly Choice[])[]): readonly Choice[] {
  let all: readonly Choice[] = [[]]
  for (const part of parts) {
    all = all.flatMap((left) => part.map((right) => [...left, ...right]))
    if (all.length > MOST) return OPAQUE
  }
  return all
}

/** The placeholders of PostgreSQL's format(): `%I`, `%1$L`, `%-10s`, `%%`. */
const PLACEHOLDER = /%(?:(\d+)\$)?-?\d*([sIL%])/g

function formatted(template: string, values: readonly (readonly Choice[])[]): readonly Choice[] {
  const parts: (readonly Choice[])[] = []
  let [next, end] = [1, 0]
  for (const { 0: whole, 1: position, 2: type, index } of template.matchAll(PLACEHOLDER)) {
    parts.push([[template.slice(end, index)]])
    end = index + whole.length
    if (type === '%') {
      parts.push([['%']])
      continue
    }
    const at = position === undefined ? next : Number(position)
    next = at + 1
    const value = values[at - 1] ?? OPAQUE
    parts.push(type === 'I' ? value.map(asName) : type === 'L' ? value.map(asValue) : value)
  }
  return joined([...parts, [[template.slice(end)]]])
}

/** Where the rows of a query are from: a catalogue that the migrations built, or data. */
function sourceOf(query: SelectStmt): Hole['from'] {
  let isOwn = true
  const named = new Set<string | undefined>()
  walk([query], 'CommonTableExpr', ({ ctename }) => void named.add(ctename))
  walk([query], 'RangeVar', ({ schemaname, relname = '' }) => {
    const isNamedHere = schemaname === undefined && named.has(relname)
    isOwn &&=
      isNamedHere || schemaname === 'information_schema' || schemaname === 'pg_catalog' || relname.startsWith('pg_')
  })
  walk([query], 'RangeFunction', (one) => {
    walk(one.functions, 'FuncCall', (call) => (isOwn &&= COUNTED.has(nameOf(call)) || nameOf(call) === 'unnest'))
  })
  return isOwn ? 'catalogue' : 'rows'
}

/** Whether a query reads nothing but the server's own lists of what views, indexes and rules are made of. */
function isOfDefinitions({ fromClause = [] }: SelectStmt): boolean {
  return fromClause.length > 0 && fromClause.every((one) => DEFINING.has(as(one, 'RangeVar')?.relname ?? ''))
}

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/))

const ARITHMETIC = words('+ - * / %')
const VALUES = words(
  'int2 int4 int8 numeric float4 float8 date timestamp timestamptz interval oid regclass regtype bool uuid',
)
const COUNTED = words(
  `count length nextval currval lastval now clock_timestamp statement_timestamp transaction_timestamp date_trunc
   date_part extract current_database current_schema gen_random_uuid random pg_backend_pid txid_current make_date
   generate_series generate_subscripts`,
)
/** What only changes a name or value that it is given. */
const MAKING = words(
  `lower upper initcap btrim ltrim rtrim to_char replace substr substring left right lpad rpad split_part md5
   regexp_replace abs ceil floor round coalesce date_trunc array_length hashtext mod`,
)
const DEFINED = words(
  `pg_get_viewdef pg_get_indexdef pg_get_constraintdef pg_get_functiondef pg_get_triggerdef pg_get_ruledef pg_get_expr
   pg_get_function_identity_arguments pg_get_function_arguments format_type`,
)
const DEFINING = words('pg_views pg_matviews pg_indexes pg_rules')
const DEFINITIONS = words('indexdef definition')
