/** Something of the catalogue that a name means. One that was made anew has another number and the same name. */
export interface MeantObject {
  readonly is: 'object'
  readonly oid: number
  /** With its schema, a function of its own with the types that it takes. */
  readonly name: string
}

/** A column that a name means: of which relation of the query, how many queries further out. */
export interface MeantColumn {
  readonly is: 'column'
  readonly name: string
  /** As the query calls the relation. */
  readonly of: string
  readonly place: string
}

export interface MeantNode {
  readonly is: 'node'
  readonly kind: string
  readonly parts: Readonly<Record<string, Meaning>>
}

/** What the names of a query mean, as the server read it: nothing of types, places in the text or constants. */
export type Meaning = string | readonly Meaning[] | MeantObject | MeantColumn | MeantNode

const isList = (value: Meaning | undefined): value is readonly Meaning[] => Array.isArray(value)

/**
 * Whether a query means the same as before. Columns that an inner query returns in addition (`SELECT *`) change nothing
 * as long as nobody reads them.
 */
export function isSameMeaning(before: Meaning | undefined, after: Meaning | undefined): boolean {
  if (before === undefined || after === undefined || typeof before === 'string' || typeof after === 'string')
    return before === after
  if (isList(before) || isList(after)) return isList(before) && isList(after) && isSameList(before, after)
  if (before.is === 'object') return after.is === 'object' && (before.oid === after.oid || before.name === after.name)
  if (before.is === 'column') return after.is === 'column' && before.place === after.place && before.name === after.name
  return after.is === 'node' && isSameNode(before, after)
}

const isSameList = (before: readonly Meaning[], after: readonly Meaning[]): boolean =>
  before.length === after.length && before.every((one, at) => isSameMeaning(one, after[at]))

function isSameNode(before: MeantNode, after: MeantNode): boolean {
  if (before.kind !== after.kind) return false
  return [...new Set([...Object.keys(before.parts), ...Object.keys(after.parts)])].every((field) => {
    const [was, is] = [before.parts[field], after.parts[field]]
    return field === 'targetList' && isList(was) && isList(is)
      ? isSameList(was, withoutGained(was, is))
      : isSameMeaning(was, is)
  })
}

const nameOf = (target: Meaning): string => {
  const name = typeof target === 'object' && 'parts' in target ? target.parts['resname'] : undefined
  return typeof name === 'string' ? name : ''
}

/** By nothing else than its name is it read: it sorts, groups and distinguishes nothing. */
const isPlain = (target: Meaning): boolean =>
  typeof target === 'object' &&
  'parts' in target &&
  target.parts['ressortgroupref'] === '0' &&
  target.parts['resjunk'] === 'false'

/** The targets of after that have one of before, in its order: matched by name, and among equal names by place. */
function withoutGained(before: readonly Meaning[], after: readonly Meaning[]): readonly Meaning[] {
  const left = before.map(nameOf)
  return after.filter((target) => {
    const at = left.indexOf(nameOf(target))
    if (at === -1) return !isPlain(target)
    left.splice(at, 1)
    return true
  })
}

/** What is meant in after and not in before, as often as it is: objects and columns, by their names. */
export function gainedIn(before: Meaning, after: Meaning): readonly (MeantObject | MeantColumn)[] {
  const known = namesIn(before).map(wordsFor)
  return namesIn(after).filter((one) => {
    const at = known.indexOf(wordsFor(one))
    if (at !== -1) known.splice(at, 1)
    return at === -1
  })
}

export const wordsFor = (meant: MeantObject | MeantColumn): string =>
  meant.is === 'object' ? meant.name : `column ${meant.of === '' ? '' : `${meant.of}.`}${meant.name}`

function namesIn(meaning: Meaning): (MeantObject | MeantColumn)[] {
  if (typeof meaning === 'string') return []
  if (isList(meaning)) return meaning.flatMap(namesIn)
  return meaning.is === 'node' ? Object.values(meaning.parts).flatMap(namesIn) : [meaning]
}
