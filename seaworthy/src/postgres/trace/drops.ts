import type { ObjectName, TraceEvent } from '../../migrations/effects.ts'
import type { Report } from './channel.ts'
import { type Document, documentsIn, numberIn, textIn, textsOf } from './documents.ts'
import type { Circumstances } from './events.ts'
import { CLASS } from './known.ts'
import { objectName } from './object-names.ts'
import { viaOf } from './stack.ts'

/** What went in one command: what it named, and what went along, each with what took it along. */
export function dropsOf({ document, stack }: Report, circumstances: Circumstances): TraceEvent[] {
  const command = textIn(document, 'tag') ?? ''
  const via = viaOf(stack)
  const dropped = documentsIn(document, 'objects')
  const originals = dropped.filter((one) => one['original'] === true)
  return dropped.flatMap((one): TraceEvent[] => {
    if (isHidden(one, circumstances.mark)) return []
    const isDirect = one['original'] === true
    if (!isDirect && isMember(one, circumstances)) return []
    const object = droppedObject(one, circumstances)
    // A default and a NOT NULL are no objects of their own: their column is another one now, if it is still there.
    if (isPartOfColumn(one, circumstances)) return isDirect ? [{ kind: 'altered', object, command, via }] : []
    if (!isDirect && isRowType(one, dropped)) return []
    const cause = isDirect ? null : causeOf(one, originals, circumstances)
    return [{ kind: 'dropped', object, isDirect, cause, command, via }]
  })
}

/** TOAST tables, the rule that makes a view, the triggers behind foreign keys, and our own triggers. */
function isHidden(dropped: Document, mark: string): boolean {
  if (textIn(dropped, 'schema') === 'pg_toast') return true
  if (textIn(dropped, 'type') === 'rule' && textsOf(dropped['names']).at(-1) === '_RETURN') return true
  if (numberIn(dropped, 'class') !== CLASS.trigger) return false
  const name = textsOf(dropped['names']).at(-1) ?? ''
  return name === mark || name.startsWith('RI_ConstraintTrigger_')
}

const isPartOfColumn = (dropped: Document, { known }: Circumstances): boolean =>
  textIn(dropped, 'type') === 'default value' || known.notNull.has(numberIn(dropped, 'oid') ?? 0)

const isMember = (dropped: Document, { known }: Circumstances): boolean =>
  known.members.has(`${numberIn(dropped, 'class')}:${numberIn(dropped, 'oid')}`)

/** The type of a table's rows and arrays come and go with what they belong to. */
function isRowType(dropped: Document, all: readonly Document[]): boolean {
  if (numberIn(dropped, 'class') !== CLASS.type) return false
  const identity = textIn(dropped, 'identity') ?? ''
  return identity.endsWith('[]') || all.some((one) => one !== dropped && textIn(one, 'identity') === identity)
}

function droppedObject(dropped: Document, { known, domains }: Circumstances): ObjectName {
  const oid = numberIn(dropped, 'oid') ?? 0
  const column = numberIn(dropped, 'class') === CLASS.constraint ? known.notNull.get(oid) : undefined
  if (column !== undefined) return column
  const type = textIn(dropped, 'type') ?? ''
  const identity = textIn(dropped, 'identity') ?? ''
  const isDomain = numberIn(dropped, 'class') === CLASS.type && (known.domains.has(oid) || domains.has(oid))
  if (isDomain) return `domain ${identity}`
  return objectName({ type, identity, names: textsOf(dropped['names']), args: textsOf(dropped['args']) })
}

/** What the command named and this belongs to; else the nearest thing that it named. */
function causeOf(dropped: Document, originals: readonly Document[], circumstances: Circumstances): ObjectName | null {
  const [schema, relation] = textsOf(dropped['names'])
  const holder =
    originals.find((one) => isAt(one, [schema, relation])) ??
    originals.find((one) => textIn(one, 'type') === 'schema' && textsOf(one['names'])[0] === schema) ??
    originals[0]
  return holder === undefined ? null : droppedObject(holder, circumstances)
}

const isAt = (one: Document, [schema, relation]: readonly (string | undefined)[]): boolean => {
  const names = textsOf(one['names'])
  return relation !== undefined && names[0] === schema && names[1] === relation
}
