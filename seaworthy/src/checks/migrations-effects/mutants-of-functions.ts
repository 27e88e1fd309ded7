import type { Mutant } from '../../gate/check.ts'
import { migrationTree } from '../../observers/migration-tree/kind.ts'
import { sampleFolder } from '../sample-folder.ts'
import { both } from '../damage.ts'
import { affected, entry } from './sample.ts'

const column =
  (table: string, name: string): Mutant['damage'] =>
  (observations) =>
    observations.with(
      affected(observations, ({ difference }) => ({
        difference: {
          ...difference,
          added: [
            ...difference.added,
            entry(`column public.${table}.${name}`, `of table public.${table}`, 'type text'),
          ],
        },
      })),
    )

const FOREIGN = 'CREATE FUNCTION counted() RETURNS bigint LANGUAGE plpython3u AS $$ plpy.execute("TABLE judged") $$;'

/** A function of before, in a language that nobody reads here. */
const withForeign: Mutant['damage'] = (observations) => {
  const { migrations } = observations.need(migrationTree)
  const texts = migrations.map((one, index) =>
    index === 0 ? { ...one, up: { ...one.up, text: `${one.up.text}\n${FOREIGN}` } } : one,
  )
  const called = entry('function public.counted()', 'owner owner', 'returns bigint', 'language plpython3u')
  const known = affected(observations, ({ before }) => ({ before: [...before, called] }))
  return observations.with(known).with(sampleFolder(texts, { format: 'numbered', detectedBy: 'numbered files' }))
}

/** What a new column does to functions of before. */
export const ofFunctions: readonly Mutant[] = [
  {
    name: 'a new column has the name of a parameter',
    why: 'a function in SQL takes the column: it compared a row with itself, and counted all of them',
    damage: column('courts', 'wanted'),
  },
  {
    name: 'a new column has a name that a subquery found further out',
    why: 'a DELETE took every row, without an error',
    damage: column('judged', 'court_id'),
  },
  {
    name: 'a new column comes into a SELECT * that a function returns',
    why: 'each call of it failed, and nothing had said so at the release',
    damage: column('cases', 'note'),
  },
  {
    name: 'a new column has the name of a function that is written like one',
    why: 'the value was computed before, and is NULL now',
    damage: column('courts', 'title'),
  },
  {
    name: 'a new column of a table that a function in another language reads',
    why: 'nobody looked into the function, and it was taken for one that goes on working',
    damage: both(withForeign, column('judged', 'level')),
  },
]
