import { error, type Harms, NONE, remark, warning } from '../harm.ts'
import { judgeShadow } from '../protection/shadows.ts'
import type { Scene } from '../scene.ts'
import { plain, type Thing, valueOf } from '../thing.ts'
import { along, type FacetRule, owner, type SortRules, whenItComes } from './rules.ts'
import { judgeType } from './types-of-columns.ts'

const subject = (thing: Thing): string => `sequence ${plain(thing.name)}`

const changes = (thing: Thing, why: string): Harms =>
  error('compat/change-sequence', subject(thing), `changes ${thing.object}: ${why}`, {
    hint: 'Make a new sequence for what is new, and leave this one to the running version.',
  })

/** `start 1 increment 1 minimum 1 maximum 9 cache 1` */
function numbersOf(text: string | null): ReadonlyMap<string, bigint> {
  const words = (text ?? '').split(' ')
  const numbers = new Map<string, bigint>()
  for (let at = 0; at + 1 < words.length; at += 2) numbers.set(words[at] ?? '', BigInt(words[at + 1] ?? '0'))
  return numbers
}

const of = (map: ReadonlyMap<string, bigint>, word: string): bigint => map.get(word) ?? 0n

const numbers: FacetRule = ({ after, from, to }) => {
  const [was, is] = [numbersOf(`start ${from ?? ''}`), numbersOf(`start ${to ?? ''}`)]
  if (of(was, 'increment') !== of(is, 'increment'))
    return changes(
      after,
      `it counts by ${of(is, 'increment')} and no longer by ${of(was, 'increment')}, which clients that take numbers in blocks rely on`,
    )
  if (of(is, 'maximum') < of(was, 'maximum')) return changes(after, `it ends at ${of(is, 'maximum')}`)
  if (of(is, 'minimum') > of(was, 'minimum')) return changes(after, `it begins at ${of(is, 'minimum')}`)
  if (of(is, 'cache') > of(was, 'cache'))
    return remark(
      'compat/change-sequence',
      subject(after),
      `lets each session take ${of(is, 'cache')} numbers of ${after.object} at once: they come out of order, and those that are not used are lost`,
    )
  return NONE
}

const type: FacetRule = ({ after, from, to }) =>
  judgeType(from ?? '', to ?? '') === 'wider'
    ? NONE
    : changes(after, `it counts in ${to ?? ''} and no longer in ${from ?? ''}`)

/** `of column public.users.id` → `table public.users`; null where it belongs to no column. */
const tableOf = (column: string | null, scene: Scene): string | null =>
  (scene.after.get(column ?? '') ?? scene.before.get(column ?? ''))?.parent ?? null

/** The tables that take their numbers from the sequence by a default. */
const takers = (sequence: Thing, scene: Scene): ReadonlySet<string> =>
  new Set(
    [...scene.after.values()].flatMap((one) => {
      const text = one.sort === 'column' ? valueOf(one, 'default ') : null
      const isIts = text?.startsWith('nextval(') === true && text.includes(`'${sequence.name}'`)
      return isIts && one.parent !== null ? [one.parent] : []
    }),
  )

/** A sequence goes with the table that owns it, whoever else takes numbers from it. */
const owned: FacetRule = ({ after, from, to }, scene) => {
  const [was, is] = [tableOf(from, scene), tableOf(to, scene)]
  const others = [...takers(after, scene)].filter((one) => one !== is)
  const message = `${after.object} goes with ${to ?? 'nothing'} and no longer with ${from ?? 'nothing'}`
  if (is === null || was === is || (was === null && others.length === 0))
    return remark('compat/own-sequence', subject(after), message)
  const who = others[0] ?? was ?? 'another table'
  return warning(
    'compat/own-sequence',
    subject(after),
    `${message}: whoever drops ${is} drops it as well, and ${who} has no more numbers`,
    { hint: `ALTER SEQUENCE ${after.name} OWNED BY NONE;` },
  )
}

export const sequences: SortRules = {
  facets: {
    'of ': owned,
    'owner ': owner,
    'type ': type,
    'start ': numbers,
    cycles: whenItComes(({ after }) =>
      changes(after, 'it begins anew when it is through, and hands out numbers that are taken'),
    ),
    unlogged: whenItComes(({ after }) =>
      error(
        'data-loss/unlogged',
        subject(after),
        `makes ${after.object} unlogged: a crash sets it back, and numbers are handed out twice`,
      ),
    ),
  },
  added: judgeShadow,
  removed: (thing, _, alongWith) =>
    error(
      'data-loss/drop-sequence',
      subject(thing),
      `drops ${thing.object} and the number it stands at${along(alongWith)}`,
      {
        hint: 'Keep it until no default and no code calls nextval on it.',
      },
    ),
}
