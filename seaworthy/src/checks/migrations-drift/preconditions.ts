import { canonicalJson } from '../../gate/canonical.ts'
import type { PreconditionRule } from '../../gate/certificate/precondition.ts'
import { type Shape, shape } from '../../observers/shape/kind.ts'
import { rootIn } from './compared.ts'

/** What production is, as it was captured: without sizes, scans, queries and the time of looking. */
export const preconditions: readonly PreconditionRule[] = [
  {
    kind: shape,
    parts: (observations) => partsOf(observations.need(shape)),
  },
]

type Part = readonly [name: string, content: unknown]

/** What production is, each thing with its parts once, by its name. */
export function partsOf(found: Shape): Part[] {
  const named = [...things(found), ...roles(found), ...settings(found), database(found)]
  return [...Map.groupBy(named, ([name]) => name)].map(([name, parts]) => [name, sorted(parts)] as const)
}

/** Catalogue entries by the thing that they are, or are a part of. */
export function thingsOf({ catalogue }: Pick<Shape, 'catalogue'>): ReadonlyMap<string, Shape['catalogue']> {
  const root = rootIn(new Map(catalogue.map(({ object, definition }) => [object, definition.split('\n', 1)])))
  return Map.groupBy(catalogue, ({ object }) => root(object))
}

/** A thing with its parts, by the thing's name; and extensions, by what their versions are. */
function things(found: Shape): Part[] {
  return [
    ...[...thingsOf(found)].flatMap(([name, entries]) =>
      entries.map(({ object, definition }): Part => [name, { object, definition }]),
    ),
    ...found.extensions.map(({ name, version, schema }): Part => [`extension ${name}`, { version, schema }]),
  ]
}

const roles = (found: Shape): Part[] =>
  found.roles
    .filter((role) => !isOnlyHeard(role, found))
    .map((role) => [
      `role ${role.name}`,
      {
        attributes: sorted(role.attributes),
        memberOf: sorted(role.memberOf),
        settings: sorted(role.settings),
      },
    ])

/**
 * Whether a role is only in the shape because a query of it was seen: statistics come and go. It has no right of its own, no
 * setting, no place in any group but the server's own, and nothing of the database names it.
 */
function isOnlyHeard({ name, attributes, memberOf, settings: own }: Shape['roles'][number], found: Shape): boolean {
  const isHeard = found.queries.some((query) => query.role === name)
  if (!isHeard || own.length > 0 || found.database.owner === name) return false
  if (attributes.some((one) => one !== 'login') || memberOf.some(({ role }) => !role.startsWith('pg_'))) return false
  const isNamed = ({ object, definition }: Shape['catalogue'][number]): boolean =>
    object.includes(name) || definition.includes(name)
  return (
    !found.roles.some((other) => other.memberOf.some(({ role }) => role === name)) && !found.catalogue.some(isNamed)
  )
}

const settings = ({ server }: Shape): Part[] => server.settings.map(({ name, value }) => [`setting ${name}`, value])

const database = ({ database: { name, owner, encoding, collation, settings: own }, witness, server }: Shape): Part => [
  'database',
  { name, owner, encoding, collation, settings: sorted(own), identity: witness, major: server.major },
]

const sorted = (values: readonly unknown[]): unknown[] =>
  values
    .map((value) => ({ value, text: canonicalJson(value) }))
    .toSorted((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
    .map(({ value }) => value)
