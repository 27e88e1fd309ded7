import { isNotHere, type NotHere, notHere } from '../../gate/drill/drill.ts'
import { DEFAULT_POLICY } from '../../gate/policy.ts'
import type { JudgeContext } from '../../gate/check.ts'
import { type CatalogueEntry, type Effects, effects, type TracedStatement } from '../../observers/effects/kind.ts'
import { shape } from '../../observers/shape/kind.ts'
import { nameParts, quotedName, quotedQualified } from '../../sql/identifier.ts'
import { both, changes, type Damage } from '../damage.ts'

/** A table that was there before the release, and that the release leaves alone where there is such a one. */
export interface Picked {
  /** `table public.courts`. */
  readonly object: string
  /** `public.courts`, as the catalogue writes it. */
  readonly name: string
  /** As SQL text. */
  readonly sql: string
  /** Names of its columns as SQL text: the first one is ordinary, if one is. */
  readonly columns: readonly [string, ...string[]]
}

/** What the release did, with a change. */
export const affecting = (change: (data: Effects) => Partial<Effects> | NotHere): Damage => changes(effects, change)

/** The profile in which locks are judged. */
export const online: Partial<JudgeContext> = { settings: DEFAULT_POLICY.settings }

/** The same where nobody knows how large a table is: a lock on a small one is no harm. */
export const ofUnknownSize = (damage: Damage): Damage => both(damage, (set) => set.without(shape))

/** Entries of before that the release does not change. */
export function kept({ before, difference }: Effects): readonly CatalogueEntry[] {
  const gone = [...difference.removed, ...difference.changed.map((one) => one.before)]
  const objects = new Set(gone.map((one) => one.object))
  return before.filter((one) => !objects.has(one.object))
}

/** The first entry of before of a sort that the release does not change. */
export const entryLike = (
  data: Effects,
  isWanted: (entry: CatalogueEntry) => boolean,
  what: string,
): CatalogueEntry | NotHere => kept(data).find(isWanted) ?? notHere(`there is no ${what} before the release`)

const linesOf = ({ definition }: CatalogueEntry): readonly string[] => definition.split('\n')

/** Whether the entry is of that sort and one of its facets is like that. */
export const isLike =
  (sort: string, facet?: RegExp) =>
  (entry: CatalogueEntry): boolean =>
    entry.object.startsWith(`${sort} `) && (facet === undefined || linesOf(entry).some((line) => facet.test(line)))

/** A table with rows and columns; `isWanted` is asked of its own entry. */
export function tableIn(
  data: Effects,
  isWanted: (entry: CatalogueEntry) => boolean = () => true,
  what = 'table with rows',
): Picked | NotHere {
  const seeded = new Set(data.seeding.tables.map((one) => one.object))
  const touched = new Set(
    data.steps.flatMap((step) =>
      step.statements.flatMap((one) => one.events.flatMap((event) => (event.kind === 'setting' ? [] : [event.object]))),
    ),
  )
  const found = kept(data)
    .filter((one) => seeded.has(one.object) && isWanted(one))
    .flatMap((one) => pickedOf(data, one.object))
  return found.find((one) => !touched.has(one.object)) ?? found[0] ?? notHere(`there is no ${what} before the release`)
}

const isOrdinary = (one: CatalogueEntry): boolean => !/\n(?:not null|default |generated )/.test(one.definition)

function pickedOf(data: Effects, object: string): Picked[] {
  const own = kept(data).filter((one) => one.object.startsWith('column ') && linesOf(one)[0] === `of ${object}`)
  const [first, ...rest] = [...own.filter(isOrdinary), ...own.filter((one) => !isOrdinary(one))].map(
    ({ object: column }) => quotedName(nameParts(column.slice('column '.length)).at(-1) ?? ''),
  )
  const name = object.slice('table '.length)
  return first === undefined ? [] : [{ object, name, sql: quotedQualified(name), columns: [first, ...rest] }]
}

/** A change that is made with some table of before. */
export const onTable = (
  change: (table: Picked, data: Effects) => Partial<Effects> | NotHere,
  isWanted?: (entry: CatalogueEntry) => boolean,
  what?: string,
): Damage =>
  affecting((data) => {
    const table = tableIn(data, isWanted, what)
    return isNotHere(table) ? table : change(table, data)
  })

/** The difference with more that came. */
export const withAdded = (
  { difference }: Pick<Effects, 'difference'>,
  ...entries: readonly CatalogueEntry[]
): Pick<Effects, 'difference'> => ({ difference: { ...difference, added: [...difference.added, ...entries] } })

/** One more statement behind the last one that was traced, and that `isWanted` holds for; in its transaction. */
export function withStatement(
  { steps }: Effects,
  change: (last: TracedStatement) => Partial<TracedStatement>,
  isWanted: (last: TracedStatement) => boolean = () => true,
): Pick<Effects, 'steps'> | NotHere {
  const step = steps.findLast(({ statements }) => {
    const end = statements.at(-1)
    return end !== undefined && isWanted(end)
  })
  const last = step?.statements.at(-1)
  if (step === undefined || last === undefined) return notHere('no such statement of a pending migration was traced')
  const line = last.endLine + 1
  const bare = { ...last, index: last.index + 1, line, column: 1, endLine: line, events: [], locks: [], nested: [] }
  const { ownWrites: _, ...more } = bare
  const statements = [...step.statements, { ...more, ...change(last) }]
  return { steps: steps.map((one) => (one === step ? { ...one, statements } : one)) }
}

/** Whether a statement did something within a transaction. */
export const isInTransaction = ({ transaction, events }: TracedStatement): boolean =>
  transaction !== null && events.length > 0

/** A role that may log in, reads no more than it is given, and does not own the table. */
export function roleBeside(data: Effects, table: Picked): string | NotHere {
  const owner = ownerOf(data, table)
  const members = new Set(data.before.flatMap((one) => /^membership of (\S+) in /.exec(one.object)?.slice(1, 2) ?? []))
  const found = data.before.find(
    (one) => isLike('role', /^login/)(one) && !/superuser|bypassrls/.test(one.definition) && isOther(one.object),
  )
  function isOther(object: string): boolean {
    const name = object.slice('role '.length)
    return name !== owner && !members.has(name)
  }
  return found?.object.slice('role '.length) ?? notHere('there is no role that may log in and owns nothing')
}

export const ownerOf = ({ before }: Effects, { object }: Picked): string =>
  before
    .find((one) => one.object === object)
    ?.definition.split('\n')
    .find((line) => line.startsWith('owner '))
    ?.slice('owner '.length) ?? 'owner'
