import { error, type Harms, NONE, remark } from '../harm.ts'
import { judgeShadow } from '../protection/shadows.ts'
import type { Scene } from '../scene.ts'
import { ownName, type Thing, valueOf } from '../thing.ts'
import { staticName } from './rules.ts'

interface Calls {
  readonly types: readonly string[]
  readonly least: number
  readonly most: number
}

const signature = (thing: Thing): string => thing.name.slice(0, thing.name.indexOf('('))

/** With how many arguments it can be called. */
function callsOf(thing: Thing): Calls {
  const inside = thing.name.slice(thing.name.indexOf('(') + 1, -1)
  const types = inside === '' ? [] : inside.split(',')
  const text = valueOf(thing, 'arguments ') ?? ''
  const defaults = text.split(' DEFAULT ').length - 1
  const isVariadic = text.includes('VARIADIC ')
  return {
    types,
    least: Math.max(0, types.length - defaults - (isVariadic ? 1 : 0)),
    most: isVariadic ? Number.MAX_SAFE_INTEGER : types.length,
  }
}

/** Whether every call of the old one is a call of the new one, with the same types and result. */
export function takesCallsOf(now: Thing, old: Thing): boolean {
  if (signature(now) !== signature(old) || valueOf(now, 'returns ') !== valueOf(old, 'returns ')) return false
  const [calls, before] = [callsOf(now), callsOf(old)]
  return calls.least <= before.least && before.types.every((type, index) => calls.types[index] === type)
}

/** A new function of a name that the running version calls: may a call of before now mean the new one, or neither? */
export function judgeOverload(thing: Thing, scene: Scene): Harms {
  const calls = callsOf(thing)
  const older = [...scene.before.values()].filter(
    (one) => one.sort === thing.sort && signature(one) === signature(thing),
  )
  if (older.length === 0) return [...overServers(thing, scene), ...judgeShadow(thing, scene)]
  const rival = older.find((one) => {
    const before = callsOf(one)
    return scene.after.has(one.object) && calls.least <= before.most && before.least <= calls.most
  })
  const subject = staticName({ ...thing, sort: 'function' })
  if (rival === undefined)
    return older.some((one) => scene.after.has(one.object))
      ? remark(
          'compat/overload-function',
          subject,
          `makes ${thing.object} beside another one of its name; no call fits both`,
        )
      : NONE
  return error(
    'compat/overload-function',
    subject,
    `makes ${thing.object} beside ${rival.object}: calls of the running version may mean the new one, or neither (42725)`,
    {
      hint: 'Choose another name, or keep the argument types.',
    },
  )
}

/** Functions of the server that queries call without a schema; with types that fit better, another one is called. */
const SERVERS = new Set(
  `abs age array_agg array_append array_length array_to_string ascii avg btrim cardinality ceil char_length chr coalesce
   concat concat_ws count current_setting date_part date_trunc decode digest encode exp extract floor format
   generate_series greatest json_agg json_build_object jsonb_agg jsonb_build_object jsonb_set lag lead least left length
   ln log lower lpad ltrim make_date max md5 min mod now nullif num_nonnulls octet_length overlay power position
   quote_ident quote_literal random rank regexp_match regexp_replace repeat replace reverse right round row_number
   row_to_json rpad rtrim set_config sha256 sign split_part sqrt starts_with string_agg string_to_array strpos substr
   substring sum to_char to_date to_json to_jsonb to_number to_timestamp to_tsquery to_tsvector translate trim trunc
   unnest upper width_bucket`.split(/\s+/),
)

function overServers(thing: Thing, scene: Scene): Harms {
  const own = ownName(thing)
  // Of types that the release makes no query of the running version has a value.
  const isOfNewType = callsOf(thing).types.some((type) =>
    ['type', 'domain', 'table'].some((sort) => scene.after.has(`${sort} ${type}`) && !scene.isOld(`${sort} ${type}`)),
  )
  if (!SERVERS.has(own) || isOfNewType) return NONE
  return error(
    'compat/overload-function',
    staticName({ ...thing, sort: 'function' }),
    `makes ${thing.object} beside the server's own ${own}(): calls whose types fit it better mean the new one`,
    {
      hint: 'Choose another name.',
    },
  )
}
