import { stringOf } from '../../../sql/tree.ts'
import type { Scene } from '../scene.ts'
import { constraintOf } from '../sorts/constraint-text.ts'
import type { Thing } from '../thing.ts'

/** Columns that are a key for themselves, before the release and after it. */
export function keysOf(table: string, scene: Scene): ReadonlySet<string> {
  const after = new Set(keysIn(scene.after.values(), scene.nameNow(table)))
  return new Set(keysIn(scene.before.values(), scene.nameNow(table)).filter((one) => after.has(one)))
}

function keysIn(catalogue: Iterable<Thing>, table: string | null): string[] {
  return [...catalogue].flatMap((thing) => {
    if (thing.sort !== 'constraint' || thing.parent !== table) return []
    const constraint = constraintOf(thing.facets[0])
    const isKey = constraint?.contype === 'CONSTR_PRIMARY' || constraint?.contype === 'CONSTR_UNIQUE'
    return isKey && constraint.keys?.length === 1 ? (stringOf(constraint.keys[0]) ?? []) : []
  })
}
