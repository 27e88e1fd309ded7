import type { Mutant } from '../../gate/check.ts'
import { isNotHere, type NotHere, notHere } from '../../gate/drill/drill.ts'
import { DEFAULT_POLICY } from '../../gate/policy.ts'
import { migrationTree } from '../../observers/migration-tree/kind.ts'
import { pending } from '../../observers/pending/kind.ts'
import {
  type Answer,
  type Column,
  type GivenQuery,
  plainError,
  type Queries,
  type QueryChange,
  queries,
} from '../../observers/queries/kind.ts'
import { changes, type Damage, fails, lacks, pendingIn } from '../damage.ts'

const ID: Column = { name: 'id', type: 'bigint' }
const TITLE: Column = { name: 'title', type: 'text' }
const BEFORE: Answer = { works: true, columns: [ID, TITLE], parameters: ['bigint'] }

/** A query as one of those that were given could be: the texts of those that go on working are not kept. */
const queryOf = ({ sources, roles }: Queries): GivenQuery => ({
  text: 'SELECT id, title FROM courts WHERE id = $1',
  from: sources[0]?.kind ?? 'workload',
  line: sources[0]?.kind === 'shape' ? null : 1,
  role: roles[0]?.name ?? null,
  searchPath: null,
  calls: null,
})

const replaced = (replace: (seen: Queries) => Partial<Queries> | NotHere): Damage => changes(queries, replace)

/** The same where some queries are answered after the release as before it. */
const counted =
  (replace: (seen: Queries) => Partial<Queries>): Damage =>
  (set) => {
    const migrations = pendingIn(set)
    if (isNotHere(migrations)) return migrations
    return replaced((seen) => {
      if (seen.total === 0) return notHere('no queries of the running version were given')
      return seen.same === 0 ? notHere('no query is answered as before in this run') : replace(seen)
    })(set)
  }

/** In place of a query that is answered as before, one that is not. */
const changed =
  (one: Partial<QueryChange>): Damage =>
  (set) => {
    const migrations = pendingIn(set)
    if (isNotHere(migrations)) return migrations
    const files = [migrations[0].up.file]
    return counted((seen) => {
      const added = { query: queryOf(seen), files, before: BEFORE, after: BEFORE, meaning: null, ...one }
      return { same: seen.same - 1, changes: [...seen.changes, added] }
    })(set)
  }

const failing = (sqlstate: string | null, message: string, isInfrastructure = false): QueryChange['after'] => ({
  works: false,
  error: plainError(sqlstate, message),
  isInfrastructure,
})

const returns = (columns: readonly Column[], parameters: readonly string[] = ['bigint']): QueryChange['after'] => ({
  works: true,
  columns,
  parameters,
})

/** So many of the queries do not work before the release either. */
const staleIn = (seen: Queries, count: number): Pick<Queries, 'same' | 'stale'> => ({
  same: seen.same - count,
  stale: [
    ...seen.stale,
    ...Array.from({ length: count }, () => ({
      query: queryOf(seen),
      error: plainError('42P01', 'no such relation'),
    })),
  ],
})

/** A shape whose queries were hidden from whoever captured it. */
const forbidden = ({ sources }: Queries): Partial<Queries> => ({
  sources: sources.slice(0, 1).map(() => ({
    kind: 'shape',
    file: 'shape.json',
    queries: 0,
    leftOut: [],
    isPartial: 'this login may not read 12 of 12 queries',
    isForbidden: true,
  })),
  unavailable: 'shape.json holds no query',
  total: 0,
  same: 0,
  stale: [],
  changes: [],
})

/** What pending migrations do to the version that is running. */
const harms: readonly Mutant[] = [
  {
    name: 'a query stops working',
    why: 'a renamed column took every old process down until the roll-out was through',
    damage: changed({ after: failing('42703', 'column "title" does not exist') }),
  },
  {
    name: 'a query loses its right',
    why: 'a view was dropped and made again, and its grants went with it',
    damage: changed({ after: failing('42501', 'permission denied for table courts') }),
  },
  {
    name: 'the role of a query may no longer log in',
    why: 'ALTER ROLE … NOLOGIN: the sessions that are open go on, and no new one comes',
    damage: changed({ after: failing('28000', 'role "app" is not permitted to log in') }),
  },
  {
    name: 'a result loses a column',
    why: 'SELECT * over a dropped column',
    damage: changed({ after: returns([ID]) }),
  },
  {
    name: 'a result has a column of another name',
    why: 'programs that read by name find nothing',
    damage: changed({ after: returns([ID, { name: 'name', type: 'text' }]) }),
  },
  {
    name: 'a result has a column of another type',
    why: 'int8 comes as text in some drivers',
    damage: changed({ after: returns([{ ...ID, type: 'integer' }, TITLE]) }),
  },
  {
    name: 'a result has its columns at other places',
    why: 'a program that reads by position takes one for the other',
    damage: changed({ after: returns([TITLE, ID]) }),
  },
  {
    name: 'a result gains a column in the middle',
    why: 'SELECT * over a join: what comes after it has moved',
    damage: changed({ after: returns([ID, { name: 'note', type: 'text' }, TITLE]) }),
  },
  {
    name: 'a result gains a column with a name that it has already',
    why: 'rows by name: the last one wins',
    damage: changed({ after: returns([ID, TITLE, { name: 'title', type: 'text' }]) }),
  },
  {
    name: 'a query takes parameters of another type',
    why: 'a driver with typed values refuses to send them',
    damage: changed({ after: returns([ID, TITLE], ['text']) }),
  },
  {
    name: 'a query takes another number of parameters',
    why: 'nobody fills the new one',
    damage: changed({ after: returns([ID, TITLE], ['bigint', 'text']) }),
  },
  {
    name: 'a name of a query means another column',
    why: 'a subquery found user_id in the outer table until the inner one got a column of that name: other rows, no error',
    damage: changed({
      after: BEFORE,
      meaning: { before: 'column o.user_id', after: 'column archived.user_id', column: 'user_id' },
    }),
  },
  {
    name: 'a name means another column, and the result only gains one',
    why: 'a warning about the gained column hid that the rows are others',
    damage: changed({
      after: returns([ID, TITLE, { name: 'note', type: 'text' }]),
      meaning: { before: 'column o.user_id', after: 'column archived.user_id', column: 'user_id' },
    }),
  },
]

/** Evidence that proves nothing. */
const gaps: readonly Mutant[] = [
  {
    name: 'nobody planned the queries',
    why: 'the scratch server did not start',
    damage: fails(queries, 'PostgreSQL did not start'),
  },
  {
    name: 'what is pending was not found out',
    why: 'a shallow clone has no merge base',
    damage: fails(pending, 'no merge base'),
  },
  {
    name: 'the folder was not read',
    why: 'nobody can tell which migration changed a query',
    damage: lacks(migrationTree),
  },
  {
    name: 'a query is missing',
    why: 'a loop stopped early and nobody said so',
    damage: counted(({ same }) => ({ same: same - 1 })),
  },
  {
    name: 'a changed query is counted as the same',
    why: 'one query stands for two',
    damage: (set) => {
      const migrations = pendingIn(set)
      if (isNotHere(migrations)) return migrations
      const files = [migrations[0].up.file]
      return counted((seen) => ({
        changes: [
          ...seen.changes,
          { query: queryOf(seen), files, before: BEFORE, after: failing('42P01', 'no such relation'), meaning: null },
        ],
      }))(set)
    },
  },
  {
    name: 'a workload was given and no query came of it',
    why: 'a reader that finds nothing finds nothing wrong',
    damage: counted(() => ({
      total: 0,
      same: 0,
      stale: [],
      changes: [],
      unavailable: 'no queries were given',
    })),
  },
  {
    name: 'production has queries, and who captured them might not read them',
    why: 'a deploy went ahead on "not applicable"',
    damage: counted(forbidden),
  },
  {
    name: 'queries were there, and it is said that there were none',
    why: 'one of the two is wrong',
    damage: counted(() => ({ unavailable: 'no queries were given' })),
  },
  {
    name: 'a query was changed by no pending migration',
    why: 'the observation is of another folder',
    damage: changed({ files: ['migrations/009_other.up.sql'] }),
  },
  {
    name: 'a query was changed by nothing',
    why: 'nobody could mend it',
    damage: changed({ files: [] }),
  },
  {
    name: 'a change that is none',
    why: 'one of the two answers was lost',
    damage: changed({}),
  },
  {
    name: 'a time limit counts as an answer',
    why: 'a server that was ended says nothing about the query',
    damage: changed({ after: failing(null, 'no plan from the server', true) }),
  },
  {
    name: 'a query could not be planned',
    why: 'the server went away half-way',
    damage: counted((seen) => ({
      same: seen.same - 1,
      unknown: [...seen.unknown, { query: queryOf(seen), error: plainError(null, 'Connection terminated') }],
    })),
  },
  {
    name: 'queries beyond the limit',
    why: 'the one that breaks is among those that nobody looked at',
    damage: counted(({ same, overLimit }) => ({ same: same - 1, overLimit: overLimit + 1 })),
  },
  {
    name: 'half of the queries are stale',
    why: 'the workload is of a version that nobody runs',
    damage: counted((seen) => staleIn(seen, Math.ceil(seen.same / 2))),
  },
  {
    name: 'all queries are stale, and the policy allows it',
    why: 'nothing was compared with anything',
    context: { settings: { ...DEFAULT_POLICY.settings, staleQueriesPercent: 100 } },
    damage: counted((seen) => ({ ...staleIn(seen, seen.same + seen.changes.length), changes: [], same: 0 })),
  },
]

/** Worlds that the judge must refuse, each made from the sample or from a run by one damage. */
export const mutants: readonly Mutant[] = [...harms, ...gaps]
