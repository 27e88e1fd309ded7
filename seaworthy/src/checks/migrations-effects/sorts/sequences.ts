import { error, type Harms, NONE, remark } from '../harm.ts'
import { judgeShadow } from '../protection/shadows.ts'
import { plain, type Thing } from '../thing.ts'
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
  return NONE
}

const type: FacetRule = ({ after, from, to }) =>
  judgeType(from ?? '', to ?? '') === 'wider'
    ? NONE
    : changes(after, `it counts in ${to ?? ''} and no longer in ${from ?? ''}`)

export const sequences: SortRules = {
  facets: {
    'of ': ({ after, from, to }) =>
      remark(
        'compat/own-sequence',
        subject(after),
        `${after.object} goes with ${to ?? 'nothing'} and no longer with ${from ?? 'nothing'}`,
      ),
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
