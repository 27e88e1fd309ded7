import { canonicalJson } from '../../gate/canonical.ts'
import type { PreconditionRule } from '../../gate/certificate/precondition.ts'
import { differencesBetween } from '../../gate/verify/differences.ts'

type Parts = NonNullable<ReturnType<PreconditionRule['parts']>>

/** More things of one part are counted only. */
const MOST_NAMED = 5

/**
 * What is another one in each part that was there before and is there now, in words: `new: column public.users.email`. Parts
 * of which nothing can be named are left out.
 */
export function partChanges(before: Parts, now: Parts): ReadonlyMap<string, string> {
  const old = new Map(before)
  const changes = now.flatMap(([name, content]): [string, string][] => {
    if (!old.has(name)) return []
    const words = wordsOf(old.get(name), content)
    return words === '' ? [] : [[name, words]]
  })
  return new Map(changes)
}

function wordsOf(before: unknown, now: unknown): string {
  const [old, young] = [definitions(before), definitions(now)]
  if (old === null || young === null) {
    const paths = differencesBetween(before, now).map(({ path }) => path.replace(/^(?:\[\d+\])+\.?/, ''))
    return named('other', [...new Set(paths.filter((path) => path !== ''))])
  }
  const changed = [...young].filter(([object, definition]) => old.has(object) && old.get(object) !== definition)
  return [
    named(
      'new',
      [...young.keys()].filter((object) => !old.has(object)),
    ),
    named(
      'gone',
      [...old.keys()].filter((object) => !young.has(object)),
    ),
    named(
      'other',
      changed.map(([object]) => object),
    ),
  ]
    .filter((words) => words !== '')
    .join('; ')
}

/** The definition of each object of a part; null where a part is made of something else. */
function definitions(content: unknown): Map<string, string> | null {
  if (!Array.isArray(content)) return null
  const found = new Map<string, string>()
  for (const part of content as readonly unknown[]) {
    // A rule may keep the name of the part beside each of its things.
    const one: unknown = Array.isArray(part) ? part.at(-1) : part
    if (typeof one !== 'object' || one === null || !('object' in one) || typeof one.object !== 'string') return null
    found.set(one.object, `${found.get(one.object) ?? ''}${canonicalJson(one)}`)
  }
  return found
}

function named(what: string, names: readonly string[]): string {
  if (names.length === 0) return ''
  const more = names.length - MOST_NAMED
  return `${what}: ${names.slice(0, MOST_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
