import { nameParts, quotedText } from '../../../sql/identifier.ts'
import { foldText } from '../../../sql/constant.ts'
import { parseSql } from '../../../sql/parse.ts'
import { fragmentsOf } from '../../../sql/plpgsql.ts'
import { as, commandsOf, type Node, objectParts, rangeParts } from '../../../sql/tree.ts'
import type { Table } from '../schema.ts'
import type { PendingStatement } from '../statements.ts'
import { counting, type Stage, type Wanted } from './stage.ts'

/** Relations that hold rows, or stand for those that do: as DROP calls them, and as pg_class.relkind does. */
const DROPS: Readonly<Record<string, { readonly word: string; readonly kinds: string }>> = {
  OBJECT_TABLE: { word: 'table', kinds: "'r', 'p'" },
  OBJECT_MATVIEW: { word: 'materialized view', kinds: "'m'" },
  OBJECT_SEQUENCE: { word: 'sequence', kinds: "'S'" },
  OBJECT_VIEW: { word: 'view', kinds: "'v'" },
}

/**
 * What the release drops under a guard and the rehearsal did not have, because no migration made it: somebody may have made
 * it in production by hand, and there it is taken away. The server's own catalogue can be asked.
 */
export const notThereWanted = (stage: Stage): Wanted[] =>
  stage.statements.flatMap((statement) =>
    [...statement.nodes, ...executed(statement)].flatMap((node) => ofNode(node, statement, stage)),
  )

/** What a block hands to EXECUTE as a constant. */
function executed({ isPlain, text }: PendingStatement): Node[] {
  const fragments = isPlain ? [] : (fragmentsOf(text) ?? [])
  return fragments.flatMap(({ role, sql }) => {
    const target = role === 'dynamic' ? queryTarget(sql) : undefined
    const folded = target === undefined ? null : foldText(target)
    const parsed = folded?.isExact === true ? parseSql(folded.text) : null
    return parsed?.ok === true ? parsed.statements.map(({ node }) => node) : []
  })
}

function queryTarget(expression: string): Node | undefined {
  const parsed = parseSql(`SELECT ${expression}`)
  const select = parsed.ok ? as(parsed.statements[0]?.node, 'SelectStmt') : undefined
  return as(select?.targetList?.[0], 'ResTarget')?.val
}

function ofNode(node: Node, statement: PendingStatement, stage: Stage): Wanted[] {
  const drop = as(node, 'DropStmt')
  const dropped = DROPS[drop?.removeType ?? '']
  if (drop !== undefined && dropped !== undefined) {
    return (drop.objects ?? []).flatMap((one) => relationWanted(objectParts(one), dropped, statement, stage))
  }
  const alter = as(node, 'AlterTableStmt')
  const columns = commandsOf(alter?.cmds).filter((one) => one.subtype === 'AT_DropColumn' && one.missing_ok === true)
  return columns.flatMap((one) => columnWanted(rangeParts(alter?.relation), one.name ?? '', statement, stage))
}

function relationWanted(
  parts: readonly string[],
  { word, kinds }: (typeof DROPS)[string] & object,
  statement: PendingStatement,
  stage: Stage,
): Wanted[] {
  const name = parts.at(-1) ?? ''
  if (isKnown(name, statement, stage)) return []
  const from = `FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relname = ${quotedText(name)} AND c.relkind IN (${kinds})${inSchema(parts)}`
  return [
    {
      code: 'obligation/not-there',
      subject: `${word} ${whole(parts)}`,
      question: `production has no ${word} ${parts.join('.')}`,
      consequence: `line ${statement.where.line} drops it, with all that is in it; no migration made it, so that the rehearsal had none`,
      table: whole(parts),
      columns: [],
      name,
      statement,
      sql: counting('1', 'n.nspname AS schema, c.relname AS name', from),
    },
  ]
}

function columnWanted(parts: readonly string[], column: string, statement: PendingStatement, stage: Stage): Wanted[] {
  const table = parts.at(-1) ?? ''
  const had = [...tablesOf(stage)].filter((one) => ownName(one.name) === table)
  // A table that is not there either is not altered: IF EXISTS says so, and the rehearsal would have failed.
  if (had.length === 0 || had.some((one) => one.columns.has(column))) return []
  const from = `FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relname = ${quotedText(table)} AND a.attname = ${quotedText(column)} AND NOT a.attisdropped
    AND c.relkind IN ('r', 'p', 'f')${inSchema(parts)}`
  return [
    {
      code: 'obligation/not-there',
      subject: `column ${whole(parts)}.${column}`,
      question: `production has no column ${column} in ${parts.join('.')}`,
      consequence: `line ${statement.where.line} drops it, with its values; no migration made it, so that the rehearsal had none`,
      table: whole(parts),
      columns: [],
      name: column,
      statement,
      sql: counting('1', 'n.nspname AS schema, c.relname AS name, a.attname AS column', from),
    },
  ]
}

const tablesOf = ({ production, earlier, after }: Stage): readonly Table[] => [
  ...production.tables.values(),
  ...earlier.tables.values(),
  ...after.tables.values(),
]

/** Whether anything of that name was there before this step, or was made by it before this statement. */
function isKnown(name: string, { order }: PendingStatement, { production, earlier, statements }: Stage): boolean {
  const there = [production, earlier].flatMap((one) => [...one.definitions.keys()])
  const before = statements.filter((one) => one.order < order)
  const made = before.flatMap(({ traced, nodes }) => [
    ...(traced?.events ?? []).flatMap((event) => (event.kind === 'created' ? event.object : [])),
    ...nodes.flatMap((node) => rangeParts(as(node, 'CreateStmt')?.relation).at(-1) ?? []),
  ])
  return [...there, ...made].some((object) => ownName(object.slice(object.lastIndexOf(' ') + 1)) === name)
}

const ownName = (name: string): string => nameParts(name).at(-1) ?? ''

/** A name without a schema may stand for one in whatever schema. */
const inSchema = (parts: readonly string[]): string =>
  parts.length > 1
    ? ` AND n.nspname = ${quotedText(parts.at(-2) ?? '')}`
    : " AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')"

const whole = (parts: readonly string[]): string => `${parts.length > 1 ? '' : 'public.'}${parts.join('.')}`
