import type { Mutant } from '../../gate/check.ts'
import { isNotHere, notHere } from '../../gate/drill/drill.ts'
import type { CatalogueEntry } from '../../observers/effects/kind.ts'
import type { Damage } from '../damage.ts'
import { affecting, entryLike, isLike, kept, onTable, type Picked, withAdded } from './mutants-picked.ts'
import { entry } from './sample.ts'

/** Something of before is gone. */
const gone = (isWanted: (one: CatalogueEntry) => boolean, what: string): Damage =>
  affecting((data) => {
    const found = entryLike(data, isWanted, what)
    if (isNotHere(found)) return found
    const { difference } = data
    return { difference: { ...difference, removed: [...difference.removed, found] } }
  })

/** Something of before has another definition. */
const altered = (
  isWanted: (one: CatalogueEntry) => boolean,
  what: string,
  change: (definition: string) => string,
): Damage =>
  affecting((data) => {
    const before = entryLike(data, isWanted, what)
    if (isNotHere(before)) return before
    const after = { ...before, definition: change(before.definition) }
    const { difference } = data
    return { difference: { ...difference, changed: [...difference.changed, { before, after }] } }
  })

const plus =
  (facet: string) =>
  (definition: string): string =>
    `${definition}\n${facet}`

const swapped =
  (from: RegExp, to: string) =>
  (definition: string): string =>
    definition.replace(from, to)

/** Something comes that belongs to a table of before. */
const come = (made: (table: Picked) => CatalogueEntry): Damage => onTable((table, data) => withAdded(data, made(table)))

const ofTable = isLike('column', /^of table /)
const isColumn =
  (facet: RegExp, without?: RegExp) =>
  (one: CatalogueEntry): boolean =>
    ofTable(one) && isLike('column', facet)(one) && without?.test(one.definition) !== true

type Row = readonly [name: string, why: string, damage: Damage]

const LOST: readonly Row[] = [
  ['a table is gone', 'a function that the migration called dropped it', gone(isLike('table'), 'table')],
  ['a column is gone', 'DROP TYPE … CASCADE took it along', gone(ofTable, 'column of a table')],
  [
    'a foreign key is gone',
    'DROP TABLE … CASCADE took it along',
    gone(isLike('constraint', /^FOREIGN KEY /), 'foreign key'),
  ],
  [
    'a primary key is gone',
    'ON CONFLICT of the running version fails',
    gone(isLike('constraint', /^PRIMARY KEY /), 'primary key'),
  ],
  ['a view is gone', 'DROP VIEW inside of DO', gone(isLike('view'), 'view')],
  ['a function is gone', 'DROP EXTENSION took it along', gone(isLike('function'), 'function')],
  ['a trigger is gone', 'the audit trail ended in silence', gone(isLike('trigger'), 'trigger')],
  ['a policy is gone', 'the running version sees no row', gone(isLike('policy'), 'policy')],
  ['a sequence is gone', 'numbers are handed out twice', gone(isLike('sequence'), 'sequence')],
  ['a type is gone', 'casts of the running version fail', gone(isLike('type'), 'type')],
  [
    'a privilege is gone',
    '42501 for the running version',
    gone(isLike('privileges on table', /^granted /), 'privilege on a table'),
  ],
  ['a role is gone', 'nobody can log in', gone(isLike('role', /^login/), 'role that may log in')],
]

const CHANGED: readonly Row[] = [
  [
    'a column is narrower',
    'values are cut',
    altered(
      isColumn(/^type (?:integer|bigint)$/),
      'column of an integer type',
      swapped(/\ntype \w+/, '\ntype smallint'),
    ),
  ],
  [
    'a column is required',
    'inserts of the running version fail',
    altered(isColumn(/^type /, /\n(?:not null|default |generated )/), 'column that may be NULL', plus('not null')),
  ],
  [
    'a default is gone',
    'inserts of the running version get NULL',
    altered(isColumn(/^default /), 'column with a default', swapped(/\ndefault [^\n]*/, '')),
  ],
  [
    'a column is generated',
    'nobody may write it',
    altered(
      isColumn(/^type bigint|^type integer/, /\n(?:default |generated )/),
      'column without a default',
      plus('generated always as identity'),
    ),
  ],
  [
    'a view shows other rows',
    'it answers differently',
    altered(
      isLike('view', /^definition /),
      'view',
      swapped(/\ndefinition [\s\S]*$/, '\ndefinition SELECT 1 AS seaworthy_drill'),
    ),
  ],
  [
    'a function has another body',
    'it answers differently',
    altered(
      isLike('function', /^body /),
      'function with a body',
      swapped(/\nbody [^\n]*/, '\nbody sha256 fedcba9876543210'),
    ),
  ],
  [
    'a function runs with its owner’s rights',
    'and the path of the caller',
    altered(
      (one) => isLike('function')(one) && !/\nsecurity definer/.test(one.definition),
      'function without its owner’s rights',
      plus('security definer'),
    ),
  ],
  ['a trigger is disabled', 'what it kept true is not kept', altered(isLike('trigger'), 'trigger', plus('disabled'))],
  [
    'row security is off',
    'every tenant sees all',
    altered(
      isLike('table', /^row security enabled$/),
      'table with row security',
      swapped(/\nrow security enabled/, ''),
    ),
  ],
  [
    'another owner',
    'later migrations fail with 42501',
    altered(isLike('table', /^owner /), 'table', swapped(/^owner [^\n]*/m, 'owner seaworthy_drill')),
  ],
  [
    'an enum value is renamed',
    'casts of the running version fail',
    altered(isLike('type', /^enum '/), 'enum', swapped(/^(enum .*)'[^']*'$/m, "$1'seaworthy_drill'")),
  ],
  [
    'a sequence counts by 50',
    'clients take numbers in blocks',
    altered(
      isLike('sequence', /increment 1 /),
      'sequence that counts by one',
      swapped(/increment 1 /, 'increment 50 '),
    ),
  ],
  [
    'a role is a superuser now',
    'past every grant',
    altered(isLike('role', /^login/), 'role that may log in', plus('superuser')),
  ],
  [
    'a facet that nobody knows',
    'what is not understood is not let through',
    altered(isLike('table'), 'table', plus('haunted')),
  ],
]

const CAME: readonly Row[] = [
  [
    'a sort that nobody knows',
    'what is not understood is not let through',
    affecting((data) => withAdded(data, entry('wormhole public.seaworthy_drill', 'owner owner'))),
  ],
  [
    'a column that is required and new',
    'inserts of the running version fail',
    come(({ name, object }) => entry(`column ${name}.seaworthy_drill`, `of ${object}`, 'type text', 'not null')),
  ],
  [
    'a grant to everybody',
    'every role of the server reads it',
    onTable(({ name, object }, data) =>
      withAdded(data, entry(`privileges on table ${name} for PUBLIC`, `of ${object}`, 'granted SELECT')),
    ),
  ],
  [
    'one more permissive policy',
    'rows of other tenants',
    onTable(
      ({ name, object }, data) =>
        withAdded(
          data,
          entry(
            `policy seaworthy_drill on ${name}`,
            `of ${object}`,
            'permissive',
            'for ALL',
            'to PUBLIC',
            'using true',
          ),
        ),
      isLike('table', /^row security enabled$/),
      'table with row security',
    ),
  ],
  [
    'an invalid index',
    'CREATE INDEX CONCURRENTLY failed half-way',
    come(({ name, object, columns: [column] }) =>
      entry(
        'index public.seaworthy_drill',
        `of ${object}`,
        `CREATE INDEX seaworthy_drill ON ${name} USING btree (${column})`,
        'invalid',
      ),
    ),
  ],
  [
    'a trigger that nobody can read',
    'it may swallow every write',
    come(({ name, object }) =>
      entry(
        `trigger seaworthy_drill on ${name}`,
        `of ${object}`,
        `CREATE TRIGGER seaworthy_drill BEFORE INSERT ON ${name} FOR EACH ROW EXECUTE FUNCTION public.unknown()`,
      ),
    ),
  ],
  [
    'a rule',
    'DO INSTEAD NOTHING',
    come(({ name, object }) =>
      entry(
        `rule seaworthy_drill on ${name}`,
        `of ${object}`,
        `CREATE RULE seaworthy_drill AS ON DELETE TO ${name} DO INSTEAD NOTHING`,
      ),
    ),
  ],
  ['an overload', 'calls of the running version mean the new one', overload()],
]

/** A second function of a name that one of before has. */
function overload(): Damage {
  return affecting((data) => {
    const found = kept(data).find(
      ({ object, definition }) =>
        /^function [^(]+\([^()]+\)$/.test(object) && !/returns trigger|VARIADIC/.test(definition),
    )
    if (found === undefined) return notHere('there is no function with arguments before the release')
    const [name = '', types = ''] = found.object.slice(0, -1).split('(')
    const made = types.split(',').map(() => '"char"')
    const named = made.map((type, index) => `a${index} ${type}`)
    const facets = [`arguments ${named.join(', ')}`, 'returns text', 'language sql', 'volatile']
    return withAdded(data, entry(`${name}(${made.join(', ')})`, 'owner deploy', ...facets))
  })
}

/** Damages of what is there after the release. */
export const ofCatalogue: readonly Mutant[] = [...LOST, ...CHANGED, ...CAME].map(([name, why, damage]) => ({
  name,
  why,
  damage,
}))
