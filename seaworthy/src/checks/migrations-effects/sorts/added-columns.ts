import { type FuncCall, type Node, partsOf, type SelectStmt, walk } from '../../../sql/tree.ts'
import type { Scene } from '../scene.ts'
import { ownName, valueOf } from '../thing.ts'

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/))

/** Functions of the server that give one value for each row, and wait for nothing. */
const PLAIN = words(
  `abs age array_length array_to_string ascii btrim cardinality ceil ceiling char_length chr concat concat_ws
   current_setting current_database date_bin date_part date_trunc digest encode extract floor format initcap
   json_array_length json_build_array json_build_object jsonb_array_length jsonb_build_array jsonb_build_object
   jsonb_extract_path jsonb_extract_path_text jsonb_typeof left length lower ltrim make_date md5 now num_nonnulls
   octet_length overlay position quote_ident quote_literal regexp_replace repeat replace reverse right round row_to_json
   rpad lpad rtrim sha256 sign split_part starts_with strpos substr substring timezone to_char to_json to_jsonb to_tsvector
   translate trim trunc upper`,
)
const AGGREGATES = words(
  'array_agg avg bool_and bool_or count every json_agg jsonb_agg json_object_agg jsonb_object_agg max min string_agg sum',
)

/** Whether these columns leave a view's rows as many and as writable as they were. */
export function isBesideRows(targets: readonly Node[], select: SelectStmt, scene: Scene): boolean {
  let isBeside = true
  const isGrouped = select.groupClause !== undefined
  walk(targets, 'FuncCall', (call) => (isBeside &&= isOneValue(call, isGrouped, scene)))
  // A subquery that answers with two rows fails, and a window closes the view to writes.
  walk(targets, 'SubLink', (link) => (isBeside &&= link.subLinkType === 'EXISTS_SUBLINK'))
  walk(targets, 'GroupingFunc', () => (isBeside &&= isGrouped))
  return isBeside
}

function isOneValue(call: FuncCall, isGrouped: boolean, scene: Scene): boolean {
  const own = partsOf(call.funcname).at(-1) ?? ''
  if (call.over !== undefined) return false
  const made = [...scene.after.values()].filter(
    (one) => (one.sort === 'function' || one.sort === 'aggregate') && ownName(one) === own,
  )
  if (made.length > 0) return made.every((one) => one.sort === 'function' && isScalar(valueOf(one, 'returns ')))
  return PLAIN.has(own) || (isGrouped && AGGREGATES.has(own))
}

const isScalar = (returned: string | null): boolean => returned !== null && !/^(?:SETOF|TABLE)\b/i.test(returned)
