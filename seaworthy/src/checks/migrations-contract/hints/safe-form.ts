import { asIdentifier } from '../../../sql/tokens.ts'
import { as, objectParts, rangeParts } from '../../../sql/tree.ts'
import { safeAlterTable, safeWithDefaults } from './alter-table.ts'
import { type Block, blocksText } from './blocks.ts'
import type { Facts } from './facts.ts'
import { dropLeftOver, nameFor } from './names.ts'
import { fillingBlock } from './rows.ts'
import { Source } from './source.ts'

/** A longer statement is data, and its hint would help nobody. */
const LONGEST_STATEMENT = 20_000

type Builder = (source: Source, facts: Facts) => Block[] | null

const migration = (sql: string): Block[] => [{ when: 'migration', sql: `${sql};` }]
const alone = (sql: string, more: Pick<Block, 'afterwards' | 'clearing'> = {}): Block => ({
  when: 'migration',
  isAlone: true,
  sql: `${sql};`,
  ...more,
})

const byHandBefore = (code: string, sql: string): string =>
  `-- seaworthy:allow ${code} reason="done by hand beforehand, so that this does nothing"\n${sql};`

/** The name of the index, or one as the server would give it. */
function indexName(source: Source): string | null {
  const node = as(source.node, 'IndexStmt')
  if (node === undefined) return null
  const columns = (node.indexParams ?? []).map((one) => as(one, 'IndexElem')?.name ?? 'expr')
  return node.idxname ?? nameFor(node.relation, columns, 'idx')
}

/** CREATE INDEX with a name, where it has none. */
function withIndexName(source: Source, words: string): string | null {
  const name = indexName(source)
  const index = source.tokens.findIndex((one) => one.text.toUpperCase() === 'INDEX')
  const on = source.tokens.find((one, at) => at > index && one.text.toUpperCase() === 'ON')
  const word = source.tokens[index]
  if (name === null || word === undefined || on === undefined) return null
  const between = [words, asIdentifier(name)].join(' ').trim()
  return `${source.text.slice(0, word.end)} ${between} ${source.text.slice(on.start)}`
}

/** The server builds no index of a partitioned table this way: the root first, which has no rows, then each partition. */
function partitionedIndex(source: Source): Block[] | null {
  const sql = withIndexName(source, '')
  const on = sql === null ? null : Source.read(sql)
  const name = as(on?.node, 'IndexStmt')?.idxname
  const root = on?.withWord('ONLY', 'ON') ?? null
  if (root === null || name === undefined) return null
  const then = `-- for each partition: CREATE INDEX CONCURRENTLY like it, alone in its file; then ALTER INDEX ${asIdentifier(name)} ATTACH PARTITION`
  return [{ when: 'migration', sql: `${root};\n${then}` }]
}

const createIndex: Builder = (source, facts) => {
  const node = as(source.node, 'IndexStmt')
  const name = indexName(source)
  if (node === undefined || name === null) return null
  if (facts.isPartitioned(rangeParts(node.relation))) return partitionedIndex(source)
  const exists = node.if_not_exists === true ? ' IF NOT EXISTS' : ''
  const sql = withIndexName(source, `CONCURRENTLY${exists}`)
  const again = withIndexName(source, 'IF NOT EXISTS')
  if (sql === null || again === null) return null
  return [alone(sql, { clearing: dropLeftOver(node, name), afterwards: byHandBefore('lock/create-index', again) })]
}

const dropIndex: Builder = (source) => {
  const node = as(source.node, 'DropStmt')
  if (node === undefined) return null
  // The server drops one index at a time this way, and never what depends on it.
  return (node.objects ?? []).map((object) => {
    const name = objectParts(object).map(asIdentifier).join('.')
    // IF EXISTS, since a try that was interrupted may have dropped it.
    return alone(`DROP INDEX CONCURRENTLY IF EXISTS ${name}`, {
      afterwards: byHandBefore('lock/drop-index', `DROP INDEX IF EXISTS ${name}`),
    })
  })
}

const refresh: Builder = (source) => {
  const sql = source.withWord('CONCURRENTLY', 'VIEW')
  return sql === null ? null : migration(`-- the view needs a unique index over plain columns\n${sql}`)
}

const reindex: Builder = (source) => {
  const node = as(source.node, 'ReindexStmt')
  const sort = node?.kind?.replace('REINDEX_OBJECT_', '')
  // The server does not rebuild its own catalogue this way.
  if (sort === undefined || sort === 'SYSTEM') return null
  const sql = source.withWord('CONCURRENTLY', sort)
  return sql === null ? null : [alone(sql)]
}

/** The same UPDATE, some thousand rows at a time. Rows for which its value is NULL would be found again and again. */
const backfill: Builder = (source, facts) => {
  const node = as(source.node, 'UpdateStmt')
  const [target, ...others] = node?.targetList ?? []
  const set = as(target, 'ResTarget')
  const column = set?.name
  if (node === undefined || column === undefined || others.length > 0 || node.fromClause !== undefined) return null
  const written = assignmentIn(source)
  if (written === null) return null
  const isNeverNull = as(set?.val, 'A_Const') !== undefined || facts.isVolatile(set?.val)
  const alias = node.relation?.alias?.aliasname
  return [
    fillingBlock({
      table: `${source.nameOf(node.relation)}${alias === undefined ? '' : ` AS ${asIdentifier(alias)}`}`,
      key: facts.keyOf(rangeParts(node.relation)),
      assignment: written.assignment,
      isMissing: `${asIdentifier(column)} IS NULL${isNeverNull ? '' : ` AND (${written.value}) IS NOT NULL`}`,
    }),
  ]
}

/** What stands behind SET, up to a WHERE or RETURNING of the statement itself. */
function assignmentIn({ text, tokens }: Source): { readonly assignment: string; readonly value: string } | null {
  const set = tokens.findIndex((one) => one.text.toUpperCase() === 'SET')
  const equals = tokens.findIndex((one, at) => at > set && one.text === '=')
  const [from, value] = [tokens[set]?.end, tokens[equals]?.end]
  if (from === undefined || value === undefined) return null
  let depth = 0
  const end = tokens.find((one, at) => {
    if (at <= set) return false
    if (one.text === '(') depth += 1
    if (one.text === ')') depth -= 1
    return depth === 0 && ['WHERE', 'RETURNING'].includes(one.text.toUpperCase())
  })?.start
  return { assignment: text.slice(from, end).trim(), value: text.slice(value, end).trim() }
}

const upsert: Builder = (source) => {
  const clause = as(source.node, 'InsertStmt')?.onConflictClause
  if (clause === undefined) return null
  const arbiter = source.tokens.filter((one) => one.start >= source.at(clause.location))
  const act = arbiter.findIndex((one) => one.text.toUpperCase() === 'DO')
  const end = arbiter[act]?.end
  return end === undefined ? null : migration(`${source.text.slice(0, end)} NOTHING`)
}

const definer: Builder = (source) => {
  // A body that is written as statements ends the command: nothing can stand behind it.
  if (as(source.node, 'CreateFunctionStmt')?.sql_body !== undefined) return null
  return migration(`${source.text} SET search_path = public, pg_temp`)
}

const createTable: Builder = (source) => {
  const sql = source.withWord('IF NOT EXISTS', 'TABLE')
  return sql === null ? null : migration(sql)
}

const WITHOUT_CONCURRENTLY =
  '-- without CONCURRENTLY, while the service is stopped: an interrupted try then leaves nothing behind'

/**
 * What an interrupted CONCURRENTLY leaves would be taken for the finished index. Only where statements are sent one after
 * another can the file itself drop it first.
 */
const createIndexAgain: Builder = (source, facts) => {
  const node = as(source.node, 'IndexStmt')
  const name = indexName(source)
  const isConcurrent = node?.concurrent === true && facts.format === 'numbered'
  const sql = withIndexName(source, isConcurrent ? 'CONCURRENTLY IF NOT EXISTS' : 'IF NOT EXISTS')
  if (node === undefined || name === null || sql === null) return null
  if (isConcurrent) return [alone(sql, { clearing: dropLeftOver(node, name) })]
  return migration(node.concurrent === true ? `${WITHOUT_CONCURRENTLY}\n${sql}` : sql)
}

/** CONCURRENTLY is right already: the file has to be sent another way. */
const sentAlone: Builder = (source) => {
  const node = as(source.node, 'IndexStmt')
  const name = indexName(source)
  return [alone(source.text, node === undefined || name === null ? {} : { clearing: dropLeftOver(node, name) })]
}

const laterMigration: Builder = (source) => [
  { when: 'migration', remark: 'with nothing else in it', sql: `${source.text};` },
]

const BUILDERS: Readonly<Record<string, Builder>> = {
  'lock/create-index': createIndex,
  'lock/drop-index': dropIndex,
  'lock/refresh-view': refresh,
  'lock/reindex': reindex,
  'lock/backfill': backfill,
  'lock/add-check': safeAlterTable,
  'lock/add-foreign-key': safeAlterTable,
  'lock/add-unique': safeAlterTable,
  'lock/set-not-null': safeAlterTable,
  'lock/add-column-rewrite': safeAlterTable,
  'lock/change-column-type': safeAlterTable,
  'lock/detach-partition': safeAlterTable,
  'lock/validate-in-same-transaction': laterMigration,
  'compat/add-required-column': safeWithDefaults,
  'compat/drop-default': safeWithDefaults,
  'data-loss/narrow-column-type': safeAlterTable,
  'data-loss/upsert': upsert,
  'security/definer-without-search-path': definer,
  'repeat/create-table-if-not-exists': createTable,
  'repeat/create-index-if-not-exists': createIndexAgain,
  'apply/concurrently-in-transaction': sentAlone,
}

/** The codes that a safe form is known for. */
export const codesWithSafeForm: readonly string[] = Object.keys(BUILDERS)

/**
 * What to write instead of one statement, as SQL for this very table, where that is known: migrations parted by
 * `-- next migration`, `-- next release` and `-- outside of the migrations`. Null where there is none. Pure; the grammar
 * has to be loaded.
 */
export function safeForm(code: string, statement: string, facts: Facts): string | null {
  const build = BUILDERS[code]
  if (build === undefined || statement.length > LONGEST_STATEMENT) return null
  const source = Source.read(statement)
  const blocks = source === null ? null : build(source, facts)
  return blocks === null || blocks.length === 0 ? null : blocksText(blocks, facts.format)
}
