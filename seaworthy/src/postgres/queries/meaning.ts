import type { Client } from 'pg'
import type { Meaning } from '../../migrations/meaning.ts'
import { isList, isNode, type ParseNode, type ParseValue } from './parse-tree.ts'

/** Which catalogue the number in a field is of. */
const CATALOGUES = {
  relid: 'relation',
  funcid: 'routine',
  aggfnoid: 'routine',
  winfnoid: 'routine',
  opno: 'operator',
} as const
type Catalogue = (typeof CATALOGUES)[keyof typeof CATALOGUES]

const catalogueOf = (field: string): Catalogue | null =>
  Object.entries(CATALOGUES).find(([name]) => name === field)?.[1] ?? null

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/))

/**
 * The fields that say what names mean and how relations come together. Left out is what a type or a place in the text
 * decides, and what grows with every column of a table.
 */
const KEPT = words(
  `commandType resultRelation cteList rtable jointree targetList returningList groupClause groupingSets havingQual
   windowClause distinctClause sortClause limitOffset limitCount setOperations mergeActionList mergeJoinCondition onConflict
   rtekind subquery jointype functions values_lists ctename ctelevelsup ctequery groupexprs funcexpr
   fromlist quals larg rarg rtindex expr resname ressortgroupref resjunk tleSortGroupRef
   args arg boolop aggdirectargs aggorder aggdistinct aggfilter aggstar winref subLinkType testexpr subselect
   defresult result nulltesttype booltesttype elements row_args useOr op paramkind paramid
   action arbiterElems arbiterWhere onConflictSet onConflictWhere qual partitionClause orderClause startOffset endOffset all
   ${Object.keys(CATALOGUES).join(' ')}`,
)

/** A conversion to a type comes and goes with the type of a column; what is converted stays. */
const CONVERSIONS = words('RELABELTYPE COERCEVIAIO ARRAYCOERCEEXPR CONVERTROWTYPEEXPR COERCETODOMAIN COLLATEEXPR')
/** CoercionForm: how a function that converts was written. */
const CASTS = words('1 2')

/** Reads the names of objects as the catalogue has them; numbers that it does not know stay numbers. */
export type Names = (catalogue: Catalogue, oid: number) => string

/** What the names of a query mean, by the server's own parse tree of it. */
export const meaningOf = (tree: ParseNode, names: Names): Meaning => new Meanings(names).of(tree)

class Meanings {
  readonly #names: Names
  /** The relations of the queries around what is being read, innermost last. */
  readonly #relations: (readonly ParseNode[])[] = []

  constructor(names: Names) {
    this.#names = names
  }

  of(value: ParseValue): Meaning {
    if (typeof value === 'string') return value
    if (isList(value)) return value.map((one) => this.of(one))
    const { kind } = value
    if (kind === 'CONST') return kind
    if (kind === 'VAR') return this.#column(value)
    const converted = convertedBy(value)
    if (converted !== null) return this.of(converted)
    if (kind !== 'QUERY') return this.#node(value)
    this.#relations.push(nodesIn(value, 'rtable'))
    const meaning = this.#node(value)
    this.#relations.pop()
    return meaning
  }

  #node({ kind, fields }: ParseNode): Meaning {
    const parts: Record<string, Meaning> = {}
    for (const [field, values] of fields) {
      if (!KEPT.has(field)) continue
      const catalogue = catalogueOf(field)
      const [value] = values
      if (value === undefined) continue
      parts[field] =
        catalogue === null || typeof value !== 'string' || value === '0'
          ? this.of(value)
          : { is: 'object', oid: Number(value), name: this.#names(catalogue, Number(value)) }
    }
    return { is: 'node', kind, parts }
  }

  /** A column by its name: its number among those of a join or a query within moves with every new one before it. */
  #column(node: ParseNode): Meaning {
    const [level, relation, column] = [wordIn(node, 'varlevelsup'), wordIn(node, 'varno'), wordIn(node, 'varattno')]
    const eref = this.#relations.at(-1 - Number(level))?.[Number(relation) - 1]?.fields.get('eref')?.[0]
    const named = isNode(eref) ? eref.fields.get('colnames')?.[0] : undefined
    const name = isList(named) ? named[Number(column) - 1] : undefined
    return {
      is: 'column',
      name: typeof name === 'string' ? unquoted(name) : column === '0' ? '*' : column,
      of: isNode(eref) ? wordIn(eref, 'aliasname') : '',
      place: `${level} ${relation}`,
    }
  }
}

function convertedBy({ kind, fields }: ParseNode): ParseValue | null {
  if (CONVERSIONS.has(kind)) return fields.get('arg')?.[0] ?? null
  const form = fields.get('funcformat')?.[0]
  if (kind !== 'FUNCEXPR' || typeof form !== 'string' || !CASTS.has(form)) return null
  const args = fields.get('args')?.[0]
  return isList(args) ? (args[0] ?? null) : null
}

const wordIn = ({ fields }: ParseNode, field: string): string => {
  const value = fields.get(field)?.[0]
  return typeof value === 'string' ? value : ''
}

const nodesIn = ({ fields }: ParseNode, field: string): ParseNode[] => {
  const value = fields.get(field)?.[0]
  return isList(value) ? value.filter(isNode) : []
}

const unquoted = (text: string): string => (text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text)

/** Their names in one question each. Operators and functions of the server's own are named without types: those follow from the columns'. */
const NAMES_SQL = `
  SELECT 'relation' AS catalogue, c.oid, pg_catalog.format('%I.%I', n.nspname, c.relname) AS name
    FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
   WHERE c.oid OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.oid[])
  UNION ALL
  SELECT 'routine', p.oid, CASE n.nspname WHEN 'pg_catalog' THEN p.proname::pg_catalog.text
         ELSE p.oid::pg_catalog.regprocedure::pg_catalog.text END
    FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) p.pronamespace
   WHERE p.oid OPERATOR(pg_catalog.=) ANY ($2::pg_catalog.oid[])
  UNION ALL
  SELECT 'operator', o.oid, pg_catalog.format('operator %I.%s', n.nspname, o.oprname)
    FROM pg_catalog.pg_operator AS o JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) o.oprnamespace
   WHERE o.oid OPERATOR(pg_catalog.=) ANY ($3::pg_catalog.oid[])`

/** Looks up the names of everything that these trees mean. */
export async function namesIn(admin: Client, trees: readonly ParseNode[]): Promise<Names> {
  const wanted: Record<Catalogue, Set<number>> = { relation: new Set(), routine: new Set(), operator: new Set() }
  for (const tree of trees) eachField(tree, (catalogue, oid) => wanted[catalogue].add(oid))
  const { rows } = await admin.query<{ catalogue: string; oid: number; name: string }>(NAMES_SQL, [
    [...wanted.relation],
    [...wanted.routine],
    [...wanted.operator],
  ])
  const found = new Map(rows.map(({ catalogue, oid, name }) => [`${catalogue} ${oid}`, name]))
  return (catalogue, oid) => found.get(`${catalogue} ${oid}`) ?? `${catalogue} ${oid}`
}

function eachField(value: ParseValue, visit: (catalogue: Catalogue, oid: number) => void): void {
  if (typeof value === 'string') return
  if (isList(value)) {
    for (const one of value) eachField(one, visit)
    return
  }
  for (const [field, values] of value.fields) {
    const catalogue = catalogueOf(field)
    const [first] = values
    if (catalogue !== null && typeof first === 'string') visit(catalogue, Number(first))
    for (const one of values) if (typeof one === 'object') eachField(one, visit)
  }
}
