import type { Probe, TracedStatement } from '../../observers/effects/kind.ts'
import { tokensOf } from '../../sql/tokens.ts'
import { error, type Harms, NONE, remark } from './harm.ts'
import { statementOf } from './place.ts'
import type { Scene } from './scene.ts'
import { isContradiction } from './sorts/contradiction.ts'
import { hasFacet, ownName, plain, type Thing, thingOf, valueOf } from './thing.ts'

/** Judges what could be done to a row of a table before the release and cannot, or not so, after it. */
export const judgeProbes = (scene: Scene): Harms =>
  (scene.effects.probes ?? []).flatMap((probe) => judgeProbe(probe, scene))

/** Nothing is said of tables that nothing could be tried on. */
export function judgeUntried(scene: Scene): Harms {
  const untried = scene.effects.unprobed ?? []
  const [first] = untried
  if (first === undefined) return NONE
  const names = untried.slice(0, MOST_NAMES).map((one) => `${plain(one.object)} (${one.reason})`)
  const more = untried.length > MOST_NAMES ? [`${untried.length - MOST_NAMES} more`] : []
  return remark(
    'compat/writes-not-tried',
    plain(first.object),
    `writes of the running version were not tried on ${[...names, ...more].join(', ')}`,
  )
}

const MOST_NAMES = 5

const WORDS = {
  select: { act: 'reading', hint: 'Read every column of the table in a test before the release.' },
  insert: { act: 'an INSERT into', hint: 'Let the trigger, default, constraint or index take what is written today.' },
  update: { act: 'an UPDATE of', hint: 'Let the trigger, constraint or index take what is written today.' },
  delete: { act: 'a DELETE from', hint: 'Let the trigger or publication take what is deleted today.' },
} as const

function judgeProbe(probe: Probe, scene: Scene): Harms {
  const { act, hint } = WORDS[probe.operation]
  const { error: failed, rows, isKept } = probe.after
  const what = `${act} ${probe.object}`
  const subject = plain(probe.object)
  if (failed !== null) return judgeFailure(probe, failed, `${what} worked before the release and fails after it`, scene)
  if ((probe.before.rows > 0 && rows === 0) || (probe.before.isKept && !isKept)) {
    if (probe.operation === 'select') return NONE
    const proof = `${probe.role} tried it${writing(probe)} on a row: ${probe.before.rows} touched before, ${rows} after${isKept ? '' : ', and what was written is not there'}`
    return error('compat/write-swallowed', subject, `${what} has no effect any more, and no error tells`, {
      by: causeOf(probe, '', scene),
      proof,
      hint,
    })
  }
  const altered = probe.after.altered.filter((one) => !isRetyped(probe.object, one.column, scene))
  const [first] = altered
  if (first === undefined) return NONE
  const columns = altered.map((one) => one.column).join(', ')
  return error('compat/write-altered', subject, `${what} no longer keeps what was written to ${columns}`, {
    by: causeOf(probe, '', scene),
    proof: `${probe.role} wrote ${first.wrote ?? 'NULL'} to ${first.column}, and it holds ${first.holds ?? 'NULL'}`,
    hint,
  })
}

type Failed = NonNullable<Probe['after']['error']>

/** What the catalogue tells as well is left to those who judge it: rights, and columns that are required now. */
function judgeFailure(probe: Probe, failed: Failed, message: string, scene: Scene): Harms {
  const own = ownName(thingOf({ object: probe.object, definition: '' }))
  if (failed.sqlstate === INSUFFICIENT_PRIVILEGE && failed.message.includes(own)) return NONE
  if (failed.sqlstate === NOT_NULL_VIOLATION && failed.table === own && isMoreRequired(probe.object, scene)) return NONE
  const code = probe.operation === 'select' ? 'compat/read-fails' : 'compat/write-fails'
  const more = {
    by: causeOf(probe, failed.message, scene),
    proof: `${probe.role}${writing(probe)}: ${failed.message} (${failed.sqlstate ?? 'no SQLSTATE'})`,
    hint: WORDS[probe.operation].hint,
  }
  const subject = plain(probe.object)
  const constraint = ofTheRelease(failed.constraint, scene)
  if (constraint === undefined) return error(code, subject, message, more)
  if (probe.isEverything === true && (isWithoutValues(constraint) || isMetByNone(constraint, probe.object, scene)))
    return error(code, subject, `${message}, whatever is written: ${ownName(constraint)} takes none of it`, more)
  // That a made-up row does not meet a new constraint proves nothing of the rows of production.
  return remark(code, subject, `${message} with a made-up row, by a constraint of this release`, more)
}

const writing = ({ what }: Probe): string => (what === undefined ? '' : ` (${what})`)

/** Whether a check compares with no value of its own: one that the rows at hand do not have may be all that is written. */
function isWithoutValues({ sort, facets }: Thing): boolean {
  const definition = facets.find((one) => one.startsWith('CHECK '))
  const tokens = sort === 'constraint' && definition !== undefined ? tokensOf(definition) : null
  return tokens?.every(({ text }) => !text.includes("'") && Number.isNaN(Number(text))) ?? false
}

/** Whether what the check compares with contradicts itself. */
function isMetByNone({ sort, facets }: Thing, table: string, scene: Scene): boolean {
  const definition = facets.find((one) => one.startsWith('CHECK '))
  if (sort !== 'constraint' || definition === undefined) return false
  const columns = [...scene.after.values()].filter((one) => one.sort === 'column' && one.parent === table)
  return isContradiction(definition, (name) =>
    columns.some((one) => ownName(one) === name && hasFacet(one, 'not null')),
  )
}

const INSUFFICIENT_PRIVILEGE = '42501'
const NOT_NULL_VIOLATION = '23502'

const touched = (scene: Scene): Thing[] => [
  ...scene.added,
  ...scene.changed.map(({ after }) => after),
  ...scene.removed,
]

const ofTheRelease = (constraint: string | null, scene: Scene): Thing | undefined =>
  constraint === null
    ? undefined
    : touched(scene).find((one) => ['constraint', 'index', 'domain'].includes(one.sort) && ownName(one) === constraint)

/** Also a column that has another name now: an INSERT under the names of before cannot fill it. */
const isMoreRequired = (table: string, scene: Scene): boolean =>
  scene.renames.some(({ to }) => to.startsWith('column ') && scene.after.get(to)?.parent === table) ||
  [...scene.added, ...scene.changed.map(({ after }) => after)].some(
    (one) => one.sort === 'column' && one.parent === table && hasFacet(one, 'not null'),
  )

const isRetyped = (table: string, column: string, scene: Scene): boolean =>
  scene.changed.some(
    ({ before, after }) =>
      after.parent === table &&
      after.sort === 'column' &&
      ownName(after) === column &&
      valueOf(before, 'type ') !== valueOf(after, 'type '),
  )

/** What most often stands between a statement and the row, first. */
const LIKELY = ['trigger', 'rule', 'view', 'function', 'publication', 'index', 'column', 'constraint', 'policy', 'type']

function rank(one: Thing): number {
  const place = LIKELY.indexOf(one.sort)
  return (place === -1 ? LIKELY.length : place) + (one.parent === null ? 0.5 : 0)
}

/** The statement about what the server's message names, or else about what most likely did it. */
function causeOf({ object }: Probe, message: string, scene: Scene): TracedStatement | null {
  const near = touched(scene).filter(
    (one) => one.parent === object || (one.parent === null && one.sort !== 'table') || one.object === object,
  )
  const ranked = near.toSorted((a, b) => rank(a) - rank(b))
  const named = ranked.find((one) => message.includes(`"${ownName(one)}"`))
  const thing = named ?? ranked[0] ?? thingOf({ object, definition: '' })
  return statementOf(thing, scene.added.includes(thing) ? 'created' : 'altered', scene)
}
