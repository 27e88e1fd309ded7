import { error, type Harms, NONE, remark, warning } from '../harm.ts'
import type { Change, Scene } from '../scene.ts'
import { isStranger, PUBLIC_BY_DEFAULT } from './grants.ts'
import { plain, ROUTINES, type Thing, thingOf, valueOf } from '../thing.ts'
import { nothing, type SortRules, staticName } from './rules.ts'

const GRANTABLE = ' with grant option'
const setOf = (text: string | null): ReadonlySet<string> =>
  new Set(text === null || text === 'nothing' ? [] : text.split(', '))
const without = (a: ReadonlySet<string>, b: ReadonlySet<string>): string[] =>
  [...a].filter((one) => !b.has(one) && !b.has(one + GRANTABLE))

const granteeOf = (thing: Thing): string => thing.name.slice(thing.name.lastIndexOf(' for ') + ' for '.length)
const holderOf = (thing: Thing): Thing => thingOf({ object: thing.parent ?? '', definition: '' })

/** `GRANT … ON` writes tables, views and columns as tables. */
function subjectOf(thing: Thing): string {
  const holder = holderOf(thing)
  if (holder.sort === 'column') return `table ${plain(holder.name.slice(0, holder.name.lastIndexOf('.')))}`
  if (holder.sort === 'sequence') return `sequence ${plain(holder.name)}`
  return ROUTINES.has(holder.sort) ? staticName({ ...holder, sort: 'function' }) : staticName(holder)
}

function judgeHeld(thing: Thing, was: ReadonlySet<string>, is: ReadonlySet<string>, scene: Scene): Harms {
  const [holder, grantee] = [thing.parent ?? '', granteeOf(thing)]
  const harms: Harms[number][] = []
  const more = without(is, was)
  const grantable = [...is].filter((one) => one.endsWith(GRANTABLE) && !was.has(one))
  const less = without(was, is)
  if (grantee === 'PUBLIC' && more.length > 0)
    harms.push(
      ...error('security/grant-to-public', subjectOf(thing), `grants ${more.join(', ')} on ${holder} to every role`, {
        hint: 'Name the role in place of PUBLIC.',
      }),
    )
  else if (grantable.length > 0)
    harms.push(
      ...error(
        'security/grant-option',
        subjectOf(thing),
        `lets ${grantee} hand on ${grantable.join(', ')} on ${holder}`,
        { hint: `GRANT … ON ${holder} TO ${grantee}; without WITH GRANT OPTION.` },
      ),
    )
  if (less.length > 0 && scene.isOld(holder) && !isOwnersMatter(holder, grantee, scene))
    harms.push(
      ...error('security/revoke', subjectOf(thing), `takes ${less.join(', ')} on ${holder} away from ${grantee}`, {
        hint: grantAgain(holder, less, grantee, scene) ?? 'Revoke it when nothing that runs relies on it.',
      }),
    )
  return harms
}

/** What `GRANT … ON` calls the sorts that it does not call tables. */
const GRANT_WORDS: Readonly<Record<string, string>> = {
  sequence: 'SEQUENCE ',
  schema: 'SCHEMA ',
  type: 'TYPE ',
  domain: 'DOMAIN ',
  function: 'FUNCTION ',
  procedure: 'PROCEDURE ',
  aggregate: 'FUNCTION ',
  table: '',
  view: '',
  'materialized view': '',
  'foreign table': '',
}

/** The statement that gives back what went with a thing that was dropped and made anew; null where it was not. */
function grantAgain(holder: string, rights: readonly string[], grantee: string, scene: Scene): string | null {
  const isMadeAnew = scene.statements.some(
    (one) => !scene.undone.has(one) && one.events.some((event) => event.kind === 'created' && event.object === holder),
  )
  const { sort, name } = thingOf({ object: holder, definition: '' })
  const word = GRANT_WORDS[sort]
  if (!isMadeAnew || word === undefined) return null
  const grants = [false, true].flatMap((isGrantable) => {
    const list = rights.filter((one) => one.endsWith(GRANTABLE) === isGrantable)
    const names = list.map((one) => (isGrantable ? one.slice(0, -GRANTABLE.length) : one)).join(', ')
    return list.length === 0
      ? []
      : [`GRANT ${names} ON ${word}${name} TO ${grantee}${isGrantable ? ' WITH GRANT OPTION' : ''};`]
  })
  return ['-- it was made anew, without its grants: give them again in the same migration', ...grants].join('\n')
}

/** With the owner goes what owning gave: that is told as a change of owner. */
function isOwnersMatter(holder: string, grantee: string, scene: Scene): boolean {
  const [was, is] = [valueOf(scene.before.get(holder), 'owner '), valueOf(scene.after.get(holder), 'owner ')]
  return was !== is && (grantee === was || grantee === is)
}

/** What is held where no entry says otherwise; null for an owner, who holds everything. */
function byDefault(thing: Thing, scene: Scene): ReadonlySet<string> | null {
  const grantee = granteeOf(thing)
  if (grantee === 'PUBLIC') return setOf(PUBLIC_BY_DEFAULT[holderOf(thing).sort] ?? null)
  const holder = scene.after.get(thing.parent ?? '') ?? scene.before.get(thing.parent ?? '')
  return valueOf(holder, 'owner ') === grantee ? null : new Set()
}

const held = (thing: Thing): ReadonlySet<string> => setOf(valueOf(thing, 'granted '))

function added(thing: Thing, scene: Scene): Harms {
  const usual = byDefault(thing, scene)
  if (usual !== null) return judgeHeld(thing, usual, held(thing), scene)
  if (!scene.isOld(thing.parent)) return NONE
  return error(
    'security/revoke',
    subjectOf(thing),
    `takes privileges on ${thing.parent ?? ''} away from its owner ${granteeOf(thing)}, who keeps ${[...held(thing)].join(', ') || 'nothing'}`,
  )
}

function removed(thing: Thing, scene: Scene): Harms {
  const usual = byDefault(thing, scene)
  return usual === null ? NONE : judgeHeld(thing, held(thing), usual, scene)
}

const changed = ({ before, after }: Change, scene: Scene): Harms => judgeHeld(after, held(before), held(after), scene)

export const privileges: SortRules = { facets: { '*': nothing }, added, removed, changed }

const DEFAULTS = 'default privileges'

/** `SELECT to app; EXECUTE to PUBLIC` → what PUBLIC gets. */
const forPublic = (thing: Thing | undefined): ReadonlySet<string> =>
  setOf(
    thing?.facets
      .flatMap((facet) => facet.split('; '))
      .find((one) => one.endsWith(' to PUBLIC'))
      ?.slice(0, -' to PUBLIC'.length) ?? null,
  )

/** One grant a role. Its owner's own is in there only where somebody changed another one. */
const grantsOf = (thing: Thing | undefined): string[] => {
  const owner = thing === undefined ? '' : (/^default privileges of (.+) on /.exec(thing.object)?.[1] ?? '')
  return (thing?.facets.flatMap((facet) => facet.split('; ')) ?? []).filter(
    (one) => one !== 'nothing to anybody' && !one.endsWith(` to ${owner}`),
  )
}

/** `SELECT, INSERT to app` without what another list has for the same role. */
const notIn = (grants: readonly string[], others: readonly string[]): string[] =>
  grants.flatMap((grant) => {
    const at = grant.lastIndexOf(' to ')
    const whom = grant.slice(at)
    if (whom === ' to PUBLIC') return []
    const known = setOf(others.find((one) => one.endsWith(whom))?.slice(0, -whom.length) ?? null)
    const left = without(setOf(grant.slice(0, at)), known)
    return left.length === 0 ? [] : [`${left.join(', ')}${whom}`]
  })

const sortOfDefaults = (thing: Thing): string => (/ on (function|type)s\b/.exec(thing.object) ?? [])[1] ?? ''

/** `SELECT to anon`, of which nobody says again when the tables come. */
function promised(grant: string, before: Thing | undefined, scene: Scene): Harms {
  const role = grant.slice(grant.lastIndexOf(' to ') + ' to '.length)
  const isFirst = !grantsOf(before).some((one) => one.endsWith(` to ${role}`))
  const say = isFirst && isStranger(role, '', scene) ? warning : remark
  return say('security/widen-rights', DEFAULTS, `grants ${grant} on what is made from now on`, {
    hint: 'GRANT it with each table that the role needs.',
  })
}

function future(before: Thing | undefined, after: Thing | undefined, scene: Scene): Harms {
  const thing = after ?? before
  if (thing === undefined) return NONE
  const usual = thing.parent === null ? setOf(PUBLIC_BY_DEFAULT[sortOfDefaults(thing)] ?? null) : new Set<string>()
  const [was, is] = [before === undefined ? usual : forPublic(before), after === undefined ? usual : forPublic(after)]
  const more = without(is, was)
  const less = notIn(grantsOf(before), grantsOf(after))
  const given = notIn(grantsOf(after), grantsOf(before))
  return [
    ...remark(
      'ownership/default-privileges',
      DEFAULTS,
      `changes the ${thing.object}: they hold only for what is made from now on`,
      { hint: 'ALTER DEFAULT PRIVILEGES FOR ROLE … says whose objects are meant.' },
    ),
    ...given.flatMap((one) => promised(one, before, scene)),
    ...(more.length === 0
      ? NONE
      : error(
          'security/grant-to-public',
          DEFAULTS,
          `grants ${more.join(', ')} on what is made from now on to every role`,
          { hint: 'Name the role in place of PUBLIC.' },
        )),
    ...(less.length === 0
      ? NONE
      : error('security/revoke', DEFAULTS, `no longer grants ${less.join(', ')} on what is made from now on`, {
          hint: 'Revoke it when nothing that runs relies on it.',
        })),
  ]
}

export const defaultPrivileges: SortRules = {
  facets: { '*': nothing },
  added: (thing, scene) => future(undefined, thing, scene),
  removed: (thing, scene) => future(thing, undefined, scene),
  changed: ({ before, after }, scene) => future(before, after, scene),
}
