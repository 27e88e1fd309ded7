import { plainError } from '../../migrations/engine.ts'
import type { QueryToPlan } from '../../migrations/queries.ts'
import type { Shape } from '../../migrations/shape.ts'
import type { GivenQuery, Queries, QuerySource } from './kind.ts'
import { MOST_QUERIES, parametersOfText } from './reading.ts'
import { readWorkload } from './workload.ts'

/** Where the queries come from. */
export interface QueryInput {
  /** The file that was given with `--workload`, and its text. */
  readonly workload: { readonly file: string; readonly text: string } | null
  /** The file that was given with `--shape`, and what it says of queries. */
  readonly shape: {
    readonly file: string
    readonly shape: Pick<Shape, 'queries' | 'queriesUnavailable' | 'queriesLeftOut' | 'unread'>
  } | null
}

/** A query that was given, with what is sent to the server. */
export interface ReadQuery {
  readonly given: GivenQuery
  readonly plan: Pick<QueryToPlan, 'text' | 'parameters'>
}

/** What was given, read. */
export interface ReadQueries {
  readonly sources: readonly QuerySource[]
  readonly unavailable: string | null
  readonly queries: readonly ReadQuery[]
  /** Those that are no query by PostgreSQL's own grammar: they do not work before the release either. */
  readonly unreadable: Queries['stale']
  readonly overLimit: number
}

const LONGEST_SHOWN = 2_000

/** Reads what was given. Throws SeaworthyError('config') for a workload file that is none. */
export function readQueries(input: QueryInput): ReadQueries {
  const listed = input.workload === null ? [] : readWorkload(input.workload.file, input.workload.text)
  const captured = (input.shape?.shape.queries ?? []).toSorted((a, b) => b.calls - a.calls)
  const kept = captured.slice(0, Math.max(0, MOST_QUERIES - listed.length))
  const queries: ReadQuery[] = listed.map(({ text, line, parameters, role, searchPath }) => ({
    given: { text: text.slice(0, LONGEST_SHOWN), from: 'workload', line, role, searchPath, calls: null },
    plan: { text, parameters },
  }))
  const unreadable: { query: GivenQuery; error: Queries['stale'][number]['error'] }[] = []
  for (const { text, role, searchPath, calls } of kept) {
    const given: GivenQuery = { text: text.slice(0, LONGEST_SHOWN), from: 'shape', line: null, role, searchPath, calls }
    const parameters = parametersOfText(text)
    if (typeof parameters === 'string') unreadable.push({ query: given, error: plainError('42601', parameters) })
    else queries.push({ given, plan: { text, parameters } })
  }
  return {
    sources: sourcesOf(input, listed.length),
    unavailable: listed.length + captured.length > 0 ? null : whyNone(input),
    queries,
    unreadable,
    overLimit: captured.length - kept.length,
  }
}

function sourcesOf({ workload, shape }: QueryInput, listed: number): QuerySource[] {
  const sources: QuerySource[] = []
  if (workload !== null) {
    sources.push({
      kind: 'workload',
      file: workload.file,
      queries: listed,
      leftOut: [],
      isPartial: null,
      isForbidden: false,
    })
  }
  if (shape !== null) {
    const { queries, queriesLeftOut, queriesUnavailable, unread } = shape.shape
    sources.push({
      kind: 'shape',
      file: shape.file,
      queries: queries.length,
      leftOut: queriesLeftOut,
      isPartial: queriesUnavailable,
      isForbidden: unread.some(({ part }) => part === 'queries'),
    })
  }
  return sources
}

function whyNone({ shape }: QueryInput): string {
  if (shape === null) return 'no queries of the running version were given (--workload FILE.sql, or --shape FILE)'
  return shape.shape.queriesUnavailable === null
    ? `${shape.file} holds no query: production had served none when it was captured`
    : `${shape.file} holds no query: ${shape.shape.queriesUnavailable}`
}
