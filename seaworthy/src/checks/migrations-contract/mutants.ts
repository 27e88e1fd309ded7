import type { Mutant } from '../../gate/check.ts'
import { notHere } from '../../gate/drill/drill.ts'
import { DEFAULT_POLICY } from '../../gate/policy.ts'
import { migrationTree } from '../../observers/migration-tree/kind.ts'
import { pending } from '../../observers/pending/kind.ts'
import { both, type Damage, fails, lacks, withStray } from '../damage.ts'
import { adds, addsText, addsToLive, becomes, type Harm, type Live, nextOf } from './mutants-live.ts'

/** A mutant that adds SQL at the end of what is pending. */
const added = (name: string, why: string, harm: Harm): Mutant => ({ name, why, damage: adds(harm) })

/** The same with a text that needs no table. */
const written = (name: string, why: string, sql: string): Mutant => ({ name, why, damage: addsText(sql) })

/** One that only a project in the profile `online` asks about. */
const online = (mutant: Mutant): Mutant => ({ ...mutant, context: { settings: DEFAULT_POLICY.settings } })

const HIDDEN: readonly Mutant[] = [
  added(
    'a drop behind a string with dashes',
    'A gate that stripped everything after -- passed it.',
    ({ table }) => `SELECT 'ok -- note'; DROP TABLE ${table};`,
  ),
  added(
    'a drop in a DO block',
    'Linters do not look into strings.',
    ({ table }) => `DO $$ BEGIN EXECUTE 'DROP TABLE ${table}'; END $$;`,
  ),
  written(
    'a drop that a loop puts together',
    'The name is only known at run time; that it is a drop is not.',
    "DO $$ DECLARE r record; BEGIN FOR r IN SELECT 'x' AS t LOOP EXECUTE format('DROP TABLE %I', r.t); END LOOP; END $$;",
  ),
  {
    name: 'a function that empties a table is called',
    why: 'The harm stands in a file that is live already.',
    damage: callsLive('SELECT public.seaworthy_drill_forget();'),
  },
  {
    name: 'the same by PERFORM',
    why: 'A call inside of a block.',
    damage: callsLive('DO $$ BEGIN PERFORM public.seaworthy_drill_forget(); END $$;'),
  },
  added(
    'a function is made and called',
    'CREATE FUNCTION alone does nothing; the call does.',
    ({ table }) =>
      `CREATE FUNCTION public.seaworthy_drill_wipe() RETURNS void LANGUAGE sql AS 'DELETE FROM ${table}'; SELECT public.seaworthy_drill_wipe();`,
  ),
  added(
    'a delete in a CTE',
    'It looks like a SELECT.',
    ({ table }) => `WITH gone AS (DELETE FROM ${table} RETURNING 1) SELECT count(*) FROM gone;`,
  ),
  added(
    'a delete by MERGE',
    'Linters do not know MERGE.',
    ({ table }) => `MERGE INTO ${table} USING (VALUES (1)) AS given (n) ON true WHEN MATCHED THEN DELETE;`,
  ),
  added(
    'a delete that is prepared',
    'EXECUTE runs it later.',
    ({ table }) => `PREPARE seaworthy_drill AS DELETE FROM ${table}; EXECUTE seaworthy_drill;`,
  ),
  added(
    'a delete in query_to_xml',
    'A function that runs a text.',
    ({ table }) => `SELECT query_to_xml('DELETE FROM ${table}', true, true, '');`,
  ),
  added(
    'a delete under EXPLAIN ANALYZE',
    'EXPLAIN ANALYZE runs it.',
    ({ table }) => `EXPLAIN ANALYZE DELETE FROM ${table};`,
  ),
  added('a delete with a condition that is always true', 'A WHERE is no proof of care.', ({ required }) =>
    required === null
      ? notHere('every live column may be NULL')
      : `DELETE FROM ${required.table} WHERE ${required.column} IS NOT NULL;`,
  ),
  added(
    'a temporary table of the same name',
    'Only the session that made it sees it.',
    ({ table, bare }) => `CREATE TEMP TABLE ${bare} (id int); DROP TABLE ${table};`,
  ),
  added(
    'IF NOT EXISTS over a live table',
    'The table is not new because somebody writes CREATE.',
    ({ table }) => `CREATE TABLE IF NOT EXISTS ${table} (id int); DROP TABLE ${table};`,
  ),
]

/** A call of a function that is live, and empties a table. */
function callsLive(call: string): Damage {
  return both(addsToLive(emptying), addsText(call))
}

function emptying({ asText }: Live): string {
  return `CREATE FUNCTION public.seaworthy_drill_forget() RETURNS void LANGUAGE plpgsql AS $drill$ BEGIN EXECUTE 'TRUNCATE ' || ${asText}; END $drill$;`
}

const PLAIN: readonly Mutant[] = [
  added(
    'a dropped column',
    'The running version selects it.',
    ({ table, column }) => `ALTER TABLE ${table} DROP COLUMN ${column};`,
  ),
  added(
    'a renamed column',
    'The running version selects it.',
    ({ table, column }) => `ALTER TABLE ${table} RENAME COLUMN ${column} TO seaworthy_drill;`,
  ),
  added(
    'a required column',
    'Inserts of the running version fail.',
    ({ table }) => `ALTER TABLE ${table} ADD COLUMN seaworthy_drill text NOT NULL;`,
  ),
  added('a type that rounds', 'Cents vanish without an error.', ({ exact }) =>
    exact === null
      ? notHere('no live column keeps digits behind the point')
      : `ALTER TABLE ${exact.table} ALTER COLUMN ${exact.column} TYPE ${exact.type.replace(/,\d+/, ',0')};`,
  ),
  online(
    added(
      'an index on a live table',
      'Writes wait until it is built.',
      ({ table, column }) => `CREATE INDEX seaworthy_drill ON ${table} (${column});`,
    ),
  ),
  {
    name: 'CONCURRENTLY in a batch',
    why: 'The server refuses it in production.',
    damage: (set) => {
      const next = nextOf(set)
      return 'up' in next && next.up.send === 'statements'
        ? notHere('the tool sends each statement alone')
        : adds(({ table, column }) => `SELECT 1; CREATE INDEX CONCURRENTLY seaworthy_drill ON ${table} (${column});`)(
            set,
          )
    },
  },
  added('a privilege for everybody', 'PUBLIC is every role.', ({ table }) => `GRANT SELECT ON ${table} TO PUBLIC;`),
  added('another owner', 'Later migrations fail with 42501.', ({ table }) => `ALTER TABLE ${table} OWNER TO somebody;`),
  added(
    'row security off',
    'Tenants see each other.',
    ({ table }) => `ALTER TABLE ${table} DISABLE ROW LEVEL SECURITY;`,
  ),
  added('a program on the server', 'A shell command.', ({ table }) => `COPY ${table} TO PROGRAM 'cat';`),
]

/** A pending file with another text. */
const replaced = (name: string, why: string, text: string): Mutant => ({ name, why, damage: becomes(text) })

const UNREAD: readonly Mutant[] = [
  written('a syntax error', 'One linter exits 0 on a file that it cannot read.', 'CREATE TABEL x (id int);'),
  replaced('a psql command', 'One linter exits 0 on it.', '\\restrict abc\nSELECT 1;\n'),
  replaced('a template', 'What is sent is not known.', 'CREATE TABLE {{ .Schema }}.t (id int);\n'),
  replaced('rows of COPY', 'Only psql can send them.', 'COPY users FROM stdin;\n1\ta@example.org\n\\.\n'),
  replaced('an empty file', 'It passes everywhere else.', ''),
  written('a comment that a carriage return ends', 'What looks commented is live.', '-- harmless\rSELECT 1;'),
  {
    name: 'a pending file that is not in the tree',
    why: 'What was not judged is not proved.',
    damage: withStray,
  },
  {
    name: 'the folder could not be read',
    why: 'Could not look is not a pass.',
    damage: fails(migrationTree, 'permission denied'),
  },
  {
    name: 'nobody asked what is pending',
    why: 'Nothing pending and nobody looked are two things.',
    damage: lacks(pending),
  },
]

const index = ({ table, column }: Live): string => `CREATE INDEX seaworthy_drill ON ${table} (${column});`

const ACCEPTED: readonly Mutant[] = [
  added(
    'an acceptance without a reason',
    'One comment line silences a whole file elsewhere.',
    (live) => `-- seaworthy:allow lock/create-index\n${index(live)}`,
  ),
  added(
    'an acceptance of lost data',
    'Only the policy may.',
    ({ table }) => `-- seaworthy:allow data-loss/drop-table reason="nobody reads it"\nDROP TABLE ${table};`,
  ),
  online(
    added(
      'an acceptance inside of a string',
      'A text is no comment.',
      (live) => `SELECT '\n-- seaworthy:allow lock/create-index reason="a small table"\n'; ${index(live)}`,
    ),
  ),
  online(
    added(
      'an acceptance of something else',
      'The code has to be the one that is found.',
      (live) => `-- seaworthy:allow lock/drop-index reason="a small table"\n${index(live)}`,
    ),
  ),
  {
    ...added(
      'an acceptance that a loose policy opens',
      'Some families never are open to a comment.',
      ({ table }) => `-- seaworthy:allow data-loss/drop-table reason="nobody reads it"\nDROP TABLE ${table};`,
    ),
    context: { settings: { ...DEFAULT_POLICY.settings, inlineAcceptance: ['data-loss'] } },
  },
]

/** Worlds that the judge must refuse, each made from the sample or from a run by one damage. */
export const mutants: readonly Mutant[] = [...HIDDEN, ...PLAIN, ...UNREAD, ...ACCEPTED]
