import type { RowChange, TracedStatement } from '../../../observers/effects/kind.ts'
import { partsOf, walk } from '../../../sql/tree.ts'
import { error, type Harm, type Harms } from '../harm.ts'
import type { Scene } from '../scene.ts'

/** What the observer calls them where tables have names. */
export const LARGE_OBJECTS = 'large objects'

/** The server's own functions that change one (the manual, chapter 33.4). */
const CHANGING = new Set(
  'lo_unlink lo_put lo_create lo_creat lo_from_bytea lo_import lo_truncate lo_truncate64 lowrite lo_open'.split(' '),
)

/** Large objects are rows of no table: no write is traced, so what is left tells. */
export function judgeLargeObjects({ rowsBefore, lost, lostExample, columns }: RowChange, scene: Scene): Harms {
  const by = changerOf(scene)
  const harms: Harm[] = []
  if (lost > 0)
    harms.push(
      ...error('data-loss/lost-rows', LARGE_OBJECTS, 'removes large objects; what names them names nothing', {
        by,
        proof: `${lost} of ${rowsBefore} large objects lost, such as ${lostExample ?? 'one'}`,
        hint: 'Leave them, and let vacuumlo or a job of its own remove those that no row names any more.',
      }),
    )
  for (const { overwritten, example } of columns)
    harms.push(
      ...error('data-loss/overwritten-values', LARGE_OBJECTS, 'overwrites what large objects hold', {
        by,
        proof: `${overwritten} large objects changed, such as ${example?.key ?? 'one'}: ${example?.before ?? ''} became ${example?.after ?? ''}`,
        hint: 'Make a new large object, and let the row name that one.',
      }),
    )
  return harms
}

/** The last statement that calls such a function, or else the last one that ran others. */
function changerOf(scene: Scene): TracedStatement | null {
  const statements = scene.statements.filter((one) => !scene.undone.has(one))
  return (
    statements.findLast((one) => doesCall(one, scene)) ?? statements.findLast((one) => one.nested.length > 0) ?? null
  )
}

function doesCall(statement: TracedStatement, scene: Scene): boolean {
  let does = false
  walk(scene.nodesOf(statement), 'FuncCall', (call) => {
    if (CHANGING.has(partsOf(call.funcname).at(-1) ?? '')) does = true
  })
  return does
}
