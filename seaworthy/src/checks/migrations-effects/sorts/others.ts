import { error, type Harms, NONE, remark, warning } from '../harm.ts'
import { hasFacet, plain, type Thing } from '../thing.ts'
import { along, type FacetRule, nothing, owner, refuses, type SortRules, unnoticed } from './rules.ts'

const another = refuses(
  'compat/change-object',
  ({ after, from, to }) => `changes ${after.object}: ${from ?? 'nothing'} before, ${to ?? 'nothing'} now`,
  'Make another one beside it, and drop this one in a later release.',
)

const OUTSIDE = 'Set it up where the server is managed, and accept it in the policy.'

/** What brings rows in from another server, or hands them on to one. */
function outward(thing: Thing): Harms {
  const subject = `${thing.sort} ${plain(thing.name)}`
  if (thing.sort === 'subscription')
    return error('security/reach-out', subject, `lets ${thing.object} write what another server sends`, {
      hint: OUTSIDE,
    })
  if (thing.sort === 'user mapping' && thing.name.startsWith('for PUBLIC '))
    return error('security/grant-to-public', subject, `lets every role log in elsewhere by ${thing.object}`, {
      hint: 'Name the role in place of PUBLIC.',
    })
  if (thing.sort === 'server' || thing.sort === 'foreign-data wrapper')
    return warning('security/reach-out', subject, `adds ${thing.object}, by which queries reach another server`, {
      hint: OUTSIDE,
    })
  return thing.sort === 'publication'
    ? remark(
        'security/reach-out',
        subject,
        `hands the changes of its tables on by ${thing.object}, past their policies`,
      )
    : NONE
}

/** Casts, operators, publications and their like. */
export const others: SortRules = {
  facets: { 'owner ': owner, '*': another },
  added: outward,
  removed: (thing, _, alongWith) =>
    error('compat/drop-object', `${thing.sort} ${plain(thing.name)}`, `drops ${thing.object}${along(alongWith)}`, {
      hint: 'Keep it until nothing uses it, and drop it in a later release.',
    }),
}

const comes = (thing: Thing, why: string): Harms =>
  error('compat/change-object', `${thing.sort} ${plain(thing.name)}`, `adds ${thing.object}, ${why}`)

/** pg_cast.castcontext: e is explicit, a for assignments, i anywhere. */
export const casts: SortRules = {
  ...others,
  added: (thing) =>
    thing.facets.some((one) => one.startsWith('context e '))
      ? NONE
      : comes(thing, 'which the server also uses where nobody wrote it'),
}

/** `operator public.=(text,text)`: for types that are not the release's own it stands in front of the server's. */
export const operators: SortRules = {
  ...others,
  added: (thing, scene) => {
    const types = thing.name.slice(thing.name.lastIndexOf('(') + 1, -1).split(',')
    const isOwn = types.some((type) =>
      ['type', 'domain'].some((sort) => scene.after.has(`${sort} ${type}`) && !scene.isOld(`${sort} ${type}`)),
    )
    return isOwn ? NONE : comes(thing, 'which queries of the running version may mean from now on')
  },
}

export const eventTriggers: SortRules = {
  ...others,
  added: (thing) => (hasFacet(thing, 'disabled') ? NONE : comes(thing, 'which fires for later migrations as well')),
}

/** Without extended statistics plans may change, and nothing fails. */
export const statistics: SortRules = { facets: { '*': unnoticed }, added: nothing, removed: nothing }

/** For people who read the schema. */
export const remarks: SortRules = statistics

const version: FacetRule = ({ after, from, to }) =>
  remark(
    'compat/extension-version',
    after.object,
    `takes ${after.object} from version ${from ?? ''} to ${to ?? ''}: read what that changes`,
  )

/** Extensions for files, programs and other servers, and languages without a sandbox. */
const REACHES_OUT =
  /^(?:dblink|postgres_fdw|file_fdw|adminpack|pl\w+u|plsh|http|pg_net|pg_curl|pgsql-http|aws_s3|aws_lambda|\w+_fdw)$/

export const extensions: SortRules = {
  facets: {
    'version ': version,
    'schema ': refuses(
      'compat/set-schema',
      ({ after, from, to }) =>
        `moves ${after.object} from schema ${from ?? ''} to ${to ?? ''}: the running version looks in the old one`,
    ),
    'owner ': owner,
  },
  added: (thing) =>
    REACHES_OUT.test(plain(thing.name))
      ? warning(
          'security/reach-out',
          `extension ${plain(thing.name)}`,
          `adds ${thing.object}, whose functions leave the database`,
          { hint: OUTSIDE },
        )
      : NONE,
  removed: (thing, _, alongWith) =>
    error('data-loss/drop-extension', `extension ${plain(thing.name)}`, `drops ${thing.object}${along(alongWith)}`, {
      hint: 'Remove its uses first; then DROP EXTENSION without CASCADE tells whether any is left.',
    }),
}

export const schemas: SortRules = {
  facets: { 'owner ': owner },
  added: nothing,
  removed: (thing, _, alongWith) =>
    error('data-loss/drop-schema', `schema ${plain(thing.name)}`, `drops ${thing.object}${along(alongWith)}`, {
      hint: 'Drop what is in it one by one, each in a release in which nothing uses it any more.',
    }),
}

const ofDatabase: FacetRule = ({ from, to }) =>
  error(
    'security/alter-server',
    'database',
    `changes the database: ${from ?? 'nothing'} before, ${to ?? 'nothing'} now`,
  )

export const database: SortRules = {
  facets: { 'owner ': owner, 'comment ': unnoticed, '*': ofDatabase },
  added: nothing,
  removed: nothing,
}
