import { guardedColumns } from './guards.ts'
import { error, type Harms, NONE, remark, warning } from '../harm.ts'
import type { Scene } from '../scene.ts'
import { hasFacet, ownName, plain, type Thing, valueOf, wholeName } from '../thing.ts'
import { expressionOf, harmOfDefault, isVolatile, mayFail } from './defaults.ts'
import { along, type FacetRule, type SortRules, unnoticed } from './rules.ts'
import { judgeType } from './types-of-columns.ts'

const subject = (thing: Thing): string => `column ${plain(thing.name)}`
const isOfView = (thing: Thing): boolean =>
  thing.parent?.startsWith('view ') === true || thing.parent?.startsWith('materialized view ') === true

const view = (thing: Thing, message: string): Harms =>
  error('compat/replace-view', `view ${plain(wholeName(thing))}`, message, {
    hint: 'Keep the old columns as they are, and add new ones after them.',
  })

const type: FacetRule = ({ after, from, to }) => {
  if (from === null || to === null) return NONE
  const what = `changes ${after.object} from ${from} to ${to}`
  if (isOfView(after)) return view(after, `${what}: whoever reads the view gets another type`)
  const hint = `ALTER TABLE ${wholeName(after)} ADD COLUMN ${ownName(after)}_new ${to}; write both, fill it in batches, move the readers.`
  switch (judgeType(from, to)) {
    case 'wider':
      return NONE
    case 'loses':
      return error('data-loss/narrow-column-type', subject(after), `${what}, which rounds or cuts its values`, { hint })
    case 'narrower':
      return error(
        'data-loss/narrow-column-type',
        subject(after),
        `${what}, which has no room for every value of before`,
        {
          hint,
        },
      )
    case 'other':
      return error(
        'compat/change-column-type',
        subject(after),
        `${what}: the running version reads and writes the old type`,
        {
          hint,
        },
      )
  }
}

const notNull: FacetRule = ({ before, after, to }, scene) => {
  if (isOfView(after)) return NONE
  if (to === null) {
    return remark('compat/allow-null', subject(after), `lets ${after.object} be NULL: what reads it has to expect that`)
  }
  if (guardedColumns(scene, before.parent).has(ownName(before)))
    return remark(
      'compat/restrict-writes',
      subject(after),
      `requires ${after.object}, which a check has asked for already`,
    )
  if (hasFacet(after, 'not null not valid'))
    return remark(
      'compat/restrict-writes',
      subject(after),
      `requires ${after.object} of every row that is written from now on: what the running version writes has to have it`,
    )
  const [table, check] = [wholeName(after), `${ownName(after)}_not_null`]
  return error(
    'lock/set-not-null',
    subject(after),
    `requires ${after.object}: writes of the running version that leave it out fail`,
    {
      hint: `ALTER TABLE ${table} ADD CONSTRAINT ${check} CHECK (${ownName(after)} IS NOT NULL) NOT VALID; then, in another migration: ALTER TABLE ${table} VALIDATE CONSTRAINT ${check}; then SET NOT NULL.`,
    },
  )
}

const usual: FacetRule = ({ before, after, from, to }, scene) => {
  if (isOfView(after)) return NONE
  if (to === null)
    return error(
      'compat/drop-default',
      subject(after),
      `takes the default ${from ?? ''} from ${after.object}: inserts of the running version count on it`,
      { hint: 'Keep the default until every running version writes the column.' },
    )
  const harm = harmOfDefault(before, after, to, scene)
  if (harm !== null)
    return error(
      'compat/change-default',
      subject(after),
      `changes the default of ${after.object} from ${from ?? 'none'} to ${to}: ${harm}`,
      { hint: 'Keep the default as it is, and let the new version write the column itself.' },
    )
  if (from === null) return firstDefault(before, after, to)
  return remark('compat/change-default', subject(after), `changes the default of ${after.object} from ${from} to ${to}`)
}

/** NULL in a column that may be NULL often says that something has not happened: a moment or a random value says that it has. */
function firstDefault(before: Thing, after: Thing, to: string): Harms {
  if (hasFacet(before, 'not null')) return NONE
  const what = `gives ${after.object} the default ${to}: rows that the running version inserts without it hold that from now on, and held NULL`
  if (hasFacet(after, 'not null') || !isVolatile(expressionOf(to)))
    return remark('compat/change-default', subject(after), what)
  return warning('compat/change-default', subject(after), what, {
    hint: 'Leave it without a default, and let the new version write the column itself.',
  })
}

const dropsIdentity = (thing: Thing, what: string): Harms =>
  error(
    'compat/drop-identity',
    subject(thing),
    `takes ${what} from ${thing.object}: the running version does not write it`,
    {
      hint: 'Keep it until every running version writes the column.',
    },
  )

/** A table that is attached takes over the identity of the partitioned one, through which it is written from now on. */
const isAttached = (thing: Thing, scene: Scene): boolean => {
  const [was, is] = [scene.before, scene.after].map((catalogue) =>
    valueOf(catalogue.get(thing.parent ?? ''), 'partition of '),
  )
  return was === null && is !== null
}

const always: FacetRule = ({ after, to }, scene) => {
  if (to !== null && isAttached(after, scene)) return NONE
  if (to !== null)
    return error('compat/generated-always', subject(after), `lets nobody write ${after.object} any more`, {
      hint: 'GENERATED BY DEFAULT AS IDENTITY lets the running version go on.',
    })
  return hasFacet(after, 'generated by default as identity') ? NONE : dropsIdentity(after, 'the identity')
}

const byDefault: FacetRule = ({ after, to }) =>
  to !== null || hasFacet(after, 'generated always as identity') ? NONE : dropsIdentity(after, 'the identity')

const computed: FacetRule = ({ after, from, to }) => {
  if (to === null) return dropsIdentity(after, 'the generating expression')
  return error(
    'compat/generated-always',
    subject(after),
    from === null
      ? `lets nobody write ${after.object} any more`
      : `computes ${after.object} by ${to} in place of ${from}`,
    { hint: 'Add a column of another name with the new expression.' },
  )
}

const collation: FacetRule = ({ after, from, to }) =>
  error(
    'compat/change-column-type',
    subject(after),
    `changes the collation of ${after.object} from ${from ?? 'the default'} to ${to ?? 'the default'}: it sorts and compares differently`,
    { hint: 'Add a column of the other collation, write both, fill it in batches, move the readers.' },
  )

/** Of these types no value comes near to the size of a page, whose eighth thousand bytes are the limit. */
const SHORT = /^(?:(?:bit|character)(?: varying)?\(\d{1,3}\)|numeric\(\d{1,3}(?:,-?\d+)?\)|inet|cidr)$/

/** PLAIN neither compresses a value nor puts it elsewhere: the row has to fit on a page. */
const storage: FacetRule = ({ after, to }, scene) => {
  if (to !== 'p' || SHORT.test(baseOf(valueOf(after, 'type ') ?? '', scene))) return NONE
  return error(
    'compat/restrict-writes',
    subject(after),
    `keeps every value of ${after.object} in its row as it is: a row of more than 8 kB is refused from now on`,
    { hint: `ALTER TABLE ${wholeName(after)} ALTER COLUMN ${ownName(after)} SET STORAGE EXTENDED;` },
  )
}

/** The type below a domain. */
const baseOf = (type: string, scene: Scene): string => valueOf(scene.after.get(`domain ${type}`), 'type ') ?? type

const statistics: FacetRule = ({ after, to }) =>
  to === '0'
    ? warning(
        'compat/slower-plans',
        subject(after),
        `lets the planner know nothing of the values of ${after.object}: it guesses, and queries that filter or join by it may take far longer`,
        { hint: `ALTER TABLE ${wholeName(after)} ALTER COLUMN ${ownName(after)} SET STATISTICS -1;` },
      )
    : NONE

function added(thing: Thing, scene: Scene): Harms {
  if (!scene.isOld(thing.parent) || isOfView(thing)) return NONE
  const computedWhenRead = valueOf(thing, 'generated virtual ')
  if (computedWhenRead !== null && mayFail(computedWhenRead))
    return warning(
      'compat/generated-always',
      subject(thing),
      `adds ${thing.object}, computed by ${computedWhenRead} whenever it is read: one row for which that fails makes every SELECT * fail`,
      { hint: 'GENERATED ALWAYS AS (…) STORED computes it when it is written; or let CASE keep out what fails.' },
    )
  const isGiven = ['default ', 'generated '].some((key) => valueOf(thing, key) !== null)
  if (!hasFacet(thing, 'not null') || isGiven) return NONE
  return error(
    'compat/add-required-column',
    subject(thing),
    `adds ${thing.object} as NOT NULL without a default: inserts of the running version fail`,
    {
      hint: `ALTER TABLE ${wholeName(thing)} ADD COLUMN ${ownName(thing)} … with a constant DEFAULT, or without NOT NULL.`,
    },
  )
}

function removed(thing: Thing, _: Scene, alongWith: string | null): Harms {
  if (isOfView(thing)) return view(thing, `takes ${thing.object} away${along(alongWith)}`)
  return error('data-loss/drop-column', subject(thing), `drops ${thing.object} with its values${along(alongWith)}`, {
    hint: `Leave the column for now; while old code still inserts: ALTER TABLE ${wholeName(thing)} ALTER COLUMN ${ownName(thing)} DROP NOT NULL;`,
  })
}

export const columns: SortRules = {
  facets: {
    'type ': type,
    'not null': notNull,
    'not null named ': unnoticed,
    'not null not valid': unnoticed,
    'not null no inherit': unnoticed,
    'default ': usual,
    'generated always as identity': always,
    'generated by default as identity': byDefault,
    'generated stored ': computed,
    'generated virtual ': computed,
    'collation ': collation,
    'storage ': storage,
    'compression ': unnoticed,
    'statistics ': statistics,
    'options ': unnoticed,
    'foreign options ': ({ after }) =>
      error('compat/change-object', subject(after), `changes where ${after.object} is found on its foreign server`),
  },
  added,
  removed,
}
