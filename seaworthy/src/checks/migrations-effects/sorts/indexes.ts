import { as, partsOf } from '../../../sql/tree.ts'
import { error, type Harms, NONE, remark, warning } from '../harm.ts'
import { isLarge, sizeOf } from '../locks/sizes.ts'
import type { Change, Scene } from '../scene.ts'
import { hasFacet, ownName, plain, type Thing } from '../thing.ts'
import { constraintOf, keysOf, nodeOf } from './constraint-text.ts'
import { along, nothing, type SortRules } from './rules.ts'

const subject = (thing: Thing): string => `index ${plain(thing.name)}`
const statementOf = (thing: Thing): string | undefined => thing.facets.find((one) => one.startsWith('CREATE '))
const isUnique = (thing: Thing): boolean => statementOf(thing)?.startsWith('CREATE UNIQUE ') === true

/** The columns of a whole unique index, as `keysOf` writes them; null for any other one. */
function uniqueKeys(thing: Thing): string | null {
  const node = as(nodeOf(statementOf(thing)), 'IndexStmt')
  if (node?.unique !== true || node.whereClause !== undefined || hasFacet(thing, 'invalid')) return null
  const names = (node.indexParams ?? []).map((one) => as(one, 'IndexElem')?.name)
  return names.includes(undefined) ? null : names.map(String).toSorted().join()
}

/** NULLS NOT DISTINCT keeps a second NULL out as well. */
const keepsNullsOut = (thing: Thing): boolean =>
  as(nodeOf(statementOf(thing)), 'IndexStmt')?.nulls_not_distinct === true

/**
 * Whether a unique index or constraint of before or now holds for exactly these columns, and is there now; with
 * `isForNulls` only one that keeps a second NULL out.
 */
export const sameUnique = (scene: Scene, table: string | null, keys: string, isForNulls = false): boolean =>
  [...scene.after.values()].some((one) => {
    if (one.parent !== table) return false
    if (one.sort === 'index') return uniqueKeys(one) === keys && (!isForNulls || keepsNullsOut(one))
    const constraint = one.sort === 'constraint' ? constraintOf(one.facets[0]) : undefined
    const isForAll = !isForNulls || constraint?.nulls_not_distinct === true
    const isKey = constraint?.contype === 'CONSTR_PRIMARY' || (constraint?.contype === 'CONSTR_UNIQUE' && isForAll)
    return isKey && (keysOf(constraint) === keys || partsOf(constraint.keys).join() === keys)
  })

/** Whether the release drops one of its columns as well, which is a finding of its own. */
const isOfGoneColumn = (thing: Thing, keys: string | null, scene: Scene): boolean =>
  scene.removed.some(
    (one) => one.sort === 'column' && one.parent === thing.parent && keys?.split(',').includes(ownName(one)) === true,
  )

function removed(thing: Thing, scene: Scene, alongWith: string | null): Harms {
  const what = `drops ${thing.object}${along(alongWith)}`
  const keys = uniqueKeys(thing)
  if (alongWith !== null)
    return error('compat/drop-index', subject(thing), what, {
      hint: 'Drop by name what is to go, and without CASCADE.',
    })
  if (
    isUnique(thing) &&
    !isOfGoneColumn(thing, keys, scene) &&
    (keys === null || !sameUnique(scene, thing.parent, keys, keepsNullsOut(thing)))
  ) {
    const code = scene.isAdditive ? 'compat/drop-index' : 'compat/drop-unique'
    return error(code, subject(thing), `${what}, which kept duplicates out`, {
      hint: 'CREATE UNIQUE INDEX CONCURRENTLY under another name first.',
    })
  }
  if (scene.isAdditive)
    return error('compat/drop-index', subject(thing), what, {
      hint: 'Keep it: the contract of this folder is additive.',
    })
  const scans = scene.shape?.indexes.find((one) => one.object === thing.object)?.scans ?? 0
  if (scans === 0) return remark('compat/drop-index', subject(thing), what)
  const say = isLarge(scene, sizeOf(scene, thing.parent)) ? warning : remark
  return say('compat/drop-index', subject(thing), `${what}, which production's queries have used ${scans} times`)
}

function added(thing: Thing, scene: Scene): Harms {
  const harms = [...invalid(thing)]
  if (scene.isOld(thing.parent) && isUnique(thing))
    harms.push(
      ...remark(
        'compat/restrict-writes',
        subject(thing),
        `adds unique ${thing.object}: what the running version writes has to meet it`,
      ),
    )
  return harms
}

/** Of a partitioned table the index is invalid until each partition has one: that is how it is built without a lock. */
function invalid(thing: Thing): Harms {
  if (!hasFacet(thing, 'invalid') && !hasFacet(thing, 'not ready')) return NONE
  if (statementOf(thing)?.includes(' ON ONLY ') === true)
    return remark('apply/invalid-index', subject(thing), `${thing.object} is not valid before every partition has one`)
  return error(
    'apply/invalid-index',
    subject(thing),
    `leaves ${thing.object} behind, which is invalid: it costs writes, serves no query and keeps nothing unique`,
    {
      hint: `DROP INDEX CONCURRENTLY ${thing.name}; then build it again.`,
    },
  )
}

/** The text of an index also changes with the type of its column; only one that was dropped is another one. */
const isReplaced = (thing: Thing, scene: Scene): boolean =>
  scene.effects.traceUnproven !== null ||
  scene.doing(
    (event) =>
      event.kind !== 'write' && event.kind !== 'setting' && event.kind !== 'altered' && event.object === thing.object,
  ) !== null

function changed({ before, after }: Change, scene: Scene): Harms {
  const harms: Harms[number][] = hasFacet(before, 'invalid') ? [] : [...invalid(after)]
  if (hasFacet(before, 'replica identity') && !hasFacet(after, 'replica identity'))
    harms.push(
      ...error(
        'compat/change-replication',
        subject(after),
        `takes the replica identity from ${after.object}: updates are no longer replicated`,
      ),
    )
  if (statementOf(before) === statementOf(after) || !isReplaced(after, scene)) return harms
  const replaced = removed(before, scene, null).map((one) => ({
    ...one,
    message: `replaces ${after.object} by another index`,
  }))
  return [...harms, ...replaced, ...(isUnique(after) && !isUnique(before) ? added(after, scene) : [])]
}

export const indexes: SortRules = { facets: { '*': nothing }, added, removed, changed }
