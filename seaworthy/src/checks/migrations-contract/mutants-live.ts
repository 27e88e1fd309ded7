import { type NotHere, isNotHere, notHere } from '../../gate/drill/drill.ts'
import type { Observations } from '../../gate/observation.ts'
import { type Migration, migrationTree, type Script } from '../../observers/migration-tree/kind.ts'
import { pending } from '../../observers/pending/kind.ts'
import { quotedName, quotedText } from '../../sql/identifier.ts'
import { changes, type Damage } from '../damage.ts'
import { liveState } from './judge.ts'
import { type Column, isInUnknownSchema, type SchemaState, type Table, TEMPORARY } from './state.ts'

/** What a mutant harms: a table that was live before the release. Every name is SQL text in quotes. */
export interface Live {
  readonly table: string
  /** Its name without the schema. */
  readonly bare: string
  /** The whole name as the text of a string constant. */
  readonly asText: string
  readonly column: string
  /** A column that is never NULL, in some live table. */
  readonly required: { readonly table: string; readonly column: string } | null
  /** A column of some live table that keeps digits behind the point. */
  readonly exact: { readonly table: string; readonly column: string; readonly type: string } | null
}

/** SQL made from what is live; or why there is nothing for it. */
export type Harm = (live: Live) => string | NotHere

/** One more text at the end of what is pending. */
export const adds =
  (harm: Harm): Damage =>
  (set) => {
    const live = liveIn(set)
    if (isNotHere(live)) return live
    const sql = harm(live)
    return typeof sql === 'string' ? changedNext((script) => withMore(script, sql))(set) : sql
  }

/** The same for a text that harms without a table. */
export const addsText = (sql: string): Damage => changedNext((script) => withMore(script, sql))

/** The text of one pending file is another one. */
export const becomes = (text: string): Damage =>
  changedNext((script) => ({ text, pieces: script.pieces === null ? null : [{ text, line: 1 }] }))

/** One more text at the end of what is live. */
export const addsToLive =
  (harm: Harm): Damage =>
  (set) => {
    const live = liveIn(set)
    if (isNotHere(live)) return live
    const sql = harm(live)
    if (typeof sql !== 'string') return sql
    const asPending = new Set(set.maybe(pending)?.files)
    const newest = set.maybe(migrationTree)?.migrations.findLast((one) => !asPending.has(one.up.file))
    return newest === undefined ? notHere('no migration is live') : changedScript(newest, withMore(newest.up, sql))(set)
  }

function changedNext(change: (script: Script) => Partial<Script>): Damage {
  return (set) => {
    const next = nextOf(set)
    return isNotHere(next) ? next : changedScript(next, change(next.up))(set)
  }
}

const changedScript = (migration: Migration, change: Partial<Script>): Damage =>
  changes(migrationTree, ({ migrations }) => ({
    migrations: migrations.map((one) =>
      one.up.file === migration.up.file ? { ...one, up: { ...one.up, ...change } } : one,
    ),
  }))

/** The pending migration that is damaged: not one that stands alone because of what it does. */
export function nextOf(set: Observations): Migration | NotHere {
  const asPending = new Set(set.maybe(pending)?.files)
  const found = set.maybe(migrationTree)?.migrations.filter((one) => asPending.has(one.up.file)) ?? []
  return found.find((one) => !/concurrently/i.test(one.up.text)) ?? found[0] ?? notHere('nothing is pending')
}

function withMore({ text, pieces }: Script, sql: string): Partial<Script> {
  const joined = (before: string): string => `${before}${/(?:;|^)\s*$/.test(before) ? '' : '\n;'}\n${sql}\n`
  const last = pieces?.at(-1)
  return {
    text: joined(text),
    pieces:
      pieces === null || last === undefined ? pieces : [...pieces.slice(0, -1), { ...last, text: joined(last.text) }],
  }
}

function liveIn(set: Observations): Live | NotHere {
  const next = nextOf(set)
  if (isNotHere(next)) return next
  const tables = Object.entries(liveState(set).tables).filter(isUsable)
  const pendingText = set
    .need(migrationTree)
    .migrations.filter((one) => set.need(pending).files.includes(one.up.file))
    .map((one) => one.up.text)
    .join('\n')
  // What the release itself speaks of may be gone or another one at its end.
  const isAlone = (name: string): boolean => !pendingText.includes(bareOf(name))
  const [name, table] = tables.find(([one]) => isAlone(one)) ?? tables[0] ?? []
  if (name === undefined || table === undefined) return notHere('no table is live before the release')
  const column = table.columns.find((one) => !one.isNotNull && !one.isGenerated) ?? table.columns[0]
  return {
    table: sqlOf(name),
    bare: quotedName(bareOf(name)),
    asText: quotedText(sqlOf(name)),
    column: quotedName(column?.name ?? ''),
    required: firstColumn(tables, (one) => one.isNotNull),
    exact: firstColumn(tables, isExact),
  }
}

type Named = readonly [name: string, table: Table]

const isUsable = ([name, table]: [string, SchemaState['tables'][string]]): boolean =>
  !isInUnknownSchema(name) &&
  !name.startsWith(`${TEMPORARY}.`) &&
  name.split('.').length === 2 &&
  table.isPartitioned !== true &&
  table.columns.length > 0

const bareOf = (name: string): string => name.split('.').at(-1) ?? name
const sqlOf = (name: string): string => name.split('.').map(quotedName).join('.')

function firstColumn(tables: readonly Named[], isWanted: (column: Column) => boolean): Live['exact'] {
  for (const [name, { columns }] of tables) {
    const column = columns.find(isWanted)
    if (column !== undefined) {
      return { table: sqlOf(name), column: quotedName(column.name), type: column.type ?? '' }
    }
  }
  return null
}

const isExact = ({ type, isGenerated }: Column): boolean =>
  !isGenerated && type !== null && /^numeric\(\d+,[1-9]\d*\)$/.test(type)
