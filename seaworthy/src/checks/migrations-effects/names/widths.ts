import { eachNode, memberOf, queryIn, treeOf } from '../../../sql/plpgsql.ts'
import {
  as,
  type Node,
  type NodeOf,
  optionOf,
  partsOf,
  rangeParts,
  type SelectStmt,
  stringOf,
  walk,
} from '../../../sql/tree.ts'
import { type Body, type Routine, statementsIn } from '../code/body.ts'
import type { Scene } from '../scene.ts'
import { plain } from '../thing.ts'
import { columnsOf, type Gain, type Taken } from './gains.ts'
import { type Width, widthOf } from './scopes.ts'

/** Queries whose number of columns no longer is the one that is asked for. */
export function judgeWidths(body: Body, routine: Routine, gains: readonly Gain[], scene: Scene): Taken | null {
  const before: Width = (name) => columnsOf(name, scene.before)?.length ?? null
  const after: Width = (name) => columnsOf(name, scene.after)?.length ?? null
  const demands = [...body.statements.flatMap((one) => demandsIn(one.node)), ...returned(body, routine)]
  for (const { query, asked, isLeast, what } of demands) {
    const [was, is] = [widthOf(query, before), widthOf(query, after)]
    const [wanted, wants] = [asked(before), asked(after)]
    if (was === null || is === null || wanted === null || wants === null) continue
    const fits = (given: number, taken: number): boolean => (isLeast ? given <= taken : given === taken)
    if (!fits(was, wanted) || fits(is, wants)) continue
    const gain = gains[0]
    const own = gains.find((one) => JSON.stringify(query).includes(`"${one.relation.split('.').at(-1) ?? ''}"`)) ?? gain
    if (own === undefined) continue
    return {
      gain: own,
      what: `fails from now on: it ${what} ${wants} columns and selects ${is}, since column ${plain(own.relation)}.${own.column} came`,
    }
  }
  return null
}

interface Demand {
  readonly query: SelectStmt
  readonly asked: (width: Width) => number | null
  /** Fewer columns do as well. */
  readonly isLeast: boolean
  readonly what: string
}

/** What a statement asks of the queries in it: INSERT of its own, UNION of both sides. */
function demandsIn(node: Node): Demand[] {
  const found: Demand[] = []
  const insert = as(node, 'InsertStmt')
  const rows = as(insert?.selectStmt, 'SelectStmt')
  const into = rangeParts(insert?.relation).join('.')
  if (rows !== undefined) {
    const listed = insert?.cols?.length
    found.push({
      query: rows,
      asked: (width) => listed ?? width(into),
      isLeast: true,
      what: `inserts into ${into}, which takes`,
    })
  }
  walk([node], 'SelectStmt', (select) => found.push(...unionsIn(select)))
  return found
}

function unionsIn({ larg, rarg }: SelectStmt): Demand[] {
  if (larg === undefined || rarg === undefined) return []
  const own: Demand = {
    query: rarg,
    asked: (width) => widthOf(larg, width),
    isLeast: false,
    what: 'joins by UNION with a query of',
  }
  return [own, ...unionsIn(larg), ...unionsIn(rarg)]
}

/** What a function asks of the queries whose rows it returns. */
function returned(body: Body, { node }: Routine): Demand[] {
  const outputs = outputsOf({ node }).length
  const names = partsOf(node.returnType?.names)
  const asked: Demand['asked'] = (width) => {
    if (outputs > 0) return outputs
    return names.length === 0
      ? null
      : (width(names.join('.')) ?? (names[0] === 'pg_catalog' && !ANY.has(names[1] ?? '') ? 1 : null))
  }
  return queriesReturned(body, stringOf(optionOf(node.options, 'language')?.arg) ?? 'sql').map((query) => ({
    query,
    asked,
    isLeast: false,
    what: 'returns',
  }))
}

/** The columns that a function declares to return. */
export const outputsOf = ({ node }: Pick<Routine, 'node'>): NodeOf<'FunctionParameter'>[] =>
  (node.parameters ?? []).flatMap((one) => {
    const parameter = as(one, 'FunctionParameter')
    return parameter !== undefined && OUTPUTS.has(parameter.mode ?? '') ? [parameter] : []
  })

const OUTPUTS: ReadonlySet<string> = new Set(['FUNC_PARAM_OUT', 'FUNC_PARAM_TABLE', 'FUNC_PARAM_INOUT'])
/** Types of as many columns as come, and none. */
const ANY: ReadonlySet<string> = new Set(['record', 'void', 'trigger'])

/** The queries whose rows a function returns. */
export function queriesReturned(body: Body, language: string): SelectStmt[] {
  const last = as(body.statements.at(-1)?.node, 'SelectStmt')
  if (language === 'sql') return last === undefined ? [] : [last]
  if (body.source === null) return []
  const found: SelectStmt[] = []
  eachNode(treeOf(body.source), (kind, node) => {
    if (kind !== 'PLpgSQL_stmt_return_query') return
    const query = as(statementsIn(queryIn(memberOf(node, 'query')))?.[0]?.node, 'SelectStmt')
    if (query !== undefined) found.push(query)
  })
  return found
}
