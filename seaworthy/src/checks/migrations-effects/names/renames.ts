import type { CatalogueDifference, CatalogueEntry, Effects, TracedStatement } from '../../../observers/effects/kind.ts'
import { ownName, schemaOf, type Thing, thingOf } from '../thing.ts'

/** An object that went on under another name. */
export interface Rename {
  readonly from: string
  readonly to: string
  readonly before: Thing
}

interface Followed {
  readonly renames: readonly Rename[]
  readonly before: readonly CatalogueEntry[]
  readonly after: readonly CatalogueEntry[]
  readonly difference: CatalogueDifference
}

/** Wholes before their parts, so that the parts are found under the new name. */
const ORDER = [
  ['schema'],
  ['table', 'view', 'materialized view', 'foreign table', 'sequence', 'type', 'domain'],
  ['function', 'procedure', 'aggregate'],
  ['column', 'constraint', 'index', 'trigger', 'rule', 'policy'],
]
const MOST_RENAMES = 500

/**
 * Brings the catalogue of before to the names of today: what disappeared and was not dropped, as the trace tells, goes on
 * under the name of something that appeared and was not created. Without a trace nothing is taken for a rename.
 */
export function followRenames(effects: Effects, statements: readonly TracedStatement[]): Followed {
  const after = applied(effects)
  let before = effects.before
  let difference = differenceOf(before, after)
  const renames: Rename[] = []
  if (effects.traceUnproven !== null) return { renames, before, after, difference }
  const events = statements.flatMap((one) => one.events)
  const dropped = new Set(events.flatMap((one) => (one.kind === 'dropped' ? one.object : [])))
  const created = new Set(events.flatMap((one) => (one.kind === 'created' ? one.object : [])))
  for (const sorts of ORDER) {
    for (let count = 0; count < MOST_RENAMES; count += 1) {
      const pair = findPair(difference, sorts, dropped, created)
      if (pair === null) break
      renames.push({ from: pair.from.object, to: pair.to.object, before: pair.from })
      before = before.map((entry) => renamed(entry, pair.from, pair.to))
      difference = differenceOf(before, after)
    }
  }
  return { renames, before, after, difference }
}

function findPair(
  difference: CatalogueDifference,
  sorts: readonly string[],
  dropped: ReadonlySet<string>,
  created: ReadonlySet<string>,
): { from: Thing; to: Thing } | null {
  const gone = difference.removed.map(thingOf).filter((one) => sorts.includes(one.sort) && !dropped.has(one.object))
  const come = difference.added.map(thingOf).filter((one) => sorts.includes(one.sort) && !created.has(one.object))
  for (const from of gone) {
    const candidates = come.filter((to) => to.sort === from.sort && to.parent === from.parent)
    const alike = candidates.filter((to) => isAlike(from, to, difference))
    const to = alike.find((one) => ownName(one) === ownName(from)) ?? alike[0] ?? only(candidates)
    if (to !== undefined) return { from, to }
  }
  return null
}

const only = <T>(list: readonly T[]): T | undefined => (list.length === 1 ? list[0] : undefined)

const partsOf = (entries: readonly CatalogueEntry[], whole: Thing): string =>
  entries
    .map(thingOf)
    .filter((one) => one.parent === whole.object && one.sort === 'column')
    .map(ownName)
    .toSorted()
    .join()

/** The same but for the name, and with parts of the same names. */
function isAlike(from: Thing, to: Thing, difference: CatalogueDifference): boolean {
  const { definition } = renamed({ object: from.object, definition: from.definition }, from, to)
  if (definition !== to.definition) return false
  return partsOf(difference.removed, from) === partsOf(difference.added, to)
}

const WORD = /[\p{L}\p{N}_$"]/u

/** Puts one name in place of another where it stands as a whole word, at most so many times. */
function replaceName(text: string, from: string, to: string, most = Infinity): string {
  let out = ''
  let at = 0
  for (let count = 0; ;) {
    const found = count < most ? text.indexOf(from, at) : -1
    if (found === -1) return out + text.slice(at)
    const end = found + from.length
    const isWhole =
      (found === 0 || !WORD.test(text[found - 1] ?? '') || from.startsWith('"')) && !WORD.test(text[end] ?? '')
    out += text.slice(at, found) + (isWhole ? to : from)
    count += isWhole ? 1 : 0
    at = end
  }
}

/** The entry as it would read if the object had always had its new name. */
function renamed(entry: CatalogueEntry, from: Thing, to: Thing): CatalogueEntry {
  if (from.sort === 'column') return renamedColumn(entry, from, to)
  const isPart = from.parent !== null && from.sort !== 'index' && from.sort !== 'sequence'
  if (
    isPart &&
    entry.object !== from.object &&
    !entry.definition.includes(from.object) &&
    !entry.object.includes(from.object)
  )
    return entry
  const [old, now] = isPart ? [from.object, to.object] : [signature(from.name), signature(to.name)]
  const suffix = from.sort === 'schema' ? '.' : ''
  const change = (text: string): string => replaceName(text, old + suffix, now + suffix)
  const object = entry.object === from.object ? to.object : change(entry.object)
  const definition = change(entry.definition)
  // A trigger's or a rule's own name also stands in its definition, before any other of the same spelling.
  return {
    object,
    definition:
      isPart && entry.object === from.object ? replaceName(definition, ownName(from), ownName(to), 1) : definition,
  }
}

const signature = (name: string): string => (name.includes('(') ? name.slice(0, name.indexOf('(')) : name)

/** Within its own table a column's name stands alone in definitions. */
function renamedColumn(entry: CatalogueEntry, from: Thing, to: Thing): CatalogueEntry {
  const object = replaceName(entry.object, from.name, to.name)
  const ofTable = `of ${from.parent ?? ''}`
  const isOfTable = entry.definition === ofTable || entry.definition.startsWith(`${ofTable}\n`)
  const qualified = replaceName(entry.definition, from.name, to.name)
  return { object, definition: isOfTable ? replaceName(qualified, ownName(from), ownName(to)) : qualified }
}

/** Whether only the schema is another one. */
export const isMoved = ({ before, to }: Rename): boolean => {
  const now = thingOf({ object: to, definition: '' })
  return ownName(before) === ownName(now) && schemaOf(before) !== schemaOf(now)
}

function applied(effects: Effects): CatalogueEntry[] {
  const { added, removed, changed } = effects.difference
  const gone = new Set(removed.map((one) => one.object))
  const now = new Map(changed.map(({ after }) => [after.object, after]))
  return [...effects.before.filter((one) => !gone.has(one.object)).map((one) => now.get(one.object) ?? one), ...added]
}

function differenceOf(before: readonly CatalogueEntry[], after: readonly CatalogueEntry[]): CatalogueDifference {
  const left = new Map(before.map((entry) => [entry.object, entry]))
  const added: CatalogueEntry[] = []
  const changed: { before: CatalogueEntry; after: CatalogueEntry }[] = []
  for (const entry of after) {
    const earlier = left.get(entry.object)
    left.delete(entry.object)
    if (earlier === undefined) added.push(entry)
    else if (earlier.definition !== entry.definition) changed.push({ before: earlier, after: entry })
  }
  return { added, removed: [...left.values()], changed }
}
