import { quotedText } from '../../../sql/identifier.ts'
import { parseSql } from '../../../sql/parse.ts'
import { as } from '../../../sql/tree.ts'
import { groupAt, splitList, textOf } from '../../../sql/lists.ts'
import { type Token, tokensOf } from '../../../sql/tokens.ts'
import type { Table } from '../schema.ts'
import { columnsOf } from '../source.ts'
import { counting, knownTables, sourceFor, spoken, type Stage, type Wanted } from './stage.ts'

/** Tables that become partitions, and default partitions that another one takes rows from. */
export function partitionWanted(stage: Stage): Wanted[] {
  return [...stage.after.tables.values()].flatMap((table) => {
    const partition = table.partition
    const earlier = stage.earlier.tables.get(table.name)?.partition
    if (partition === null || earlier?.bound === partition.bound) return []
    const parent = stage.after.tables.get(partition.parent)
    if (parent === undefined || parent.partitionKey === null) return []
    const inside = insideOf(parent.partitionKey, partition.bound, partition.parent)
    return [...attached(stage, table, inside, parent.partitionKey), ...takenFromDefault(stage, table, parent, inside)]
  })
}

type Inside = { readonly condition: string } | { readonly unaskable: string }

function attached(stage: Stage, table: Table, inside: Inside, key: string): Wanted[] {
  const origin = stage.names.originOf(table.name)
  if (origin === null) return []
  const columns = columnsOf(keysOf(key).join(', '), table) ?? []
  return [
    wantedFor(stage, { table, origin }, columns, {
      question: `every row of ${spoken(table.name, columns)} lies within ${table.partition?.bound}`,
      consequence: `attaching ${table.name} to ${table.partition?.parent} fails on the first row outside of its bounds`,
      condition: 'condition' in inside ? { condition: `(${inside.condition}) IS NOT TRUE` } : inside,
      name: table.name,
    }),
  ]
}

function takenFromDefault(stage: Stage, table: Table, parent: Table, inside: Inside): Wanted[] {
  return [...knownTables(stage)].flatMap(({ table: other, origin }) => {
    const isDefault = other.partition?.parent === parent.name && other.partition.bound === 'DEFAULT'
    const wasDefault = stage.earlier.tables.get(other.name)?.partition?.bound === 'DEFAULT'
    if (!isDefault || !wasDefault || other.name === table.name) return []
    const columns = columnsOf(keysOf(parent.partitionKey ?? '').join(', '), other) ?? []
    return [
      wantedFor(stage, { table: other, origin }, columns, {
        question: `no row of the default partition ${other.name} belongs to ${table.name}`,
        consequence: `adding the partition ${table.name} fails while ${other.name} holds a row that belongs there`,
        condition: inside,
        name: table.name,
      }),
    ]
  })
}

function wantedFor(
  stage: Stage,
  one: Parameters<typeof sourceFor>[1],
  columns: readonly string[],
  ask: Pick<Wanted, 'question' | 'consequence' | 'name'> & { readonly condition: Inside },
): Wanted {
  const { condition, ...words } = ask
  const source = sourceFor(stage, one, columns)
  const from = 'from' in source ? source.from : ''
  const sql =
    'from' in source
      ? 'condition' in condition
        ? counting('1', '*', `FROM ${from} WHERE ${condition.condition}`)
        : condition
      : source
  return {
    ...words,
    code: 'obligation/partition',
    subject: `table ${one.table.name}`,
    table: one.table.name,
    columns,
    sql,
  }
}

/** The expressions of a partition key: `RANGE (a, lower(b))`. */
function keysOf(key: string): string[] {
  const tokens = tokensOf(key) ?? []
  const group = groupAt(tokens, 1)
  return splitList(group?.tokens ?? []).map((part) => textOf(key, part))
}

/** SQL that is true for the rows that belong to a partition. */
function insideOf(key: string, bound: string, parent: string): Inside {
  const keys = keysOf(key)
  const tokens = tokensOf(bound) ?? []
  const words = tokens.map((token) => token.text.toUpperCase())
  const [only = ''] = keys
  if (words.includes('IN') && keys.length === 1)
    return listed(only, bound, groupAt(tokens, words.indexOf('IN') + 1)?.tokens)
  const [from, to] = [groupAt(tokens, words.indexOf('FROM') + 1), groupAt(tokens, words.indexOf('TO') + 1)]
  if (words.includes('FROM') && from !== null && to !== null) {
    const low = splitList(from.tokens).map((part) => textOf(bound, part))
    const high = splitList(to.tokens).map((part) => textOf(bound, part))
    const present = keys.map((one) => `(${one}) IS NOT NULL`)
    const limits = [beyond(keys, low, 'MINVALUE', '>='), beyond(keys, high, 'MAXVALUE', '<')]
    if (limits.includes(null)) return { unaskable: `its bounds ${bound} cannot be put as a question` }
    return { condition: [...present, ...limits].filter((one) => one !== '').join(' AND ') }
  }
  if (words.includes('MODULUS')) {
    const [modulus, remainder] = tokens.filter((token) => isNumber(token)).map((token) => token.text)
    return {
      condition: `pg_catalog.satisfies_hash_partition(${quotedText(parent)}::pg_catalog.regclass, ${modulus}, ${remainder}, ${keys.join(', ')})`,
    }
  }
  return { unaskable: `which rows belong to a partition for ${bound} depends on all the others` }
}

const isNumber = (token: Token): boolean => Number.isInteger(Number(token.text))

const isOpen = (end: string): boolean => ['MINVALUE', 'MAXVALUE'].includes(end.toUpperCase())

/** One side of a range. An end that is open says nothing; one that is open in its later keys only is not asked. */
function beyond(keys: readonly string[], ends: readonly string[], open: string, operator: string): string | null {
  if (ends[0]?.toUpperCase() === open) return ''
  if (ends.some(isOpen)) return null
  return `(${keys.join(', ')}) ${operator} (${ends.join(', ')})`
}

function listed(key: string, bound: string, tokens: readonly Token[] | undefined): Inside {
  const values = splitList(tokens ?? []).map((part) => textOf(bound, part))
  const present = values.filter((value) => !isNull(value))
  const conditions = [
    ...(present.length === 0 ? [] : [`(${key}) IN (${present.join(', ')})`]),
    ...(present.length < values.length ? [`(${key}) IS NULL`] : []),
  ]
  return { condition: `(${conditions.join(' OR ')})` }
}

function isNull(value: string): boolean {
  const parsed = parseSql(`SELECT ${value}`)
  if (!parsed.ok) return false
  const target = as(parsed.statements[0]?.node, 'SelectStmt')?.targetList?.[0]
  return as(as(target, 'ResTarget')?.val, 'A_Const')?.isnull === true
}
