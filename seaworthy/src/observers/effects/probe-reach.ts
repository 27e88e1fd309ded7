import type { CatalogueDifference } from '../../migrations/catalogue-difference.ts'
import type { ObjectName } from '../../migrations/effects.ts'
import type { CatalogueEntry, RoutineBody } from '../../migrations/engine.ts'

const TABLE = 'table '
/** What code can call by its name. */
const NAMED = [
  TABLE,
  'view ',
  'materialized view ',
  'foreign table ',
  'function ',
  'procedure ',
  'aggregate ',
  'type ',
  'domain ',
  'sequence ',
]
/** Nothing that a write does depends on these; what is published is looked at by itself. */
const NO_CODE = ['comment ', 'default privileges ', 'publication ', 'statistics ', 'event trigger ']
/** Languages whose text tells what it uses, but for what is made of texts at run time. */
const READABLE: ReadonlySet<string> = new Set(['sql', 'plpgsql'])

const startsWithOne = (text: string, starts: readonly string[]): boolean =>
  starts.some((start) => text.startsWith(start))

const parentOf = ({ definition }: CatalogueEntry): string | null => {
  const [first = ''] = definition.split('\n', 1)
  return first.startsWith('of ') ? first.slice(3) : null
}

/** `table public.users` of a part of it, such as a column or an index of a constraint; null where it is of no table. */
export function tableOf(entry: CatalogueEntry): ObjectName | null {
  if (entry.object.startsWith(TABLE)) return entry.object
  const parent = parentOf(entry)
  if (parent?.startsWith(TABLE) === true) return parent
  const on = parent?.startsWith('constraint ') === true ? parent.lastIndexOf(' on ') : -1
  return parent === null || on === -1 ? null : `${TABLE}${parent.slice(on + 4)}`
}

/** `users` of `table public.users`, `touch` of `function public.touch(integer)`. */
function bareName(object: string): string {
  const [name = ''] = object.split('(', 1)
  return name
    .slice(name.lastIndexOf(' ') + 1)
    .slice(name.slice(name.lastIndexOf(' ') + 1).lastIndexOf('.') + 1)
    .replaceAll('"', '')
    .toLowerCase()
}

const isOfWord = (code: number): boolean =>
  (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code === 95 || code > 127

/** Everything in a text that can be a name or a part of one: more than is a name, never less. */
function wordsOf(text: string): ReadonlySet<string> {
  const words = new Set<string>()
  const lower = text.toLowerCase()
  let start = -1
  for (let at = 0; at <= lower.length; at += 1) {
    if (at < lower.length && isOfWord(lower.charCodeAt(at))) {
      if (start === -1) start = at
    } else if (start !== -1) {
      words.add(lower.slice(start, at))
      start = -1
    }
  }
  return words
}

/** Something that a write may come by: code, a view, or a table with what hangs on it. */
interface Node {
  readonly name: string
  readonly table: ObjectName | null
  readonly words: ReadonlySet<string>
  /** Whether its text does not tell what it uses. */
  readonly isOpen: boolean
}

/**
 * Tables of before on which a write may come out otherwise: those whose own entries changed first, then those whose
 * triggers, constraints, defaults or policies come by something that changed, through as many functions, views, tables
 * and cascades as it takes. By words of texts: a table too many costs time only.
 */
export function reachedTables(
  before: readonly CatalogueEntry[],
  { added, removed, changed }: CatalogueDifference,
  bodies: readonly RoutineBody[],
): ObjectName[] {
  const touched = [...added, ...removed, ...changed.flatMap((one) => [one.before, one.after])]
  const known = new Set(before.map((one) => one.object).filter((object) => object.startsWith(TABLE)))
  const reach = new Reach(before, known, bodies)
  for (const entry of touched) reach.begin(entry)
  return reach.tables()
}

class Reach {
  readonly #known: ReadonlySet<ObjectName>
  readonly #reached = new Set<ObjectName>()
  readonly #names = new Set<string>()
  /** Of a table, those whose rows its keys refer to and that change it when they go. */
  readonly #above = new Map<ObjectName, ObjectName[]>()
  readonly #nodes: Node[]
  readonly #triggered: ReadonlySet<ObjectName>
  #isEverywhere = false

  constructor(before: readonly CatalogueEntry[], known: ReadonlySet<ObjectName>, bodies: readonly RoutineBody[]) {
    this.#known = known
    const texts = new Map<ObjectName, string[]>()
    const triggered = new Set<ObjectName>()
    const views: Node[] = []
    for (const entry of before) {
      const table = tableOf(entry)
      if (table === null) {
        if (startsWithOne(entry.object, ['view ', 'materialized view ', 'domain ', 'constraint ']))
          views.push(nodeOf(bareName(parentOf(entry) ?? entry.object), null, entry.definition))
      } else if (entry.object.startsWith('constraint ') && entry.definition.includes('\nFOREIGN KEY ')) {
        this.#refer(table, entry.definition)
      } else {
        if (entry.object.startsWith('trigger ')) triggered.add(table)
        const list = texts.get(table) ?? []
        texts.set(table, [...list, withoutFirstLine(entry)])
      }
    }
    this.#triggered = triggered
    const tables = [...texts].map(([table, list]) => nodeOf(bareName(table), table, list.join('\n')))
    this.#nodes = [...bodies.map(nodeOfBody), ...views, ...tables.filter((one) => known.has(one.table ?? ''))]
  }

  #refer(table: ObjectName, definition: string): void {
    if (!definition.includes(' ON DELETE ') && !definition.includes(' ON UPDATE ')) return
    const from = definition.indexOf(' REFERENCES ')
    const parent = `${TABLE}${definition.slice(from + 12, definition.indexOf('(', from)).trim()}`
    this.#above.set(table, [...(this.#above.get(table) ?? []), parent])
  }

  /** What one changed entry reaches by itself. */
  begin(entry: CatalogueEntry): void {
    const table = tableOf(entry)
    const parent = parentOf(entry)
    if (table !== null) {
      this.#names.add(bareName(table))
      this.#add(table)
    } else if (startsWithOne(entry.object, NAMED)) this.#names.add(bareName(entry.object))
    else if (startsWithOne(entry.object, NO_CODE)) return
    else if (parent !== null && startsWithOne(parent, NAMED)) this.#names.add(bareName(parent))
    else this.#isEverywhere = true
  }

  #add(table: ObjectName): void {
    if (this.#reached.has(table) || !this.#known.has(table)) return
    this.#reached.add(table)
    this.#names.add(bareName(table))
    for (const above of this.#above.get(table) ?? []) this.#add(above)
  }

  tables(): ObjectName[] {
    if (this.#isEverywhere) for (const table of this.#triggered) this.#add(table)
    let rest = this.#names.size === 0 ? [] : this.#nodes
    for (;;) {
      const found = rest.filter((one) => this.#isMet(one))
      if (found.length === 0) return [...this.#reached]
      rest = rest.filter((one) => !found.includes(one))
      for (const { name, table } of found) {
        this.#names.add(name)
        if (table !== null) this.#add(table)
      }
    }
  }

  #isMet({ isOpen, words, table }: Node): boolean {
    if (isOpen || (table !== null && this.#reached.has(table))) return true
    for (const name of this.#names) if (words.has(name)) return true
    return false
  }
}

/** A table is named in all that hangs on it, which says nothing. */
const withoutFirstLine = ({ object, definition }: CatalogueEntry): string =>
  object.startsWith(TABLE) ? definition : definition.slice(definition.indexOf('\n') + 1)

const nodeOf = (name: string, table: ObjectName | null, text: string): Node => ({
  name,
  table,
  words: wordsOf(text),
  isOpen: false,
})

function nodeOfBody({ name, language, text }: RoutineBody): Node {
  const words = wordsOf(text)
  const isOpen = !READABLE.has(language) || words.has('execute') || text.toLowerCase().includes('u&"')
  return { name: name.toLowerCase(), table: null, words, isOpen }
}
