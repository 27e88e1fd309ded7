import type { CheckSettings } from '../../gate/check.ts'
import { couldNotLook, type Looked, seenBy } from '../../gate/cold/claim.ts'
import { inProduction } from '../../gate/cold/dated.ts'
import type { ClaimContext, ClaimToCheck, LookedAgain } from '../../gate/cold/looked-again.ts'
import { Observations } from '../../gate/observation.ts'
import { type Shape, shape } from '../../observers/shape/kind.ts'
import { partsOf, thingsOf } from './preconditions.ts'
import { type Reach, reachOf } from './reach.ts'
import { isLarge, type Size, sizesOf } from './table-sizes.ts'

/** Something that production has and its shape, as it was given, has not. */
interface Omission {
  readonly what: string
  readonly isReached: boolean
}

interface Sort {
  readonly id: string
  readonly says: string
  /** Why nobody can say, or what is left out. */
  readonly find: (given: Shape, now: Shape, reach: Reach, settings: CheckSettings) => readonly Omission[] | string
}

const SORTS: readonly Sort[] = [
  { id: 'besides', says: 'production has nothing that its shape lacks', find: things },
  { id: 'sizes', says: 'no table is large in production and small in its shape', find: sizes },
  { id: 'queries', says: 'production serves no query that its shape lacks', find: queries },
]

/** More of them are counted only. */
const MOST = 50

/**
 * What was left out of the shape, or made small. Things, sizes and queries also come by themselves after it was captured: what
 * the release has to do with stands in the way, and of the rest somebody has to know.
 */
export function omissionClaims(observations: Observations, given: Shape, context: ClaimContext): ClaimToCheck[] {
  const { subject, witness } = context
  return SORTS.flatMap((sort) =>
    [true, false].map((isReached): ClaimToCheck => ({
      claim: {
        id: `shape/${sort.id} ${isReached ? '' : 'elsewhere '}${subject}`,
        kind: 'shape',
        says: `${sort.says}, of what the release of ${subject} ${isReached ? 'has to do with' : 'has nothing to do with'}`,
        source: 'migrations-drift',
        severity: isReached ? 'blocking' : 'discrepancy',
        unchecked: 'discrepancy',
        comparison: 'equal',
        expected: [],
        witness,
        needs: 'Look at production yourself: run again with --shape-url, as a login that may read what capture reads.',
      },
      look: (again) => lookFor(sort, isReached, { observations, given, again, context }),
    })),
  )
}

function lookFor(
  sort: Sort,
  isReached: boolean,
  {
    observations,
    given,
    again,
    context,
  }: { observations: Observations; given: Shape; again: LookedAgain; context: ClaimContext },
): Looked {
  const seen = inProduction(again, shape, context.subject, '--shape-url')
  if ('status' in seen) return seen
  const found = sort.find(given, seen.data, reachOf([observations, secondLook(again, context)]), context.settings)
  if (typeof found === 'string') return couldNotLook(found)
  const all = found.filter((one) => one.isReached === isReached).map(({ what }) => what)
  const hidden = all.length > MOST ? [`${all.length - MOST} more`] : []
  return seenBy(seen.witness, [...all.slice(0, MOST), ...hidden])
}

/** The release as the verifier rehearsed it: the bundle might not tell all that it does. */
const secondLook = ({ run }: LookedAgain, { subject }: ClaimContext): Observations =>
  ('done' in run ? run.done.subjects.find((one) => one.name === subject)?.observations : undefined) ??
  new Observations([])

function things(given: Shape, now: Shape, reach: Reach): Omission[] {
  const known = new Set(partsOf(given).map(([name]) => name))
  const said = thingsOf(now)
  return partsOf(now)
    .map(([name]) => name)
    .filter((name) => !known.has(name))
    .map((name) => ({
      what: name,
      isReached: reach.thing(name, (said.get(name) ?? []).map((one) => `${one.object}\n${one.definition}`).join('\n')),
    }))
}

function sizes(given: Shape, now: Shape, reach: Reach, { largeTable }: CheckSettings): Omission[] {
  const told = sizesOf(given)
  const objects = new Set(given.catalogue.map(({ object }) => object))
  return [...sizesOf(now)].flatMap(([object, size]) => {
    const then = told.get(object)
    if (!objects.has(object) || !isLarge(size, largeTable)) return []
    if (then !== undefined && isLarge(then, largeTable)) return []
    const what = `${object} as a large one: ${sizeWords(size)}; in the shape ${then === undefined ? 'nothing is said of its size' : sizeWords(then)}`
    return [{ what, isReached: reach.thing(object, '') }]
  })
}

const sizeWords = ({ rows, bytes }: Size): string => `${rows ?? 'an unknown number of'} rows in ${bytes} bytes`

/** No longer text of a query is told. */
const LONGEST = 150

function queries(given: Shape, now: Shape, reach: Reach): Omission[] | string {
  const { queriesUnavailable: why } = now
  if (why !== null) return `production's queries could not be read: ${why}`
  const known = new Set(given.queries.map(keyOf))
  return now.queries
    .filter((one) => !known.has(keyOf(one)))
    .toSorted((a, b) => b.calls - a.calls)
    .map(({ text, role, calls }) => ({
      what: `${text.slice(0, LONGEST)} (by ${role ?? 'nobody known'}, ${calls} times)`,
      isReached: reach.query(text),
    }))
}

const keyOf = ({ text, role, searchPath }: Shape['queries'][number]): string => JSON.stringify([text, role, searchPath])
