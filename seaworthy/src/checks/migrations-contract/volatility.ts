import { type Node, partsOf, walk } from '../../sql/tree.ts'
import type { RuleContext } from './context.ts'

/**
 * Functions of PostgreSQL itself that give one value for a whole statement, as pg_proc.provolatile has them
 * (`i` or `s`). What is neither here nor a known function of the schema may be volatile.
 */
const STEADY = new Set(
  `now transaction_timestamp statement_timestamp timezone date_trunc date_part extract make_interval make_date
   make_time make_timestamp make_timestamptz to_timestamp to_date to_char to_number age lower upper initcap concat
   concat_ws format length char_length octet_length md5 sha224 sha256 sha384 sha512 encode decode convert_to
   convert_from replace translate regexp_replace substring substr left right trim btrim ltrim rtrim lpad rpad repeat
   reverse split_part ascii chr to_hex abs ceil ceiling floor round trunc mod power sqrt greatest least coalesce nullif
   json_build_object json_build_array jsonb_build_object jsonb_build_array to_json to_jsonb json_object jsonb_object
   row_to_json array_to_json jsonb_set array_append array_cat array_fill array_length array_to_string string_to_array
   cardinality to_tsvector to_tsquery setweight int4range int8range numrange tsrange tstzrange daterange
   current_setting current_user session_user current_schema current_database version point box circle inet_client_addr
   num_nonnulls num_nulls quote_ident quote_literal uuid_nil uuid_ns_dns uuid_ns_url uuid_generate_v3 uuid_generate_v5`
    .split(/\s+/)
    .filter((name) => name !== ''),
)

/** The first function in an expression that may give each row a value of its own; null if there is none. */
export function volatileCall(expression: Node | undefined, context: RuleContext): string | null {
  let found: string | null = null
  walk([expression], 'FuncCall', (call) => {
    const parts = partsOf(call.funcname)
    const name = parts.at(-1) ?? ''
    const known = context.routines(context.name(parts))
    const isSteady = known.length > 0 ? known.every((one) => !one.isVolatile) : STEADY.has(name)
    if (!isSteady) found ??= name
  })
  return found
}
