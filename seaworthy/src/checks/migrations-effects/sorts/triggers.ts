import { as, type NodeOf, partsOf } from '../../../sql/tree.ts'
import { error, type Harms, NONE, remark, warning } from '../harm.ts'
import type { Change, Scene } from '../scene.ts'
import { hasFacet, ownName, plain, type Thing, wholeName } from '../thing.ts'
import { workOf } from '../code/trigger-function.ts'
import { bare, nodeOf } from './constraint-text.ts'
import { along, nothing, type SortRules } from './rules.ts'

/** TRIGGER_TYPE_BEFORE and TRIGGER_TYPE_INSTEAD. Source: catalog/pg_trigger.h. */
const BEFORE = 2
const INSTEAD = 64

const table = (thing: Thing): string => `table ${plain(wholeName(thing))}`
const own = (thing: Thing): string => `${thing.sort} ${plain(wholeName(thing))}.${ownName(thing)}`
const statementOf = (thing: Thing): NodeOf<'CreateTrigStmt'> | undefined =>
  as(nodeOf(thing.facets[0]), 'CreateTrigStmt')

const OFF = ['disabled', 'fires on replicas only']
const isOff = (thing: Thing): boolean => OFF.some((one) => hasFacet(thing, one))

function disabled(thing: Thing): Harms {
  return error('compat/disable-trigger', table(thing), `disables ${thing.object} and leaves it so`, {
    hint: `ALTER TABLE ${wholeName(thing)} ENABLE ${thing.sort.toUpperCase()} ${ownName(thing)}; in the same transaction.`,
  })
}

const removed = (thing: Thing, _: Scene, alongWith: string | null): Harms =>
  error('compat/drop-trigger', own(thing), `drops ${thing.object}${along(alongWith)}`, {
    hint: 'Keep it until the new version does its work.',
  })

const ALWAYS = 'fires always'

/** Where rows come by replication or from a dump, session_replication_role keeps triggers quiet; but not such a one. */
const always = (thing: Thing): Harms =>
  warning(
    'compat/create-trigger',
    own(thing),
    `lets ${thing.object} fire always: also for rows that replication or a restore brings, whose effects came along already`,
    {
      hint: `ALTER TABLE ${wholeName(thing)} ENABLE TRIGGER ${ownName(thing)}; lets it fire for the writes of clients alone.`,
    },
  )

function added(thing: Thing, scene: Scene): Harms {
  if (!scene.isOld(thing.parent) || isOff(thing)) return NONE
  const harms = work(thing, scene)
  const isRefused = harms.some((one) => one.severity !== 'note')
  return hasFacet(thing, ALWAYS) && !isRefused ? always(thing) : harms
}

function work(thing: Thing, scene: Scene): Harms {
  const node = statementOf(thing)
  const isRow = node?.row === true
  const isBefore = node === undefined || node.timing === BEFORE || node.timing === INSTEAD
  const done = workOf(partsOf(node?.funcname), scene, wholeName(thing))
  // What a statement trigger returns, and what one that fires afterwards returns, nobody looks at.
  const why = isBefore && isRow ? done.before : done.after
  const message = `adds ${thing.object}, which fires for writes of the running version`
  if (why === null) return remark('compat/create-trigger', own(thing), message)
  return error('compat/create-trigger', own(thing), `${message}: ${why}`, {
    hint: 'Let the new version do the work, or add the trigger in a release whose running version expects it, with an acceptance in the policy.',
  })
}

const without = (node: NodeOf<'CreateTrigStmt'>): string => bare({ ...node, events: 0, columns: [] })

/** Of the old trigger's events none may be lost: the bits of pg_trigger.tgtype. */
function coversMore(before: NodeOf<'CreateTrigStmt'>, after: NodeOf<'CreateTrigStmt'>): boolean {
  const [was, is] = [before.events ?? 0, after.events ?? 0]
  return without(before) === without(after) && (was & is) === was && (after.columns ?? []).length === 0
}

function changed({ before, after }: Change, scene: Scene): Harms {
  if (isOff(after)) return isOff(before) && before.facets[0] === after.facets[0] ? NONE : disabled(after)
  if (isOff(before)) return added(after, scene)
  if (before.facets[0] === after.facets[0])
    return hasFacet(after, ALWAYS) && !hasFacet(before, ALWAYS) ? always(after) : NONE
  const [was, is] = [statementOf(before), statementOf(after)]
  if (was !== undefined && is !== undefined && coversMore(was, is)) return added(after, scene)
  return error('compat/drop-trigger', own(after), `replaces ${after.object} by one that fires otherwise`, {
    hint: 'Add the new trigger under a name of its own.',
  })
}

export const triggers: SortRules = { facets: { '*': nothing }, added, removed, changed }

const rewrites = (thing: Thing): Harms =>
  error('compat/create-rule', table(thing), `rewrites queries on ${thing.parent ?? ''} by ${thing.object}`, {
    hint: 'Use a trigger, or a view of another name.',
  })

export const rules: SortRules = {
  facets: { '*': nothing },
  added: (thing, scene) => (scene.isOld(thing.parent) && !isOff(thing) ? rewrites(thing) : NONE),
  removed,
  changed: ({ before, after }) => (isOff(after) && !isOff(before) ? disabled(after) : rewrites(after)),
}
