import { isNotHere, notHere, type NotHere, type World, type WorldChange } from '../../gate/drill/drill.ts'
import { type Observations, observed } from '../../gate/observation.ts'
import type { CatalogueEntry } from '../../observers/effects/kind.ts'
import { shape } from '../../observers/shape/kind.ts'
import { leftOut } from '../left-out.ts'
import { harmTo, ownTable } from '../live-tables.ts'

/** Bad worlds in which production is not what the migrations build. */
export const worlds: readonly World[] = [
  {
    name: 'production-has-it-already',
    title: 'production has a table already that the release makes',
    why: 'somebody made it by hand; the migration applies everywhere but there',
    refusedBy: ['drift/release-collides'],
    build: (observations) =>
      drifted(observations, 'CREATE TABLE public.seaworthy_drill (id bigint PRIMARY KEY);\n', [
        { object: 'column public.seaworthy_drill.name', definition: 'of table public.seaworthy_drill\ntype text' },
        { object: 'table public.seaworthy_drill', definition: 'owner postgres' },
      ]),
  },
  {
    name: 'production-drifts',
    title: 'production has another column in a table that the release alters',
    why: 'what was rehearsed is not what production will do',
    refusedBy: ['drift/release-touches'],
    build: (observations) => {
      const table = ownTable(observations)
      if (isNotHere(table)) return table
      const name = table.object.slice('table '.length)
      const change = drifted(observations, `ALTER TABLE ${table.sql} ADD COLUMN seaworthy_drill text;\n`, [
        { object: `column ${name}.seaworthy_by_hand`, definition: `of ${table.object}\ntype integer` },
      ])
      return isNotHere(change) ? change : harmTo(table, change)
    },
  },
  leftOut('migrations-drift'),
]

/** The release with a migration more, and a production that has more than the migrations built. */
function drifted(observations: Observations, up: string, more: readonly CatalogueEntry[]): WorldChange | NotHere {
  const found = observations.find(shape)
  const seen = observations.maybe(shape)
  if (found === undefined || seen === undefined) return notHere("production's shape was not given")
  const catalogue = [...seen.catalogue, ...more].toSorted((a, b) => (a.object < b.object ? -1 : 1))
  return { migration: { name: 'more', up }, inputs: [observed(shape, found.witness, { ...seen, catalogue })] }
}
