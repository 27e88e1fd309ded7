import type { Mutant } from '../../gate/check.ts'
import { DEFAULT_POLICY } from '../../gate/policy.ts'
import { notObserved, type Observations, observed } from '../../gate/observation.ts'
import { migrationTree, type Script } from '../../observers/migration-tree/kind.ts'
import { pending } from '../../observers/pending/kind.ts'
import { NEXT_FILE } from './sample.ts'

/** Changes the up script of the pending migration that mutants damage. */
function changeNext(observations: Observations, change: (script: Script) => Partial<Script>): Observations {
  const tree = observations.need(migrationTree)
  const migrations = tree.migrations.map((one) =>
    one.up.file === NEXT_FILE ? { ...one, up: { ...one.up, ...change(one.up) } } : one,
  )
  return observations.with(observed(migrationTree, tree.folder, { ...tree, migrations }))
}

/** A mutant that adds SQL at the end of a pending file. */
const adds = (name: string, why: string, sql: string): Mutant => ({
  name,
  why,
  damage: (observations) => changeNext(observations, ({ text }) => ({ text: `${text}${sql}\n` })),
})

/** A mutant that puts a text in place of a pending file. */
const becomes = (name: string, why: string, text: string): Mutant => ({
  name,
  why,
  damage: (observations) => changeNext(observations, () => ({ text })),
})

const HIDDEN: readonly Mutant[] = [
  adds(
    'a drop behind a string with dashes',
    'A gate that stripped everything after -- passed it.',
    "INSERT INTO sessions (id, msg) VALUES (1, 'ok -- note'); DROP TABLE sessions;",
  ),
  adds(
    'a drop in a DO block',
    'Linters do not look into strings.',
    "DO $$ BEGIN EXECUTE 'DROP TABLE sessions'; END $$;",
  ),
  adds(
    'a drop that a loop puts together',
    'The name is only known at run time; that it is a drop is not.',
    "DO $$ DECLARE r record; BEGIN FOR r IN SELECT 'x' AS t LOOP EXECUTE format('DROP TABLE %I', r.t); END LOOP; END $$;",
  ),
  adds(
    'a function that empties a table is called',
    'The harm stands in a file that is live already.',
    'SELECT forget();',
  ),
  adds('the same by PERFORM', 'A call inside of a block.', 'DO $$ BEGIN PERFORM forget(); END $$;'),
  adds(
    'a function is made and called',
    'CREATE FUNCTION alone does nothing; the call does.',
    "CREATE FUNCTION wipe() RETURNS void LANGUAGE sql AS 'DELETE FROM sessions'; SELECT wipe();",
  ),
  adds(
    'a delete in a CTE',
    'It looks like a SELECT.',
    'WITH gone AS (DELETE FROM sessions RETURNING id) SELECT count(*) FROM gone;',
  ),
  adds(
    'a delete by MERGE',
    'Linters do not know MERGE.',
    'MERGE INTO sessions USING users ON true WHEN MATCHED THEN DELETE;',
  ),
  adds('a delete that is prepared', 'EXECUTE runs it later.', 'PREPARE p AS DELETE FROM sessions; EXECUTE p;'),
  adds(
    'a delete in query_to_xml',
    'A function that runs a text.',
    "SELECT query_to_xml('DELETE FROM sessions', true, true, '');",
  ),
  adds('a delete under EXPLAIN ANALYZE', 'EXPLAIN ANALYZE runs it.', 'EXPLAIN ANALYZE DELETE FROM sessions;'),
  adds(
    'a delete with a condition that is always true',
    'A WHERE is no proof of care.',
    'DELETE FROM sessions WHERE id IS NOT NULL;',
  ),
  adds(
    'a temporary table of the same name',
    'Only the session that made it sees it.',
    'CREATE TEMP TABLE users (id int); DROP TABLE public.users;',
  ),
  adds(
    'IF NOT EXISTS over a live table',
    'The table is not new because somebody writes CREATE.',
    'CREATE TABLE IF NOT EXISTS sessions (id int); DROP TABLE sessions;',
  ),
]

const PLAIN: readonly Mutant[] = [
  adds('a dropped column', 'The running version selects it.', 'ALTER TABLE users DROP COLUMN nickname;'),
  adds('a renamed column', 'The running version selects it.', 'ALTER TABLE users RENAME COLUMN nickname TO handle;'),
  adds(
    'a required column',
    'Inserts of the running version fail.',
    'ALTER TABLE users ADD COLUMN country text NOT NULL;',
  ),
  adds(
    'a type that rounds',
    'Cents vanish without an error.',
    'ALTER TABLE users ALTER COLUMN balance TYPE numeric(10,0);',
  ),
  adds('an index on a live table', 'Writes wait until it is built.', 'CREATE INDEX ON sessions (msg);'),
  adds(
    'CONCURRENTLY in a batch',
    'The server refuses it in production.',
    'CREATE INDEX CONCURRENTLY ON sessions (msg);',
  ),
  adds('a privilege for everybody', 'PUBLIC is every role.', 'GRANT SELECT ON users TO PUBLIC;'),
  adds('another owner', 'Later migrations fail with 42501.', 'ALTER TABLE users OWNER TO somebody;'),
  adds('row security off', 'Tenants see each other.', 'ALTER TABLE users DISABLE ROW LEVEL SECURITY;'),
  adds('a program on the server', 'A shell command.', "COPY users TO PROGRAM 'cat';"),
]

const UNREAD: readonly Mutant[] = [
  adds('a syntax error', 'One linter exits 0 on a file that it cannot read.', 'CREATE TABEL x (id int);'),
  becomes('a psql command', 'One linter exits 0 on it.', '\\restrict abc\nSELECT 1;\n'),
  becomes('a template', 'What is sent is not known.', 'CREATE TABLE {{ .Schema }}.t (id int);\n'),
  becomes('rows of COPY', 'Only psql can send them.', 'COPY users FROM stdin;\n1\ta@example.org\n\\.\n'),
  becomes('an empty file', 'It passes everywhere else.', ''),
  adds('a comment that a carriage return ends', 'What looks commented is live.', '-- harmless\rSELECT 1;'),
  {
    name: 'a pending file that is not in the tree',
    why: 'What was not judged is not proved.',
    damage: (observations) => {
      const before = observations.need(pending)
      return observations.with(
        observed(pending, 'folder', { ...before, files: [...before.files, 'db/migrations/0004_gone.up.sql'] }),
      )
    },
  },
  {
    name: 'the folder could not be read',
    why: 'Could not look is not a pass.',
    damage: (observations) => observations.with(notObserved(migrationTree, 'folder', 'permission denied')),
  },
  {
    name: 'nobody asked what is pending',
    why: 'Nothing pending and nobody looked are two things.',
    damage: (observations) => observations.without(pending),
  },
]

const ACCEPTED: readonly Mutant[] = [
  adds(
    'an acceptance without a reason',
    'One comment line silences a whole file elsewhere.',
    '-- seaworthy:allow lock/create-index\nCREATE INDEX ON sessions (msg);',
  ),
  adds(
    'an acceptance of lost data',
    'Only the policy may.',
    '-- seaworthy:allow data-loss/drop-table reason="nobody reads it"\nDROP TABLE sessions;',
  ),
  adds(
    'an acceptance inside of a string',
    'A text is no comment.',
    'SELECT \'\n-- seaworthy:allow lock/create-index reason="a small table"\n\'; CREATE INDEX ON sessions (msg);',
  ),
  adds(
    'an acceptance of something else',
    'The code has to be the one that is found.',
    '-- seaworthy:allow lock/drop-index reason="a small table"\nCREATE INDEX ON sessions (msg);',
  ),
  {
    ...adds(
      'an acceptance that a loose policy opens',
      'Some families never are open to a comment.',
      '-- seaworthy:allow data-loss/drop-table reason="nobody reads it"\nDROP TABLE sessions;',
    ),
    context: { settings: { ...DEFAULT_POLICY.settings, inlineAcceptance: ['data-loss'] } },
  },
]

/** Worlds that the judge must refuse, each a damaged sample. */
export const mutants: readonly Mutant[] = [...HIDDEN, ...PLAIN, ...UNREAD, ...ACCEPTED]
