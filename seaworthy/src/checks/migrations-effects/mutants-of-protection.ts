import type { Mutant } from '../../gate/check.ts'
import type { CatalogueEntry, Effects, TracedStatement } from '../../observers/effects/kind.ts'
import { both, type Damage } from '../damage.ts'
import { affected, entry } from './sample.ts'

const damaged =
  (change: (data: Effects) => Partial<Effects>): Damage =>
  (observations) =>
    observations.with(affected(observations, change))

const come = (...entries: readonly CatalogueEntry[]): Damage =>
  damaged(({ difference }) => ({ difference: { ...difference, added: [...difference.added, ...entries] } }))

/** One more statement, of which the catalogue shows nothing. */
const ran = (text: string, nested: readonly string[] = []): Damage =>
  damaged(({ steps }) => ({
    steps: steps.map((step) => {
      const last = step.statements.at(-1)
      if (last === undefined) return step
      const line = last.line + 1
      const more: TracedStatement = { ...last, index: line, line, endLine: line, events: [], locks: [], text, nested }
      return { ...step, statements: [...step.statements, more] }
    }),
  }))

const OPEN = entry('privileges on schema public for PUBLIC', 'of schema public', 'granted USAGE')
const definer = (name: string, returned: string): CatalogueEntry =>
  entry(
    `function public.${name}`,
    'owner owner',
    `returns ${returned}`,
    'language plpgsql',
    'volatile',
    'security definer',
    'settings search_path=pg_catalog, pg_temp',
    'body sha256 0123456789abcdef',
  )

const cases: readonly (readonly [name: string, why: string, damage: Damage])[] = [
  [
    'a definer that every role may call',
    'whoever connects reads past the policies',
    come(OPEN, definer('all_cases()', 'SETOF public.cases')),
  ],
  [
    'a new role becomes the owner',
    'it may do all that the owner may',
    come(entry('role helper', 'login'), entry('membership of helper in owner')),
  ],
  [
    'a role that is only named gets a role of before',
    'production has it',
    come(entry('membership of web_anon in app')),
  ],
  [
    'rows are copied past their policies',
    'default privileges let app read the copy',
    both(
      ran('CREATE TABLE kept AS SELECT * FROM cases'),
      come(
        entry('table public.kept', 'owner owner'),
        entry('privileges on table public.kept for app', 'of table public.kept', 'granted SELECT'),
      ),
    ),
  ],
  [
    'a subscription',
    'another server writes into the tables',
    come(entry('subscription copies', 'owner owner', 'publications changes')),
  ],
  [
    'a login elsewhere for everybody',
    'every role reaches the other server',
    come(entry('user mapping for PUBLIC on server far', 'of server far')),
  ],
  [
    'a type in front of another one',
    'casts of the running version mean it',
    come(entry('schema app', 'owner owner'), entry('type app.mood', 'owner owner', "enum 'new'")),
  ],
  ['production’s database is closed', 'nobody gets in', ran('ALTER DATABASE production CONNECTION LIMIT 0')],
  [
    'another database gets another name in DO',
    'who connects to it by its name is refused',
    ran('DO …', ['ALTER DATABASE reports RENAME TO reports_of_old']),
  ],
  ['a password is changed in DO', 'the service cannot log in', ran('DO …', ["ALTER ROLE app PASSWORD 'x'"])],
  [
    'a mapping has another password',
    'foreign tables fail',
    ran("ALTER USER MAPPING FOR app SERVER far OPTIONS (SET password 'x')"),
  ],
  ['a server has another option', 'foreign tables are others', ran("ALTER SERVER far OPTIONS (SET sslrootcert 'x')")],
  ['a file of the server is read', 'it may be anything', ran("SELECT pg_read_file('/etc/hosts')")],
  [
    'large objects for everybody in DO',
    'every role reads them',
    ran('DO …', ['GRANT SELECT ON LARGE OBJECT 7 TO PUBLIC']),
  ],
  [
    'roles change where they are not compared',
    'nobody saw who may do what now',
    both(
      ran('GRANT a TO b'),
      damaged(({ server }) => ({ server: { ...server, origin: 'given' } })),
    ),
  ],
]

/** Worlds in which somebody may do more than before, or the database is left. */
export const ofProtection: readonly Mutant[] = cases.map(([name, why, damage]) => ({ name, why, damage }))
