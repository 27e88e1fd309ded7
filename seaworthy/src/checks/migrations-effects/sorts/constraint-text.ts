import { parseSql } from '../../../sql/parse.ts'
import { as, commandsOf, type Constraint, type Node, partsOf, rangeParts } from '../../../sql/tree.ts'

/** A constraint as the grammar has it, from the server's text of its definition. */
export function constraintOf(definition: string | undefined): Constraint | undefined {
  if (definition === undefined) return undefined
  const parsed = parseSql(`ALTER TABLE t ADD CONSTRAINT c ${definition}`)
  const alter = parsed.ok ? as(parsed.statements[0]?.node, 'AlterTableStmt') : undefined
  return as(commandsOf(alter?.cmds)[0]?.def, 'Constraint')
}

/** The statement of a definition such as an index or a view has. */
export function nodeOf(text: string | undefined | null): Node | undefined {
  if (text === undefined || text === null) return undefined
  const parsed = parseSql(text)
  return parsed.ok ? parsed.statements[0]?.node : undefined
}

/** Two trees are the same if only places in the text differ. */
export const bare = (value: unknown): string =>
  JSON.stringify(value, (key, member: unknown) =>
    ['location', 'list_start', 'list_end', 'rexpr_list_start', 'rexpr_list_end'].includes(key) ? undefined : member,
  ) ?? ''

export const keysOf = (constraint: Constraint | undefined): string => partsOf(constraint?.keys).toSorted().join()

/** What a foreign key ties to what, without how. */
export const tieOf = (constraint: Constraint | undefined): string =>
  JSON.stringify([partsOf(constraint?.fk_attrs), rangeParts(constraint?.pktable), partsOf(constraint?.pk_attrs)])

/** With a column's type the server's text of a check changes: `(note)::text` becomes `note`. */
function plainText(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(plainText)
  if (typeof node !== 'object' || node === null) return node
  const entries = Object.entries(node).map(([key, value]: [string, unknown]): [string, unknown] => [
    key,
    plainText(value),
  ])
  const cast = entries.length === 1 && entries[0]?.[0] === 'TypeCast' ? entries[0][1] : null
  if (typeof cast === 'object' && cast !== null && 'arg' in cast && 'typeName' in cast) {
    const isColumn = typeof cast.arg === 'object' && cast.arg !== null && 'ColumnRef' in cast.arg
    if (isColumn && bare(cast.typeName).includes('"sval":"text"')) return cast.arg
  }
  return Object.fromEntries(entries)
}

/** Whether every value that the old check lets through passes the new one, as far as that shows in their form. */
export function isLooser(before: Node | undefined, after: Node | undefined): boolean {
  if (bare(plainText(before)) === bare(plainText(after))) return true
  const [old, now] = [as(before, 'A_Expr'), as(after, 'A_Expr')]
  if (old === undefined || now === undefined || bare(old.lexpr) !== bare(now.lexpr)) return false
  if (old.kind === 'AEXPR_OP_ANY' && now.kind === 'AEXPR_OP_ANY') {
    const [known, allowed] = [elementsOf(old.rexpr), elementsOf(now.rexpr)]
    const isEquality = partsOf(old.name)[0] === '=' && partsOf(now.name)[0] === '='
    return isEquality && known !== null && allowed !== null && known.every((one) => allowed.includes(one))
  }
  const operator = partsOf(now.name)[0] ?? ''
  if (old.kind !== 'AEXPR_OP' || now.kind !== 'AEXPR_OP' || partsOf(old.name)[0] !== operator) return false
  const [was, is] = [numberOf(old.rexpr), numberOf(now.rexpr)]
  if (was === null || is === null) return false
  if (operator === '<' || operator === '<=') return is >= was
  return (operator === '>' || operator === '>=') && is <= was
}

function elementsOf(node: Node | undefined): string[] | null {
  const cast = as(node, 'TypeCast')
  if (cast !== undefined) return elementsOf(cast.arg)
  const array = as(node, 'A_ArrayExpr')
  return array === undefined ? null : (array.elements ?? []).map((one) => bare(constantOf(one)))
}

const constantOf = (node: Node | undefined): Node | undefined => {
  const cast = as(node, 'TypeCast')
  return cast === undefined ? node : constantOf(cast.arg)
}

function numberOf(node: Node | undefined): number | null {
  const constant = as(constantOf(node), 'A_Const')
  if (constant?.ival !== undefined) return constant.ival.ival ?? 0
  // A negative constant is written as a string with a cast: '-5'::integer.
  const text = constant?.fval?.fval ?? constant?.sval?.sval
  const number = text === undefined || text === '' ? Number.NaN : Number(text)
  return Number.isFinite(number) ? number : null
}
