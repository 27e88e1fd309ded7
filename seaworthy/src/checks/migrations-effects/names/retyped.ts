import { as, partsOf, type SelectStmt, stringOf, typeText } from '../../../sql/tree.ts'
import type { Body, Routine } from '../code/body.ts'
import type { Change, Scene } from '../scene.ts'
import { ownName, plain, valueOf, wholeName } from '../thing.ts'
import { shortType } from '../sorts/types-of-columns.ts'
import { isNamed } from './gains.ts'
import { outputsOf, queriesReturned } from './widths.ts'
import { sourcesOf } from './scopes.ts'

/** A column of before whose type is another one, beyond its length. */
export interface Retyped {
  readonly change: Change
  readonly relation: string
  readonly column: string
  readonly from: string
  readonly to: string
}

const withoutLength = (type: string): string => type.slice(0, type.includes('(') ? type.indexOf('(') : undefined)

export const retypedIn = (scene: Scene): readonly Retyped[] =>
  scene.changed.flatMap((change) => {
    if (change.after.sort !== 'column') return []
    const [from, to] = [change.before, change.after].map((one) => withoutLength(shortType(valueOf(one, 'type ') ?? '')))
    if (from === undefined || to === undefined || from === to) return []
    return [{ change, relation: wholeName(change.after), column: ownName(change.after), from, to }]
  })

/** RETURN QUERY converts nothing: a column of another type than the function returns fails, text for varchar as well. */
export function judgeRetyped(
  body: Body,
  routine: Routine,
  retyped: readonly Retyped[],
): { readonly change: Change; readonly what: string } | null {
  if (body.source === null || retyped.length === 0) return null
  const declared = outputsOf(routine).map((one) => typeText(one.argType))
  const types = declared.length > 0 ? declared : [typeText(routine.node.returnType)]
  for (const query of queriesReturned(body, 'plpgsql')) {
    for (const [at, name] of columnsSelected(query).entries()) {
      const wanted = withoutLength(shortType(types[at] ?? ''))
      const sources = sourcesOf(query)
      const found = retyped.find(
        (one) =>
          one.column === name &&
          one.from === wanted &&
          sources.length === 1 &&
          isNamed(one.relation, sources[0]?.name ?? null),
      )
      if (found === undefined) continue
      const column = `column ${plain(found.relation)}.${found.column}`
      return {
        change: found.change,
        what: `fails from now on: it returns ${found.from} where ${column} is ${found.to}, and RETURN QUERY converts nothing (SQLSTATE 42804)`,
      }
    }
  }
  return null
}

/** The names of the columns that a query selects as they are; the empty text for any other value. None with `*`. */
function columnsSelected({ targetList = [] }: SelectStmt): string[] {
  const fields = targetList.map((one) => as(as(one, 'ResTarget')?.val, 'ColumnRef')?.fields ?? [])
  const isCounted = fields.every((one) => one.every((field) => as(field, 'A_Star') === undefined))
  return isCounted ? fields.map((one) => (partsOf(one).length === one.length ? (stringOf(one.at(-1)) ?? '') : '')) : []
}
