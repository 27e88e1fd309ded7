import type { Settled } from '../../../gate/verdict.ts'
import { type Constraint, partsOf, rangeParts } from '../../../sql/tree.ts'
import { error, type Harms, NONE, remark, warning } from '../harm.ts'
import type { Change, Scene } from '../scene.ts'
import { ownName, plain, type Thing, wholeName } from '../thing.ts'
import { bare, constraintOf, isLooser, keysOf, tieOf } from './constraint-text.ts'
import { sameUnique } from './indexes.ts'
import { along, nothing, type SortRules } from './rules.ts'

const subject = (thing: Thing): string => `constraint ${plain(wholeName(thing))}.${ownName(thing)}`
const UNIQUE = new Set(['CONSTR_PRIMARY', 'CONSTR_UNIQUE'])
const WORDS: Readonly<Record<string, string>> = {
  CONSTR_PRIMARY: 'primary key',
  CONSTR_UNIQUE: 'unique constraint',
  CONSTR_EXCLUSION: 'exclusion constraint',
  CONSTR_FOREIGN: 'foreign key',
  CONSTR_CHECK: 'check',
}
const isOfDomain = (thing: Thing): boolean => thing.parent?.startsWith('domain ') === true
const wordOf = (constraint: Constraint | undefined): string => WORDS[constraint?.contype ?? ''] ?? 'constraint'

function others(thing: Thing, scene: Scene): (Constraint | undefined)[] {
  return [...scene.after.values()]
    .filter((one) => one.sort === 'constraint' && one.parent === thing.parent && one.object !== thing.object)
    .map((one) => constraintOf(one.facets[0]))
}

/** A unique constraint that another one over the same columns has taken the place of keeps duplicates out all the time. */
export const settledUniques = (scene: Scene): Settled[] =>
  scene.removed.flatMap((thing) => {
    const was = thing.sort === 'constraint' ? constraintOf(thing.facets[0]) : undefined
    if (was?.contype !== 'CONSTR_UNIQUE' || scene.isAdditive || !isReplaced(thing, was, scene)) return []
    const by = scene.doing((event) => event.kind === 'dropped' && event.object === thing.object)
    if (by === null) return []
    const why = `${thing.parent ?? 'the table'} is still unique by ${keysOf(was)}`
    const where = { file: by.file, line: by.line, column: by.column }
    return [{ code: 'compat/drop-unique', where, endLine: by.endLine, subject: subject(thing), why }]
  })

/** Whether something that is there now keeps true what the constraint kept. */
function isReplaced(thing: Thing, was: Constraint | undefined, scene: Scene): boolean {
  const now = others(thing, scene)
  const isForNulls = was?.nulls_not_distinct === true
  if (UNIQUE.has(was?.contype ?? ''))
    return (
      now.some(
        (one) =>
          UNIQUE.has(one?.contype ?? '') &&
          keysOf(one) === keysOf(was) &&
          one?.deferrable !== true &&
          (!isForNulls || one?.contype === 'CONSTR_PRIMARY' || one?.nulls_not_distinct === true),
      ) || sameUnique(scene, thing.parent, keysOf(was), isForNulls)
    )
  if (was?.contype === 'CONSTR_FOREIGN')
    return now.some(
      (one) =>
        one?.contype === 'CONSTR_FOREIGN' &&
        tieOf(one) === tieOf(was) &&
        isSameWork(one, was) &&
        one.is_enforced === true,
    )
  return false
}

/** The name of a key that takes the place of one that waited for the end of the transaction, and does not wait. */
function soonerHeir(thing: Thing, was: Constraint, scene: Scene): string | null {
  const heirs = [...scene.after.values()].flatMap((one) => {
    const is = one.sort === 'constraint' && one.parent === thing.parent ? constraintOf(one.facets[0]) : undefined
    const isHeir = is?.contype === 'CONSTR_FOREIGN' && tieOf(is) === tieOf(was) && isSameWork(is, was)
    return isHeir && is.is_enforced === true ? [{ name: ownName(one), isSooner: isSooner(was, is) }] : []
  })
  return heirs.some((one) => !one.isSooner) ? null : (heirs[0]?.name ?? null)
}

/** Whether deletes and updates of what a key points at come to the same. */
const isSameWork = (one: Constraint, two: Constraint): boolean =>
  one.fk_del_action === two.fk_del_action &&
  one.fk_upd_action === two.fk_upd_action &&
  one.fk_matchtype === two.fk_matchtype

function removed(thing: Thing, scene: Scene, alongWith: string | null): Harms {
  const was = constraintOf(thing.facets[0])
  const what = `drops ${wordOf(was)} ${ownName(thing)} of ${thing.parent ?? 'its table'}${along(alongWith)}`
  const hint = `Keep ${ownName(thing)} for this release.`
  if (scene.isAdditive) return error('compat/drop-constraint', subject(thing), what, { hint })
  const isCheck = was?.contype === 'CONSTR_CHECK'
  const sooner = was?.contype === 'CONSTR_FOREIGN' ? soonerHeir(thing, was, scene) : null
  if (sooner !== null)
    return error(
      'compat/change-constraint',
      subject(thing),
      `${what}, and ${sooner} in its place is checked with each statement: whoever writes the pointing row first fails`,
      { hint },
    )
  if (isCheck || isReplaced(thing, was, scene)) return remark('compat/drop-constraint', subject(thing), what)
  if (was?.contype === 'CONSTR_FOREIGN')
    return error('compat/drop-foreign-key', subject(thing), `${what}: rows may point nowhere from now on`, { hint })
  return error('compat/drop-unique', subject(thing), `${what}: duplicates come in, and ON CONFLICT fails`, {
    hint: `CREATE UNIQUE INDEX CONCURRENTLY … ON ${wholeName(thing)} (${keysOf(was)}) first, and keep ${ownName(thing)} for this release.`,
  })
}

function added(thing: Thing, scene: Scene): Harms {
  if (!scene.isOld(thing.parent)) return NONE
  const is = constraintOf(thing.facets[0])
  if (isOfDomain(thing) && is?.skip_validation !== true)
    return error(
      'compat/change-domain',
      thing.parent ?? '',
      `adds check ${ownName(thing)} to ${thing.parent ?? ''}, for which every table that uses it is locked and read`,
      {
        hint: `ALTER DOMAIN ${wholeName(thing)} ADD CONSTRAINT ${ownName(thing)} CHECK (…) NOT VALID; then, in another migration: ALTER DOMAIN ${wholeName(thing)} VALIDATE CONSTRAINT ${ownName(thing)};`,
      },
    )
  if (isNever(is))
    return error(
      'compat/change-constraint',
      subject(thing),
      `adds ${wordOf(is)} ${ownName(thing)}, which no row can meet`,
    )
  if (isNewWork(thing, is, scene))
    return error(
      'compat/change-constraint',
      subject(thing),
      `adds foreign key ${ownName(thing)}, by which deletes or updates of the running version change rows of ${thing.parent ?? ''} as well`,
      { hint: 'Add it without ON DELETE and ON UPDATE, or in the release whose version counts on them.' },
    )
  const taken = takenAlong(thing, is, scene)
  if (taken !== null)
    return warning(
      'compat/change-constraint',
      subject(thing),
      `adds foreign key ${ownName(thing)}: from now on a DELETE of the running version from ${taken.parent} also ${taken.what} rows of ${thing.parent ?? ''}`,
      { hint: 'Add it without ON DELETE, or in the release whose version counts on it.' },
    )
  return remark(
    'compat/restrict-writes',
    subject(thing),
    `adds ${wordOf(is)} ${ownName(thing)} to ${thing.parent ?? ''}: what the running version writes has to meet it`,
  )
}

/** CASCADE, SET NULL and SET DEFAULT, as the grammar writes them. */
const WORKS = new Set(['c', 'n', 'd'])

/** Whether a key does other work than one of before on the same columns did: a plain key that now takes rows along. */
function isNewWork(thing: Thing, is: Constraint | undefined, scene: Scene): boolean {
  if (is?.contype !== 'CONSTR_FOREIGN') return false
  if (!WORKS.has(is.fk_del_action ?? '') && !WORKS.has(is.fk_upd_action ?? '')) return false
  const ties = tiesOf(thing, is, scene)
  return ties.length > 0 && !ties.some((was) => isSameWork(was, is))
}

/** Keys of before on the same columns. */
const tiesOf = (thing: Thing, is: Constraint, scene: Scene): Constraint[] =>
  [...scene.before.values()].flatMap((one) => {
    const was = one.sort === 'constraint' && one.parent === thing.parent ? constraintOf(one.facets[0]) : undefined
    return was?.contype === 'CONSTR_FOREIGN' && tieOf(was) === tieOf(is) ? [was] : []
  })

const TAKEN: Readonly<Record<string, string>> = { c: 'deletes', n: 'changes', d: 'changes' }

/** What deletes from a table of before do to rows that are there by a first key; a new column refers to nothing yet. */
function takenAlong(
  thing: Thing,
  is: Constraint | undefined,
  scene: Scene,
): { readonly parent: string; readonly what: string } | null {
  const what = is?.contype === 'CONSTR_FOREIGN' ? TAKEN[is.fk_del_action ?? ''] : undefined
  if (is === undefined || what === undefined || tiesOf(thing, is, scene).length > 0) return null
  const before = [...scene.before.values()]
  const name = rangeParts(is.pktable).join('.')
  const parent = before.find((one) => one.sort === 'table' && plain(one.name) === name)
  const own = new Set(
    before.flatMap((one) => (one.sort === 'column' && one.parent === thing.parent ? ownName(one) : [])),
  )
  return parent !== undefined && partsOf(is.fk_attrs).every((one) => own.has(one))
    ? { parent: parent.object, what }
    : null
}

const isNever = (is: Constraint | undefined): boolean => {
  const expression = is?.raw_expr
  if (expression === undefined || !('A_Const' in expression)) return false
  return expression.A_Const.boolval !== undefined && expression.A_Const.boolval.boolval !== true
}

const DISABLED = 'enforcing triggers disabled'

function changed({ before, after }: Change): Harms {
  const [was, is] = [constraintOf(before.facets[0]), constraintOf(after.facets[0])]
  const harms: Harms[number][] = []
  if (after.facets.includes(DISABLED) && !before.facets.includes(DISABLED)) {
    harms.push(
      ...error('compat/disable-trigger', `table ${plain(wholeName(after))}`, `no longer enforces ${after.object}`, {
        hint: `ALTER TABLE ${wholeName(after)} ENABLE TRIGGER ALL; in the same transaction.`,
      }),
    )
  }
  if (before.facets[0] === after.facets[0]) return harms
  return [...harms, ...judgeDefinition(after, was, is)]
}

function judgeDefinition(thing: Thing, was: Constraint | undefined, is: Constraint | undefined): Harms {
  const what = `changes ${wordOf(is)} ${ownName(thing)} of ${thing.parent ?? ''}`
  const refused = (why: string): Harms =>
    error('compat/change-constraint', subject(thing), `${what}: ${why}`, {
      hint: 'Add the new constraint under a name of its own, and drop the old one in a later release.',
    })
  if (was === undefined || is === undefined || was.contype !== is.contype) return refused('it is another one now')
  if (was.is_enforced === true && is.is_enforced !== true) return refused('it is no longer enforced')
  if (was.contype === 'CONSTR_CHECK')
    return isLooser(was.raw_expr, is.raw_expr)
      ? validity(thing, was, is, what)
      : refused('rows that the running version writes may not meet it')
  if (was.contype === 'CONSTR_FOREIGN') {
    return tieOf(was) === tieOf(is) && isSameWork(was, is)
      ? validity(thing, was, is, what)
      : refused('deletes and updates of the running version do something else')
  }
  return bare({ ...was, conname: null }) === bare({ ...is, conname: null })
    ? NONE
    : refused('ON CONFLICT and duplicates are treated differently')
}

function validity(thing: Thing, was: Constraint, is: Constraint, what: string): Harms {
  if (was.skip_validation !== true && is.skip_validation === true)
    return remark('compat/drop-constraint', subject(thing), `${what}: old rows are no longer known to meet it`)
  if (isSooner(was, is))
    return error(
      'compat/change-constraint',
      subject(thing),
      `${what}: it is checked ${is.deferrable === true ? 'with each statement unless a transaction says otherwise' : 'with each statement'}, and whoever writes the pointing row first fails`,
      { hint: `Leave ${ownName(thing)} as it is.` },
    )
  if (was.deferrable === is.deferrable && was.initdeferred === is.initdeferred) return NONE
  const say = is.initdeferred === true ? warning : remark
  return say('compat/restrict-writes', subject(thing), `${what}: violations show at another time than before`)
}

/** Whether a key that waited, or could wait, for the end of the transaction no longer does. */
const isSooner = (was: Constraint, is: Constraint): boolean =>
  (was.deferrable === true && is.deferrable !== true) || (was.initdeferred === true && is.initdeferred !== true)

export const constraints: SortRules = { facets: { '*': nothing }, added, removed, changed }
