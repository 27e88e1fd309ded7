import type { Mutant } from '../../gate/check.ts'
import type { Observations } from '../../gate/observation.ts'
import { type CatalogueEntry, effects } from '../../observers/effects/kind.ts'
import { shape } from '../../observers/shape/kind.ts'
import { inProduction, rehearsed } from './sample.ts'

const has =
  (...entries: readonly CatalogueEntry[]) =>
  (observations: Observations): Observations =>
    observations.with(inProduction(observations, ({ catalogue }) => ({ catalogue: [...catalogue, ...entries] })))

const lacks =
  (...objects: readonly string[]) =>
  (observations: Observations): Observations =>
    observations.with(
      inProduction(observations, ({ catalogue }) => ({
        catalogue: catalogue.filter((entry) => !objects.includes(entry.object)),
      })),
    )

const differs =
  (object: string, definition: string) =>
  (observations: Observations): Observations =>
    has({ object, definition })(lacks(object)(observations))

/** Worlds that the judge must refuse, each made from the sample by one damage. */
export const mutants: readonly Mutant[] = [
  {
    name: 'production has the table that the release makes',
    why: 'CREATE TABLE stops the release, with the old version already gone',
    damage: has({ object: 'table public.languages', definition: 'owner dba' }),
  },
  {
    name: 'production has a view of the name of the table that the release makes',
    why: 'tables and views share their names',
    damage: has({ object: 'view public.languages', definition: 'owner dba\ndefinition  SELECT 1' }),
  },
  {
    name: 'the table that the release alters is not in production',
    why: 'somebody dropped it by hand',
    damage: lacks('table public.cases', 'column public.cases.id'),
  },
  {
    name: 'the table that the release alters has a column of another type',
    why: 'what was rehearsed is not what will run',
    damage: differs('column public.cases.id', 'of table public.cases\ntype integer\nnot null'),
  },
  {
    name: 'the table that the release alters has a trigger that nobody wrote into a migration',
    why: 'the release fires it in production for the first time',
    damage: has({
      object: 'trigger audit on public.cases',
      definition: 'of table public.cases\nCREATE TRIGGER audit BEFORE INSERT ON public.cases',
    }),
  },
  {
    name: 'production differs, and nothing was traced',
    why: 'whether the release touches it is not known',
    damage: (observations) => {
      const drifted = lacks('view public.named')(observations)
      return drifted.with(rehearsed(drifted, () => ({ traceUnproven: 'the login may not instrument the server' })))
    },
  },
  {
    name: 'nothing of production is what the migrations build',
    why: 'the shape is of another database',
    damage: (observations) =>
      observations.with(
        inProduction(observations, () => ({
          catalogue: [{ object: 'table public.other', definition: 'owner dba' }],
        })),
      ),
  },
  {
    name: 'the shape could not be read as this version',
    why: 'nobody compared anything',
    damage: (observations) =>
      observations.with({
        kind: shape.name,
        version: shape.version + 1,
        witness: 'file',
        status: 'observed',
        data: {},
      }),
  },
  {
    name: 'the rehearsal did not get to the catalogue',
    why: 'nobody compared anything',
    damage: (observations) => observations.without(effects),
  },
]
