import { as } from '../../../sql/tree.ts'
import { error, type Harms, NONE, remark, warning } from '../harm.ts'
import { reachOf } from '../code/reach.ts'
import { openPath } from '../protection/definer-paths.ts'
import { schemasOf } from '../protection/shadows.ts'
import type { Scene } from '../scene.ts'
import { hasFacet, plain, type Thing, valueOf } from '../thing.ts'
import { nodeOf } from './constraint-text.ts'
import { judgeOverload, takesCallsOf } from './overloads.ts'
import { needsPath } from './bodies.ts'
import { along, type FacetRule, owner, type SortRules, staticName, unnoticed } from './rules.ts'
import { shortType } from './types-of-columns.ts'

const name = (thing: Thing): string => staticName({ ...thing, sort: 'function' })
const whole = (thing: Thing): string => `${thing.sort} ${plain(thing.name)}`
const BESIDE = 'Give the new function a name of its own, and let the new version call that.'

const answersDifferently =
  (words: string): FacetRule =>
  ({ after }) =>
    error('compat/change-function', whole(after), `${words} ${after.object}: the running version calls it as well`, {
      hint: BESIDE,
    })

const VOLATILITY = ['immutable', 'stable', 'volatile']

/** What of a body the server refuses to run in a parallel worker, or in a function that says it writes nothing. */
function writingOf(thing: Thing, scene: Scene): string | null {
  const reach = reachOf(thing, scene)
  const [written] = reach.writes
  if (written !== undefined) return `its body writes to ${written[0]} (${written[1]})`
  return reach.isCounting ? 'its body takes numbers of a sequence' : null
}

/** In a parallel plan a write fails with 25000; what only reads is as well in one as without. */
const parallel: FacetRule = ({ after, to }, scene) => {
  const writing = to === 'safe' ? writingOf(after, scene) : null
  return writing === null
    ? NONE
    : error('compat/change-function', whole(after), `lets ${after.object} run in parallel workers, and ${writing}`, {
        hint: `ALTER ${after.sort.toUpperCase()} ${after.name} PARALLEL UNSAFE;`,
      })
}

const volatility: FacetRule = ({ before, after, to }, scene) => {
  // Each of the words is a facet of its own; the one that comes speaks for both.
  if (to === null) return NONE
  const rank = (thing: Thing): number => VOLATILITY.findIndex((word) => hasFacet(thing, word))
  const [was, is] = [VOLATILITY[rank(before)] ?? '', VOLATILITY[rank(after)] ?? '']
  const what = `makes ${after.object} ${is}, which was ${was}`
  if (rank(after) > rank(before))
    return error('compat/change-function', whole(after), `${what}: indexes and plans can no longer rely on it`, {
      hint: BESIDE,
    })
  const writing = writingOf(after, scene)
  if (writing !== null)
    return error('compat/change-function', whole(after), `${what}, and ${writing}: calls fail, or are left out`, {
      hint: `ALTER ${after.sort.toUpperCase()} ${after.name} VOLATILE;`,
    })
  return is === 'stable'
    ? remark('compat/change-function', whole(after), what)
    : warning('compat/change-function', whole(after), `${what}: its answers may be remembered`)
}

const returns: FacetRule = ({ after, from, to }) => {
  const open = after.name.indexOf('(')
  const args = after.name
    .slice(open + 1, -1)
    .split(',')
    .filter((one) => one !== '')
    .map((one) => shortType(one.trim()))
  return error(
    'compat/replace-function',
    `function ${plain(after.name.slice(0, open))}(${args.join(', ')})`,
    `replaces ${after.object}, which returns ${from ?? 'nothing'}, by one that returns ${to ?? 'nothing'}`,
    { hint: 'Give it a new name.' },
  )
}

interface Parameter {
  readonly name: string
  readonly hasDefault: boolean
}

function parametersOf(text: string | null): readonly Parameter[] | null {
  const node = as(nodeOf(`CREATE FUNCTION f(${text ?? ''}) RETURNS void LANGUAGE sql AS ''`), 'CreateFunctionStmt')
  if (node === undefined) return null
  return (node.parameters ?? [])
    .flatMap((one) => as(one, 'FunctionParameter') ?? [])
    .map((one) => ({ name: one.name ?? '', hasDefault: one.defexpr !== undefined }))
}

/** Calls by name need the old names, and calls that leave arguments out need the old defaults. */
const argumentNames: FacetRule = ({ after, from, to }) => {
  const [was, is] = [parametersOf(from), parametersOf(to)]
  const isKept =
    was?.length === is?.length &&
    was?.every((one, index) => {
      const now = is?.[index]
      return (one.name === '' || one.name === now?.name) && (!one.hasDefault || now?.hasDefault === true)
    })
  if (isKept === true) return NONE
  return error(
    'compat/change-function',
    whole(after),
    `changes the arguments of ${after.object} from (${from ?? ''}) to (${to ?? ''}): calls with names or defaults fail`,
    { hint: BESIDE },
  )
}

const pathOf = (thing: Thing): string | null => {
  const settings = valueOf(thing, 'settings ')
  const at = settings?.indexOf('search_path=') ?? -1
  if (settings === null || at === -1) return null
  const rest = settings.slice(at + 'search_path='.length)
  const end = rest.search(/, [a-z_.]+=/i)
  return end === -1 ? rest : rest.slice(0, end)
}

const withoutPath = (thing: Thing): Harms =>
  error(
    'security/definer-without-search-path',
    name(thing),
    `${thing.object} runs with its owner's rights and the caller's search_path`,
    {
      hint: `ALTER ${thing.sort.toUpperCase()} ${thing.name} SET search_path = public, pg_temp;`,
    },
  )

/** What a SECURITY DEFINER function finds is its callers' to decide, without a path of its own or with an open one. */
function unfixed(thing: Thing, scene: Scene): Harms {
  const path = pathOf(thing)
  if (path === null) return withoutPath(thing)
  const why = openPath(thing, path, scene)
  return why === null
    ? NONE
    : error(
        'security/definer-without-search-path',
        name(thing),
        `${thing.object} runs with its owner's rights and search_path ${path}, which keeps nobody out: ${why}`,
        {
          hint: `ALTER ${thing.sort.toUpperCase()} ${thing.name} SET search_path = pg_catalog, pg_temp; with the schema of each name written out in the body.`,
        },
      )
}

const definer: FacetRule = ({ after, to }, scene) => {
  if (to === null)
    return error(
      'compat/change-function',
      whole(after),
      `takes the owner's rights from ${after.object}: the running roles may lack what it does`,
      { hint: BESIDE },
    )
  const harms = unfixed(after, scene)
  return harms.length > 0
    ? harms
    : remark('compat/change-function', whole(after), `lets ${after.object} run with its owner's rights`)
}

/** Settings that change how fast a body is, and not what it does. */
const TUNING =
  /^(?:work_mem|maintenance_work_mem|hash_mem_multiplier|temp_buffers|jit(?:_.*)?|enable_.*|.*_cost|geqo(?:_.*)?|plan_cache_mode|log_.*|client_min_messages|application_name|effective_.*|.*_collapse_limit|max_parallel_.*|min_parallel_.*|parallel_.*|track_.*|auto_explain\..*|cursor_tuple_fraction|default_statistics_target|constraint_exclusion|lock_timeout|statement_timeout)$/

function settingsOf(text: string | null): ReadonlyMap<string, string> {
  const starts = [...(text ?? '').matchAll(/(?:^|, )([a-z_.]+)=/gi)]
  return new Map(
    starts.map((one, index) => [
      (one[1] ?? '').toLowerCase(),
      (text ?? '').slice(one.index + one[0].length, starts[index + 1]?.index),
    ]),
  )
}

/** Less than this is little for one step of a plan, and for waiting. A statement_timeout of a function stops no call of it. */
const LITTLE_MEMORY_BYTES = 1_000_000
const SHORT_TIME_MS = 500
const PLANNING = /^(?:enable_.*|(?:seq|random|cpu|parallel)_.*_cost|.*_collapse_limit)$/
const MEMORY = /^(?:work_mem|maintenance_work_mem|temp_buffers)$/

/** `enable_indexscan = off: …`, for a setting that comes and may make a body slower, or stop it; null if there is none. */
function slowed(was: ReadonlyMap<string, string>, is: ReadonlyMap<string, string>): string | null {
  for (const [key, value] of is) {
    if (was.get(key) === value) continue
    const told = `${key} = ${value}`
    const isOff = ['off', 'false', 'no', '0'].includes(value.toLowerCase())
    if (PLANNING.test(key) && (isOff || !key.startsWith('enable_')))
      return `${told}: its queries get other plans, which may take far longer`
    if (MEMORY.test(key) && bytesOf(value) < LITTLE_MEMORY_BYTES)
      return `${told}: what no longer fits is sorted and joined on disk`
    if (key === 'lock_timeout' && !isOff && millisecondsOf(value) < SHORT_TIME_MS)
      return `${told}: calls that wait longer for a row or a table fail`
  }
  return null
}

const bytesOf = (value: string): number => amount(value, { '': 1024, b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 })
const millisecondsOf = (value: string): number =>
  amount(value, { '': 1, us: 0.001, ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 })

/** `64kB`, `'500ms'`; what cannot be read is taken as a lot. */
function amount(value: string, units: Readonly<Record<string, number>>): number {
  const [, number = '', unit = ''] = /^'?([\d.]+)\s*([a-z]*)'?$/i.exec(value.trim()) ?? []
  const factor = units[unit.toLowerCase()]
  return number === '' || factor === undefined ? Number.POSITIVE_INFINITY : Number(number) * factor
}

const BUILT_IN = new Set(['', 'pg_catalog', 'pg_temp'])

const settings: FacetRule = ({ before, after, from, to }, scene) => {
  const [was, is] = [pathOf(before), pathOf(after)]
  if (was !== is) {
    const harms = hasFacet(after, 'security definer') ? unfixed(after, scene) : NONE
    if (harms.length > 0) return harms
    const schemas = is === null ? null : schemasOf(is)
    // Fixing the path of one that had none to where names were found before is how a definer is mended.
    if (was === null && schemas?.every((one) => one === 'public' || BUILT_IN.has(one)) === true) {
      const unfound = schemas.includes('public') ? null : needsPath(after, scene)
      return unfound === null
        ? otherSettings(after, from, to)
        : error(
            'compat/change-function',
            whole(after),
            `lets ${after.object} find no name without a schema, and ${unfound}`,
            {
              hint: 'Name the schemas in the body first, by CREATE OR REPLACE in the same release.',
            },
          )
    }
    return error(
      'security/setting-shadows-schema',
      whole(after),
      `lets ${after.object} find its names by search_path ${is ?? "of the caller's"} in place of ${was ?? "the caller's"}`,
      { hint: 'Name the schemas in the body, and leave the path.' },
    )
  }
  return otherSettings(after, from, to)
}

function otherSettings(after: Thing, from: string | null, to: string | null): Harms {
  const [was, is] = [settingsOf(from), settingsOf(to)]
  const isMeaningful = [...was.keys(), ...is.keys()].some(
    (one) => one !== 'search_path' && was.get(one) !== is.get(one) && !TUNING.test(one),
  )
  if (isMeaningful)
    return error(
      'compat/change-function',
      whole(after),
      `changes the settings under which ${after.object} runs from ${from ?? 'none'} to ${to ?? 'none'}`,
      { hint: BESIDE },
    )
  const slow = slowed(was, is)
  return slow === null
    ? NONE
    : warning('compat/slower-plans', whole(after), `lets ${after.object} run with ${slow}`, {
        hint: `ALTER ${after.sort.toUpperCase()} ${after.name} RESET ${slow.slice(0, slow.indexOf(' '))};`,
      })
}

function added(thing: Thing, scene: Scene): Harms {
  return [...(hasFacet(thing, 'security definer') ? unfixed(thing, scene) : NONE), ...judgeOverload(thing, scene)]
}

function removed(thing: Thing, scene: Scene, alongWith: string | null): Harms {
  const heir = scene.added.find((one) => one.sort === thing.sort && takesCallsOf(one, thing))
  const what = `drops ${thing.object}, which the running version may call${along(alongWith)}`
  const isSame = ['language ', 'body sha256 '].every((key) => valueOf(heir, key) === valueOf(thing, key))
  if (heir !== undefined && !isSame && alongWith === null)
    return error(
      'compat/change-function',
      name(thing),
      `${what}; ${heir.object} takes its calls and does something else`,
      {
        hint: BESIDE,
      },
    )
  if (heir !== undefined && alongWith === null)
    return remark('compat/drop-function', name(thing), `${what}; ${heir.object} takes the same calls`)
  return error('compat/drop-function', name(thing), what, {
    hint: 'Keep it for this release; CREATE OR REPLACE FUNCTION changes its body in place.',
  })
}

export const routines: SortRules = {
  facets: {
    'owner ': owner,
    'arguments ': argumentNames,
    'returns ': returns,
    'language ': unnoticed,
    immutable: volatility,
    stable: volatility,
    volatile: volatility,
    window: answersDifferently('changes'),
    strict: answersDifferently('changes what NULL means to'),
    'security definer': definer,
    leakproof: answersDifferently('changes what leaks from'),
    'parallel ': parallel,
    'cost ': unnoticed,
    'support ': unnoticed,
    'settings ': settings,
    'body sha256 ': answersDifferently('replaces the body of'),
    'kind ': answersDifferently('changes how to compute'),
    'sorts by ': unnoticed,
  },
  added,
  removed,
}
