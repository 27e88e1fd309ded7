import type { Client } from 'pg'
import type { QueryOutcome, QueryPlanner, QueryToPlan } from '../../migrations/queries.ts'
import { plainError } from '../../migrations/engine.ts'
import { isInfrastructure, serverErrorOf } from '../server-error.ts'
import { meaningOf, type Names, namesIn } from './meaning.ts'
import { type ParseNode, readParseTree } from './parse-tree.ts'
import { type Described, explainPrepared, planGeneric, planOne, TREES_COME } from './planning.ts'
import { type RoleSetting, logIn, planningRoles } from './roles.ts'

/** Functions with constant arguments run while a query is planned. */
const PLAN_TIMEOUT_MS = 5_000
/** How much longer we wait than the server: what runs there may switch its limit off. */
const LIMIT_MS = PLAN_TIMEOUT_MS + 2_000

/** not_null_violation, check_violation: a parameter whose type is a domain that takes no NULL. */
const NO_NULL: ReadonlySet<string> = new Set(['23502', '23514'])
/** The first major that has EXPLAIN (GENERIC_PLAN). */
const GENERIC_PLAN_SINCE = 16

export interface PlannerSetting extends RoleSetting {
  readonly major: number
  readonly signal: AbortSignal
}

/** What the server said, with types that are not named yet. */
type Answer = { readonly described: Described; readonly tree: ParseNode } | Extract<QueryOutcome, { works: false }>

/** The planner of a world on PostgreSQL. */
export const queryPlanner = (setting: PlannerSetting): QueryPlanner => ({
  roles: async (names) => await planningRoles(setting, names),
  plan: async (queries) => {
    const answers = new Map<QueryToPlan, Answer>()
    for (const group of bySession(queries)) await planGroup(setting, group, answers)
    const all = [...answers.values()]
    const typeNames = await typeNamesOf(setting.place.admin, all)
    const names = await namesIn(
      setting.place.admin,
      all.flatMap((one) => ('tree' in one ? one.tree : [])),
    )
    return queries.map((query) => outcomeOf(answers.get(query), typeNames, names))
  },
})

/** Queries of one role and search path share a session. */
function bySession(queries: readonly QueryToPlan[]): QueryToPlan[][] {
  const groups = new Map<string, QueryToPlan[]>()
  for (const query of queries) {
    const key = JSON.stringify([query.role, query.isGroup, query.searchPath])
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [query])
    else group.push(query)
  }
  return [...groups.values()]
}

async function planGroup(
  setting: PlannerSetting,
  group: readonly QueryToPlan[],
  answers: Map<QueryToPlan, Answer>,
): Promise<void> {
  const [first] = group
  if (first === undefined) return
  let client: Client
  try {
    client = await logIn(setting.place, first.role, first.isGroup)
  } catch (error) {
    for (const query of group) answers.set(query, refusal(error, ''))
    return
  }
  try {
    await setUp(client, first.searchPath)
    for (const query of group) {
      setting.signal.throwIfAborted()
      answers.set(query, await answerOf(setting, client, query))
    }
  } catch (error) {
    setting.signal.throwIfAborted()
    for (const query of group) if (!answers.has(query)) answers.set(query, refusal(error, ''))
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function setUp(client: Client, searchPath: string | null): Promise<void> {
  await client.query(
    `SET plan_cache_mode = force_generic_plan; SET statement_timeout = ${PLAN_TIMEOUT_MS}; ${TREES_COME}`,
  )
  if (searchPath !== null) await client.query("SELECT pg_catalog.set_config('search_path', $1, false)", [searchPath])
}

async function answerOf({ major }: PlannerSetting, client: Client, { text, parameters }: QueryToPlan): Promise<Answer> {
  const first = await attempt(text, async () => await planOne(client, text, explainPrepared(parameters), LIMIT_MS))
  const isAboutNull = 'error' in first && NO_NULL.has(first.error.sqlstate ?? '')
  if (!isAboutNull || major < GENERIC_PLAN_SINCE) return first
  return await attempt(text, async () => await planGeneric(client, text, LIMIT_MS))
}

async function attempt(text: string, plan: () => Promise<Described>): Promise<Answer> {
  try {
    const described = await plan()
    const tree = described.tree === null ? null : readParseTree(described.tree)
    return tree === null ? notPlanned('the server did not tell how it reads the query') : { described, tree }
  } catch (error) {
    return refusal(error, text)
  }
}

function refusal(thrown: unknown, text: string): Extract<QueryOutcome, { works: false }> {
  const error = serverErrorOf(thrown, text)
  return { works: false, error, isInfrastructure: isInfrastructure(error) }
}

const typeKey = (oid: number, typmod: number): string => `${oid} ${typmod}`

/** Names of all types at once. Our connection has no search path, so only those of pg_catalog stand without a schema. */
async function typeNamesOf(admin: Client, answers: readonly Answer[]): Promise<ReadonlyMap<string, string>> {
  const wanted = new Map<string, [oid: number, typmod: number]>()
  for (const answer of answers) {
    if (!('described' in answer)) continue
    for (const oid of answer.described.parameters) wanted.set(typeKey(oid, -1), [oid, -1])
    for (const { dataTypeID, dataTypeModifier } of answer.described.columns) {
      wanted.set(typeKey(dataTypeID, dataTypeModifier), [dataTypeID, dataTypeModifier])
    }
  }
  const types = [...wanted.values()]
  const { rows } = await admin.query<{ oid: number; typmod: number; name: string }>(
    `SELECT oid, typmod, pg_catalog.format_type(oid, typmod) AS name
       FROM ROWS FROM (pg_catalog.unnest($1::pg_catalog.oid[]), pg_catalog.unnest($2::pg_catalog.int4[])) AS wanted (oid, typmod)`,
    [types.map(([oid]) => oid), types.map(([, typmod]) => typmod)],
  )
  return new Map(rows.map((row) => [typeKey(row.oid, row.typmod), row.name]))
}

const notPlanned = (why: string): Extract<QueryOutcome, { works: false }> => ({
  works: false,
  error: plainError(null, why),
  isInfrastructure: true,
})

function outcomeOf(answer: Answer | undefined, typeNames: ReadonlyMap<string, string>, names: Names): QueryOutcome {
  if (answer === undefined) return notPlanned('the query was not planned')
  if (!('described' in answer)) return answer
  const nameOf = (oid: number, typmod: number): string => typeNames.get(typeKey(oid, typmod)) ?? `type ${oid}`
  return {
    works: true,
    columns: answer.described.columns.map((column) => ({
      name: column.name,
      type: nameOf(column.dataTypeID, column.dataTypeModifier),
    })),
    parameters: answer.described.parameters.map((oid) => nameOf(oid, -1)),
    meaning: meaningOf(answer.tree, names),
  }
}
