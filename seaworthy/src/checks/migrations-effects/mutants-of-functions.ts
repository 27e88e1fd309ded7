import type { Mutant } from '../../gate/check.ts'
import { notHere } from '../../gate/drill/drill.ts'
import type { CatalogueEntry } from '../../observers/effects/kind.ts'
import { migrationTree } from '../../observers/migration-tree/kind.ts'
import { pending } from '../../observers/pending/kind.ts'
import { both, type Damage, pendingIn, withText } from '../damage.ts'
import { affecting, withAdded } from './mutants-picked.ts'
import { entry } from './sample.ts'

const TABLE = 'public.seaworthy_drill_seen'
const CASES = 'public.seaworthy_drill_cases'
const MADE = `CREATE TABLE ${TABLE} (id bigint);\nCREATE TABLE ${CASES} (id bigint, court_id bigint);`

const column = (table: string, name: string, type: string): CatalogueEntry =>
  entry(`column ${table}.${name}`, `of table ${table}`, `type ${type}`)

const KNOWN: readonly CatalogueEntry[] = [
  entry(`table ${TABLE}`, 'owner owner'),
  column(TABLE, 'id', 'bigint'),
  entry(`table ${CASES}`, 'owner owner'),
  column(CASES, 'court_id', 'bigint'),
  column(CASES, 'id', 'bigint'),
]

/** Tables and a function that are live, and what the catalogue has of them. */
const live =
  (signature: string, sql: string, language = 'sql'): Damage =>
  (set) => {
    if ('notHere' in pendingIn(set)) return notHere('nothing is pending')
    const files = new Set(set.maybe(pending)?.files)
    const first = set.maybe(migrationTree)?.migrations.find((one) => !files.has(one.up.file))
    if (first === undefined) return notHere('nothing is live before the release')
    const known = [...KNOWN, entry(`function public.${signature}`, 'owner owner', `language ${language}`, 'volatile')]
    return both(
      withText(first.up.file, (text) => `${text}\n;\n${MADE}\n${sql};\n`),
      affecting(({ before }) => ({ before: [...before, ...known] })),
    )(set)
  }

/** A column that the release adds to one of the tables. */
const gains = (name: string): Damage => affecting((data) => withAdded(data, column(TABLE, name, 'text')))

const cases: readonly (readonly [name: string, why: string, damage: Damage])[] = [
  [
    'a new column has the name of a parameter',
    'a function in SQL takes the column: it compared a row with itself, and counted all of them',
    both(
      live(
        'seaworthy_drill(bigint)',
        `CREATE FUNCTION public.seaworthy_drill(wanted bigint) RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM ${TABLE} WHERE id = wanted'`,
      ),
      gains('wanted'),
    ),
  ],
  [
    'a new column has a name that a subquery found further out',
    'a DELETE took every row, without an error',
    both(
      live(
        'seaworthy_drill_found()',
        `CREATE FUNCTION public.seaworthy_drill_found() RETURNS void LANGUAGE sql AS
  'DELETE FROM ${CASES} WHERE EXISTS (SELECT 1 FROM ${TABLE} AS seen WHERE seen.id = court_id)'`,
      ),
      gains('court_id'),
    ),
  ],
  [
    'a new column comes into a SELECT * that a function returns',
    'each call of it failed, and nothing had said so at the release',
    both(
      live(
        'seaworthy_drill_all()',
        `CREATE FUNCTION public.seaworthy_drill_all() RETURNS TABLE (a bigint) LANGUAGE sql AS 'SELECT * FROM ${TABLE}'`,
      ),
      gains('note'),
    ),
  ],
  [
    'a new column has the name of a function that is written like one',
    'the value was computed before, and is NULL now',
    both(
      live(
        `seaworthy_drill(${TABLE})`,
        `CREATE FUNCTION public.seaworthy_drill(${TABLE}) RETURNS text LANGUAGE sql AS 'SELECT $1.id::text'`,
      ),
      gains('seaworthy_drill'),
    ),
  ],
  [
    'a new column of a table that a function in another language reads',
    'nobody looked into the function, and it was taken for one that goes on working',
    both(
      live(
        'seaworthy_drill_foreign()',
        `CREATE FUNCTION public.seaworthy_drill_foreign() RETURNS bigint LANGUAGE plpython3u AS $$ plpy.execute("TABLE ${TABLE}") $$`,
        'plpython3u',
      ),
      gains('level'),
    ),
  ],
]

/** What a new column does to functions of before. */
export const ofFunctions: readonly Mutant[] = cases.map(([name, why, damage]) => ({ name, why, damage }))
