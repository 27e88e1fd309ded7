import { error, type Harm, type Harms } from '../harm.ts'
import { statementOf } from '../place.ts'
import type { Scene } from '../scene.ts'
import { readersIn } from './around.ts'
import { hasFacet, plain, type Thing, valueOf } from '../thing.ts'

type Catalogue = ReadonlyMap<string, Thing>

/** A way to rows of a protected table by way of its partition, its parent, or what it inherits from. */
interface Way {
  readonly open: Thing
  readonly guarded: Thing
  readonly reader: string
  readonly grant: Thing
}

/**
 * Policies are asked of the table that a query names, and of no other one of its family: who may read a partition, or a
 * parent, that has none of its own reads past those of the rest.
 */
export function judgeFamilies(scene: Scene): Harms {
  const before = waysIn(scene.before)
  // Where a reader got around those policies already, a further partition of the same table opens nothing new.
  const known = new Set(before.map((one) => JSON.stringify([one.guarded.object, one.reader])))
  const told = new Set<string>()
  return waysIn(scene.after).flatMap(({ open, guarded, reader, grant }): readonly Harm[] => {
    const key = JSON.stringify([open.object, guarded.object])
    // A table that is protected only now was open to its readers anyway.
    const isNewlyGuarded = scene.isOld(open.object) && !hasFacet(scene.before.get(guarded.object), GUARDED)
    if (known.has(JSON.stringify([guarded.object, reader])) || told.has(key) || isNewlyGuarded) return []
    told.add(key)
    const isGiven = scene.isOld(open.object) && !scene.isOld(grant.object)
    return error(
      'security/part-around-row-security',
      `table ${plain(open.name)}`,
      `lets ${reader} read rows of ${guarded.object} through ${open.object}, whatever its policies say`,
      {
        by: statementOf(isGiven ? grant : open, isGiven ? 'altered' : 'created', scene),
        proof: `${guarded.object} has row security and ${open.object}, of the same family, has none; ${reader} may read it`,
        hint: `ALTER TABLE ${open.name} ENABLE ROW LEVEL SECURITY; with policies of its own, or leave it to be read through ${guarded.name}.`,
      },
    )
  })
}

const GUARDED = 'row security enabled'

function waysIn(catalogue: Catalogue): Way[] {
  const guarded = [...catalogue.values()].filter((one) => hasFacet(one, GUARDED))
  if (guarded.length === 0) return []
  const parents = parentsIn(catalogue)
  if (parents.size === 0) return []
  const readers = readersIn(catalogue)
  const ways: Way[] = []
  for (const one of [...readers.keys()].map((name) => catalogue.get(name))) {
    if (one?.sort !== 'table' || hasFacet(one, GUARDED)) continue
    const other = guarded.find(
      (two) => isAbove(two.object, one.object, parents) || isAbove(one.object, two.object, parents),
    )
    if (other === undefined) continue
    for (const { reader, grant } of readers.get(one.object) ?? [])
      if (!isAboveRights(reader, other, catalogue)) ways.push({ open: one, guarded: other, reader, grant })
  }
  return ways
}

const isAboveRights = (reader: string, table: Thing, catalogue: Catalogue): boolean => {
  const role = catalogue.get(`role ${reader}`)
  return valueOf(table, 'owner ') === reader || hasFacet(role, 'superuser') || hasFacet(role, 'bypassrls')
}

/** `partition of public.events FOR VALUES …`, `inherits public.a, public.b` */
function parentsIn(catalogue: Catalogue): ReadonlyMap<string, readonly string[]> {
  const tables = [...catalogue.values()].filter((one) => one.sort === 'table')
  const found = new Map<string, readonly string[]>()
  for (const table of tables) {
    const partition = valueOf(table, 'partition of ')
    const parents =
      partition === null
        ? (valueOf(table, 'inherits ')?.split(', ') ?? []).map((one) => `table ${one}`)
        : tables.filter((one) => partition.startsWith(`${one.name} `)).map((one) => one.object)
    if (parents.length > 0) found.set(table.object, parents)
  }
  return found
}

function isAbove(parent: string, child: string, parents: ReadonlyMap<string, readonly string[]>): boolean {
  const waiting = [...(parents.get(child) ?? [])]
  const seen = new Set<string>()
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    if (one === parent) return true
    if (seen.has(one)) continue
    seen.add(one)
    waiting.push(...(parents.get(one) ?? []))
  }
  return false
}
