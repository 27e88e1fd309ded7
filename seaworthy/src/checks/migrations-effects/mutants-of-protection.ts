import type { Mutant } from '../../gate/check.ts'
import { isNotHere, notHere } from '../../gate/drill/drill.ts'
import { type CatalogueEntry, effects } from '../../observers/effects/kind.ts'
import { both, type Damage } from '../damage.ts'
import {
  affecting,
  isLike,
  kept,
  onTable,
  ownerOf,
  type Picked,
  roleBeside,
  tableIn,
  withAdded,
  withStatement,
} from './mutants-picked.ts'
import { entry } from './sample.ts'

const come = (...entries: readonly CatalogueEntry[]): Damage => affecting((data) => withAdded(data, ...entries))

/** One more statement, of which the catalogue shows nothing. */
const ran = (text: string, nested: readonly string[] = []): Damage =>
  affecting((data) => withStatement(data, () => ({ text, nested })))

/** A table of before with row security, a role that it holds for, and its owner. */
const guarded =
  (damage: (table: Picked, role: string, owner: string) => Damage): Damage =>
  (set) => {
    const data = set.maybe(effects)
    if (data === undefined) return notHere('what the release does was not observed in this run')
    const table = tableIn(data, isLike('table', /^row security enabled$/), 'table with row security')
    if (isNotHere(table)) return table
    const role = roleBeside(data, table)
    return typeof role === 'string' ? damage(table, role, ownerOf(data, table))(set) : role
  }

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
    onTable((table, data) =>
      withAdded(
        data,
        entry('role seaworthy_drill', 'login'),
        entry(`membership of seaworthy_drill in ${ownerOf(data, table)}`),
      ),
    ),
  ],
  [
    'a role that is only named gets a role of before',
    'production has it',
    come(entry('membership of web_anon in app')),
  ],
  [
    'rows are copied past their policies',
    'default privileges let a role read the copy',
    guarded(({ sql }, role) =>
      both(
        ran(`CREATE TABLE seaworthy_drill AS SELECT * FROM ${sql}`),
        come(
          entry('table public.seaworthy_drill', 'owner seaworthy_drill'),
          entry(
            `privileges on table public.seaworthy_drill for ${role}`,
            'of table public.seaworthy_drill',
            'granted SELECT',
          ),
        ),
      ),
    ),
  ],
  [
    'a view around row security is opened',
    'policies are asked for its owner',
    guarded(({ name, columns: [column] }, role, owner) =>
      both(
        affecting(({ before }) => ({
          before: [
            ...before,
            entry('view public.seaworthy_drill', `owner ${owner}`, `definition  SELECT ${column}\n\t   FROM ${name};`),
          ],
        })),
        come(
          entry(
            `privileges on view public.seaworthy_drill for ${role}`,
            'of view public.seaworthy_drill',
            'granted SELECT',
          ),
        ),
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
    affecting((data) => {
      const type = kept(data).find((one) => /^type public\.[^.]+$/.test(one.object))
      const role = data.before.find(
        (one) =>
          isLike('role', /^login/)(one) &&
          !data.before.some(({ object }) => object === one.object.replace(/^role /, 'schema ')),
      )
      if (type === undefined || role === undefined) return notHere('there is no type, or no role that may log in')
      const schema = role.object.slice('role '.length)
      return withAdded(
        data,
        entry(`schema ${schema}`, 'owner owner'),
        entry(type.object.replace('type public.', `type ${schema}.`), 'owner owner', "enum 'new'"),
      )
    }),
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
      affecting(({ server }) => ({ server: { ...server, origin: 'given' } })),
    ),
  ],
]

/** Worlds in which somebody may do more than before, or the database is left. */
export const ofProtection: readonly Mutant[] = cases.map(([name, why, damage]) => ({ name, why, damage }))
