import type { Mutant } from '../../gate/check.ts'
import { isNotHere, type NotHere, notHere } from '../../gate/drill/drill.ts'
import { notObserved, type Observations, observed } from '../../gate/observation.ts'
import { type CatalogueEntry, type Effects, effects } from '../../observers/effects/kind.ts'
import { type Shape, shape } from '../../observers/shape/kind.ts'
import { both, changes, type Damage, lacks } from '../damage.ts'
import { releaseOf } from './release.ts'

/** Where no shape was given, production is given the one that the migrations build. */
const given: Damage = (set) => {
  if (set.find(shape) !== undefined) return set
  const seen = set.maybe(effects)
  return seen === undefined
    ? notHere('no shape was given, and nothing was rehearsed')
    : set.with(observed(shape, 'what the migrations build', shapeOf(seen)))
}

const shapeOf = ({ before, server }: Effects): Shape => ({
  formatVersion: 1,
  capturedAt: '2026-01-01T00:00:00.000Z',
  server: { version: server.version, major: server.major, settings: [] },
  witness: null,
  database: { name: 'production', owner: 'owner', encoding: 'UTF8', collation: 'C', settings: [] },
  extensions: [],
  catalogue: before,
  roles: [],
  ledger: null,
  tables: [],
  indexes: [],
  queries: [],
  queriesUnavailable: null,
  queriesLeftOut: [],
  unread: [],
})

/** What production has, made from what it has in this run. */
const inProduction = (change: (catalogue: readonly CatalogueEntry[]) => readonly CatalogueEntry[]): Damage =>
  both(
    given,
    changes(shape, ({ catalogue }) => ({ catalogue: change(catalogue) })),
  )

const has = (...entries: readonly CatalogueEntry[]): Damage => inProduction((catalogue) => [...catalogue, ...entries])

/** Without the object and its parts. */
const without = (object: string): Damage =>
  inProduction((catalogue) =>
    catalogue.filter((one) => one.object !== object && one.definition.split('\n')[0] !== `of ${object}`),
  )

/** A damage of what was found; not here where it was not. */
const using = <T extends object>(find: (set: Observations) => T | NotHere, damage: (found: T) => Damage): Damage =>
  both(given, (set) => {
    const found = find(set)
    return isNotHere(found) ? found : damage(found)(set)
  })

/** The name of a table that the release makes, and that production does not have. */
function madeTable(set: Observations): { readonly name: string } | NotHere {
  const seen = set.maybe(effects)
  const there = new Set(set.maybe(shape)?.catalogue.map((one) => one.object))
  const entry = seen?.difference.added.find((one) => one.object.startsWith('table ') && !there.has(one.object))
  return entry === undefined ? notHere('the release makes no table') : { name: entry.object.slice('table '.length) }
}

/** A table that the release alters or writes to, and a column of it, as production has them. */
function touchedTable(set: Observations): { readonly object: string; readonly column: CatalogueEntry } | NotHere {
  const seen = set.maybe(effects)
  const catalogue = set.maybe(shape)?.catalogue
  if (seen === undefined || catalogue === undefined) return notHere('no shape was given')
  const { touched } = releaseOf(seen)
  for (const object of touched.keys()) {
    const isBuilt = seen.before.some((one) => one.object === object)
    const column = catalogue.find(
      (one) => one.object.startsWith('column ') && one.definition.startsWith(`of ${object}\n`),
    )
    if (object.startsWith('table ') && isBuilt && column !== undefined) return { object, column }
  }
  return notHere('the release alters no table that production has')
}

/** Worlds that the judge must refuse, each made from the sample or from a run by one damage. */
export const mutants: readonly Mutant[] = [
  {
    name: 'production has the table that the release makes',
    why: 'CREATE TABLE stops the release, with the old version already gone',
    damage: using(madeTable, ({ name }) => has({ object: `table ${name}`, definition: 'owner dba' })),
  },
  {
    name: 'production has a view of the name of the table that the release makes',
    why: 'tables and views share their names',
    damage: using(madeTable, ({ name }) =>
      has({ object: `view ${name}`, definition: 'owner dba\ndefinition  SELECT 1' }),
    ),
  },
  {
    name: 'the table that the release alters is not in production',
    why: 'somebody dropped it by hand',
    damage: using(touchedTable, ({ object }) => without(object)),
  },
  {
    name: 'the table that the release alters has a column of another type',
    why: 'what was rehearsed is not what will run',
    damage: using(touchedTable, ({ column }) =>
      inProduction((catalogue) =>
        catalogue.map((one) =>
          one === column ? { ...one, definition: one.definition.replace(/\ntype .*/, '\ntype "char"') } : one,
        ),
      ),
    ),
  },
  {
    name: 'the table that the release alters has a trigger that nobody wrote into a migration',
    why: 'the release fires it in production for the first time',
    damage: using(touchedTable, ({ object }) => {
      const name = object.slice('table '.length)
      return has({
        object: `trigger seaworthy_drill on ${name}`,
        definition: `of ${object}\nCREATE TRIGGER seaworthy_drill BEFORE INSERT ON ${name}`,
      })
    }),
  },
  {
    name: 'production differs, and nothing was traced',
    why: 'whether the release touches it is not known',
    damage: both(
      has({ object: 'view public.seaworthy_drill', definition: 'owner dba\ndefinition  SELECT 1' }),
      changes(effects, () => ({ traceUnproven: 'the login may not instrument the server' })),
    ),
  },
  {
    name: 'nothing of production is what the migrations build',
    why: 'the shape is of another database',
    damage: using(
      (set) => (set.maybe(shape)?.catalogue.length === 0 ? notHere('production is empty, as its shape has it') : {}),
      () => inProduction(() => [{ object: 'table public.seaworthy_drill', definition: 'owner dba' }]),
    ),
  },
  {
    name: 'the shape could not be read as this version',
    why: 'nobody compared anything',
    damage: (set) =>
      set.with({ kind: shape.name, version: shape.version + 1, witness: 'file', status: 'observed', data: {} }),
  },
  {
    name: 'the shape could not be read at all',
    why: 'somebody asked for it to be compared, and nobody did',
    damage: (set) => set.with(notObserved(shape, 'file', 'permission denied')),
  },
  {
    name: 'the rehearsal did not get to the catalogue',
    why: 'nobody compared anything',
    damage: both(given, lacks(effects)),
  },
]
