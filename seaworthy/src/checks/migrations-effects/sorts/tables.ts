import { error, type Harms, NONE, remark, warning } from '../harm.ts'
import { judgeShadow } from '../protection/shadows.ts'
import type { Scene } from '../scene.ts'
import { hasFacet, plain, type Thing, valueOf } from '../thing.ts'
import { along, type FacetRule, owner, refuses, type SortRules, unnoticed } from './rules.ts'

const subject = (thing: Thing): string => `table ${plain(thing.name)}`

const other = refuses(
  'compat/change-table',
  ({ after, from, to }) =>
    `makes ${after.object} another sort of table: ${from ?? 'plain'} before, ${to ?? 'plain'} now`,
)

const unlogged: FacetRule = ({ after, to }) =>
  to === null
    ? NONE
    : error(
        'data-loss/unlogged',
        subject(after),
        `makes ${after.object} unlogged: a crash empties it, and replicas never have it`,
      )

const partition: FacetRule = ({ after, from, to }) =>
  from === null
    ? remark(
        'compat/restrict-writes',
        subject(after),
        `makes ${after.object} a partition: what is written to it has to fit`,
      )
    : to === null
      ? error(
          'compat/detach-partition',
          subject(after),
          `takes ${after.object} out of its partitioned table, whose readers no longer find its rows`,
          {
            hint: 'Detach it in a release of its own, once nothing reads those rows, with an acceptance in the policy.',
          },
        )
      : error(
          'compat/change-table',
          subject(after),
          `changes the bounds of partition ${after.object} from ${from} to ${to}`,
        )

const rowSecurity =
  (what: string): FacetRule =>
  ({ after, to }) =>
    to === null
      ? error(
          'security/disable-row-security',
          subject(after),
          `switches row security off for ${after.object}${what}: every role that may read it sees every row`,
          {
            hint: 'Change the policies in its place.',
          },
        )
      : error(
          'compat/enable-row-security',
          subject(after),
          `switches row security on for ${after.object}${what}: whoever no policy lets through sees no row`,
          {
            hint: 'Create the policies first, and try the running version as its own role against them.',
          },
        )

const AUTOVACUUM_OFF = /\bautovacuum_enabled=(?:off|false|no|0)\b/i

/** Storage parameters change no answer; without autovacuum the table only grows. */
const options: FacetRule = ({ after, from, to }) =>
  AUTOVACUUM_OFF.test(to ?? '') && !AUTOVACUUM_OFF.test(from ?? '')
    ? warning(
        'lock/autovacuum-off',
        subject(after),
        `switches autovacuum off for ${after.object}: dead rows pile up until a vacuum that nobody planned`,
        { hint: `ALTER TABLE ${after.name} SET (autovacuum_vacuum_scale_factor = 0.05); tunes it, and leaves it on.` },
      )
    : NONE

const replicaIdentity: FacetRule = ({ after, to }) =>
  to === 'replica identity nothing'
    ? error(
        'compat/change-replication',
        subject(after),
        `takes the replica identity from ${after.object}: updates and deletes fail where it is replicated`,
      )
    : NONE

/** From FULL back to the key: without one updates fail, and readers of the changes no longer get the old row. */
const lessIdentity: FacetRule = ({ after }, scene) => {
  if (hasFacet(after, 'replica identity nothing')) return NONE
  const parts = [...scene.after.values()].filter((one) => one.parent === after.object)
  const hasKey = parts.some(
    (one) => one.sort === 'constraint' && one.facets.some((facet) => facet.startsWith('PRIMARY KEY')),
  )
  const isByIndex = parts.some((one) => one.sort === 'index' && hasFacet(one, 'replica identity'))
  return hasKey || isByIndex
    ? warning(
        'compat/change-replication',
        subject(after),
        `lets ${after.object} replicate its key alone: whoever reads the changes no longer gets the old row`,
        { hint: `ALTER TABLE ${after.name} REPLICA IDENTITY FULL;` },
      )
    : error(
        'compat/change-replication',
        subject(after),
        `leaves ${after.object} without a replica identity: updates and deletes fail where it is replicated`,
        { hint: `ALTER TABLE ${after.name} REPLICA IDENTITY FULL;` },
      )
}

/** Whoever reads the parent reads the rows of the new table as well. */
function inherits(thing: Thing, scene: Scene): Harms {
  const parents = valueOf(thing, 'inherits ')?.split(', ') ?? []
  const old = parents.filter((one) => scene.isOld(`table ${one}`))
  if (old.length === 0) return NONE
  return error(
    'compat/change-table',
    subject(thing),
    `lets ${thing.object} inherit from ${old.join(', ')}: queries of that table find its rows as well`,
    { hint: 'LIKE copies the columns without making it a child.' },
  )
}

const removed = (thing: Thing, _: Scene, alongWith: string | null): Harms =>
  error('data-loss/drop-table', subject(thing), `drops ${thing.object} with all its rows${along(alongWith)}`, {
    hint: 'Release a version that no longer uses the table first; drop it later, with a backup and an acceptance in the policy.',
  })

export const tables: SortRules = {
  facets: {
    'owner ': owner,
    unlogged,
    'partitioned by ': other,
    'partition of ': partition,
    'inherits ': other,
    'of type ': other,
    'access method ': unnoticed,
    'tablespace ': unnoticed,
    'options ': options,
    'row security enabled': rowSecurity(''),
    'row security forced': rowSecurity(', for its owner'),
    'replica identity nothing': replicaIdentity,
    'replica identity full': (change, scene) => (change.to === null ? lessIdentity(change, scene) : NONE),
    'server ': other,
    'server options ': other,
  },
  added: (thing, scene) => [...inherits(thing, scene), ...judgeShadow(thing, scene)],
  removed,
}
