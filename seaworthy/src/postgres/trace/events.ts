import type { ObjectName, TraceEvent } from '../../migrations/effects.ts'
import type { Report } from './channel.ts'
import { type Document, documentsIn, listIn, listOf, numberIn, numberOf, textIn, textsOf } from './documents.ts'
import { dropsOf } from './drops.ts'
import { CLASS, type Known } from './known.ts'
import { objectName } from './object-names.ts'
import { viaOf } from './stack.ts'
import { type RowsWritten, writesOf } from './writes.ts'

/** What else is known of the statement that the reports are about. */
export interface Circumstances {
  readonly known: Known
  /** The name of our triggers. */
  readonly mark: string
  /** What the release has made so far, as `class:oid`; filled. */
  readonly made: Set<string>
  /** Domains that the release has made so far; filled. */
  readonly domains: Set<number>
  readonly text: string
  readonly nested: readonly string[]
  /** Counted by the session after the statement; null where it could not look. */
  readonly rows: ReadonlyMap<number, RowsWritten> | null
}

/** What the server calls the reasons of a rewrite (AT_REWRITE_… in event_trigger.h). */
const REWRITE_REASONS: readonly (readonly [bit: number, words: string])[] = [
  [1, 'persistence'],
  [2, 'default value'],
  [4, 'column type'],
  [8, 'access method'],
]

/** The reports of a statement as events, in the order in which they came. */
export function eventsOf(reports: readonly Report[], circumstances: Circumstances): TraceEvent[] {
  const writes = writesOf(reports, circumstances)
  const events: TraceEvent[] = []
  for (const report of reports) {
    const write = writes.get(report)
    if (write !== undefined) events.push(write)
    const kind = textIn(report.document, 'is')
    if (kind === 'ddl') events.push(...changesOf(report, circumstances))
    else if (kind === 'drop') events.push(...dropsOf(report, circumstances))
    else if (kind === 'rewrite') events.push(...rewriteOf(report, circumstances))
  }
  return events
}

/** Locks that the session held when something was reported: OID and mode. */
export const locksReported = (reports: readonly Report[]): (readonly [number, string])[] =>
  reports.flatMap(({ document }) =>
    listIn(document, 'locks').flatMap((pair) => {
      const [oid, mode] = listOf(pair)
      return typeof oid === 'number' && typeof mode === 'string' ? [[oid, mode] as const] : []
    }),
  )

/** Relations whose writes can no longer be seen, and why. */
export const blindSpots = (reports: readonly Report[]): string[] =>
  reports.flatMap(({ document }) =>
    textIn(document, 'is') === 'blind' ? [`${textIn(document, 'relation')}: ${textIn(document, 'why')}`] : [],
  )

/** Triggers and rules that were made inside of something, in the server's own words: how they were written may be hidden. */
export const definitionsIn = (reports: readonly Report[]): string[] =>
  reports.flatMap(({ document, stack }) =>
    stack === '' ? [] : documentsIn(document, 'commands').flatMap((command) => textIn(command, 'definition') ?? []),
  )

function rewriteOf({ document, stack }: Report, { known }: Circumstances): TraceEvent[] {
  const relation = known.relations.get(numberIn(document, 'oid') ?? 0)
  if (relation === undefined) return []
  const bits = numberIn(document, 'reason') ?? 0
  const reason = REWRITE_REASONS.filter(([bit]) => (bits & bit) !== 0).map(([, words]) => words)
  return [{ kind: 'rewritten', object: relation.name, reason: reason.join(', ') || 'other', via: viaOf(stack) }]
}

function changesOf({ document, stack }: Report, circumstances: Circumstances): TraceEvent[] {
  const via = viaOf(stack)
  return documentsIn(document, 'commands').flatMap((command): TraceEvent[] => {
    if (command['extension'] === true || isHidden(command)) return []
    const tag = textIn(command, 'tag') ?? ''
    const object = changedObject(command, tag, circumstances)
    const kind = isNew(command, tag, circumstances) ? 'created' : 'altered'
    return [{ kind, object, command: tag, via }, ...settingsOf(command, object, circumstances)]
  })
}

/** TOAST tables come and go with their tables. */
const isHidden = (command: Document): boolean => textIn(command, 'schema') === 'pg_toast'

function changedObject(command: Document, tag: string, { known, domains }: Circumstances): ObjectName {
  const oid = numberIn(command, 'oid')
  const type = textIn(command, 'type') ?? ''
  // GRANT, REVOKE and ALTER DEFAULT PRIVILEGES name the sort of object and nothing else.
  if (oid === null)
    return tag === 'ALTER DEFAULT PRIVILEGES' ? 'default privileges' : `privileges on ${type.toLowerCase()}`
  if (command['domain'] === true) domains.add(oid)
  const isDomain = command['domain'] === true || (numberIn(command, 'class') === CLASS.type && known.domains.has(oid))
  const identity = textIn(command, 'identity') ?? ''
  if (isDomain) return `domain ${identity}`
  return objectName({ type, identity, names: textsOf(command['names']), args: textsOf(command['args']) })
}

/** CREATE OR REPLACE of what is there already is a change; IF NOT EXISTS then reports nothing. */
function isNew(command: Document, tag: string, { known, made }: Circumstances): boolean {
  const key = `${numberIn(command, 'class')}:${numberIn(command, 'oid')}`
  const isMaking = tag.startsWith('CREATE ') || tag === 'SELECT INTO' || tag === 'IMPORT FOREIGN SCHEMA'
  if (!isMaking || known.objects.has(key) || made.has(key)) return false
  made.add(key)
  return true
}

/** Settings that a function runs with from now on, where they are not those it had. */
function settingsOf(command: Document, subject: ObjectName, { known }: Circumstances): TraceEvent[] {
  if (numberIn(command, 'class') !== CLASS.function) return []
  const before = known.functions.get(numberOf(command['oid']) ?? 0) ?? []
  const after = textsOf(command['config'])
  return [
    ...after.filter((one) => !before.includes(one)).map((one) => settingOfFunction(one, subject, false)),
    ...before
      .filter((one) => !after.some((other) => nameOf(other) === nameOf(one)))
      .map((one) => settingOfFunction(one, subject, true)),
  ]
}

const nameOf = (setting: string): string => setting.slice(0, setting.indexOf('='))

const settingOfFunction = (setting: string, subject: ObjectName, isReset: boolean): TraceEvent => ({
  kind: 'setting',
  name: nameOf(setting),
  value: isReset ? null : setting.slice(nameOf(setting).length + 1),
  scope: 'function',
  subject,
})
