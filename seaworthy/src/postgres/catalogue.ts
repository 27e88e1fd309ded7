import type { Client } from 'pg'
import type { CatalogueEntry } from '../migrations/engine.ts'
import { columns } from './catalogue/columns.ts'
import { comments } from './catalogue/comments.ts'
import { constraints } from './catalogue/constraints.ts'
import { database } from './catalogue/database.ts'
import { defaultPrivileges } from './catalogue/default-privileges.ts'
import { indexes } from './catalogue/indexes.ts'
import { operators } from './catalogue/operators.ts'
import { privileges } from './catalogue/privileges.ts'
import { relations } from './catalogue/relations.ts'
import { replication } from './catalogue/replication.ts'
import { roles } from './catalogue/roles.ts'
import { routines } from './catalogue/routines.ts'
import { type CatalogueQuery, FACET_MARK, RELATIONS, SOME_RELATIONS } from './catalogue/scope.ts'
import { sequences } from './catalogue/sequences.ts'
import { settings } from './catalogue/settings.ts'
import { triggers } from './catalogue/triggers.ts'
import { types } from './catalogue/types.ts'

const QUERIES: readonly CatalogueQuery[] = [
  database,
  relations,
  columns,
  constraints,
  indexes,
  sequences,
  triggers,
  routines,
  types,
  privileges,
  defaultPrivileges,
  comments,
  operators,
  replication,
  settings,
  roles,
]

export interface CatalogueOptions {
  /** The tool's own ledger, as `schema.name`, unquoted; its columns, indexes and sequences go with it. */
  readonly ignoreTables: readonly string[]
  /** Set on a server that others use at the same time: roles and memberships, which all share, are then left out. */
  readonly isClusterShared?: boolean
  /** Set for a single look through what may be a pooler: a statement prepared by name would stay on a connection of others. */
  readonly isUnprepared?: boolean
  /** OIDs of the tables, views and sequences to read, with what belongs to them; all of them if it is left out. */
  readonly relations?: readonly number[]
}

/**
 * Everything in the database that a client can notice, sorted by object: one entry a thing, from the server's own
 * catalogue (PostgreSQL 15 and newer). System schemas, members of extensions and the ignored tables are left out, and
 * so is data: row counts, sequence positions, the order of a table's columns.
 *
 * A definition is lines of facets (`type integer`, `not null`); a line that begins with a tab goes on with the facet
 * above it. Where a thing is a part of another one, the first facet is `of OBJECT`.
 *
 * The client must not be in a transaction. It needs no privilege beyond CONNECT. Any error of the server is thrown on.
 */
export async function readCatalogue(client: Client, options: CatalogueOptions): Promise<CatalogueEntry[]> {
  await client.query(`BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; ${CATALOGUE_SETTINGS}`)
  try {
    return await readCatalogueWithin(client, options)
  } finally {
    await client.query('ROLLBACK')
  }
}

/** The same inside of a transaction of the caller's, for which `CATALOGUE_SETTINGS` hold. */
export async function readCatalogueWithin(client: Client, options: CatalogueOptions): Promise<CatalogueEntry[]> {
  const entries: CatalogueEntry[] = []
  for (const statement of statementsFor(options)) {
    const { name, ...bare } = statement
    const query = options.isUnprepared === true ? bare : { ...bare, name }
    const { rows } = await client.query<[string, string]>({ ...query, rowMode: 'array' })
    for (const [object, definition] of rows) entries.push({ object, definition: linesOf(definition) })
  }
  return entries.toSorted((a, b) => (a.object < b.object ? -1 : a.object > b.object ? 1 : 0))
}

/**
 * What is about relations goes in one statement: finding out which there are is a good part of the work. Both are
 * prepared under a name, since planning is a third of the work and a rehearsal looks again and again.
 */
function statementsFor(options: CatalogueOptions): { name: string; text: string; values: (string | number)[][] }[] {
  const isShared = options.isClusterShared === true
  const others = [...textsAbout('database'), ...(isShared ? [] : textsAbout('cluster'))]
  const ignored = [...options.ignoreTables]
  const about = union(textsAbout('relations'))
  return [
    options.relations === undefined
      ? { name: 'seaworthy_catalogue_relations', text: `WITH ${RELATIONS} ${about}`, values: [ignored] }
      : {
          name: 'seaworthy_catalogue_some_relations',
          text: `WITH ${SOME_RELATIONS} ${about}`,
          values: [ignored, [...options.relations]],
        },
    { name: `seaworthy_catalogue_others${isShared ? '_unshared' : ''}`, text: union(others), values: [] },
  ]
}

/** All that decides how a thing is described: a catalogue that was read with other texts may not be compared with one of these. */
export const describedBy = (): string => [CATALOGUE_SETTINGS, RELATIONS, ...QUERIES.map(({ text }) => text)].join('\n')

const textsAbout = (about: CatalogueQuery['about']): string[] =>
  QUERIES.filter((query) => query.about === about).map(({ text }) => text)

const union = (texts: readonly string[]): string => texts.map((text) => `(${text})`).join('\nUNION ALL\n')

/**
 * One consistent look, in which the server's texts do not depend on the session: names qualified, constants in one
 * form. The time limits are ours: nothing in here waits for long.
 */
export const CATALOGUE_SETTINGS = `SET LOCAL search_path = pg_catalog, pg_temp;
  SET LOCAL quote_all_identifiers = off;
  SET LOCAL DateStyle = 'ISO, YMD';
  SET LOCAL IntervalStyle = 'postgres';
  SET LOCAL TimeZone = 'UTC';
  SET LOCAL extra_float_digits = 3;
  SET LOCAL bytea_output = 'hex';
  SET LOCAL standard_conforming_strings = on;
  SET LOCAL jit = off;
  SET LOCAL plan_cache_mode = force_generic_plan;
  SET LOCAL lock_timeout = '5s';
  SET LOCAL statement_timeout = '30s'`

const linesOf = (definition: string): string => definition.replaceAll('\n', '\n\t').replaceAll(FACET_MARK, '\n')
