import { asIdentifier } from '../../../sql/tokens.ts'
import { type RangeVar, rangeParts } from '../../../sql/tree.ts'

/** The server cuts longer names. Source: NAMEDATALEN. */
const LONGEST_NAME_BYTES = 63

/** A name as the server itself would make it: `orders_user_id_fkey`. */
export function nameFor(range: RangeVar | undefined, columns: readonly string[], suffix: string): string {
  const name = [rangeParts(range).at(-1) ?? 'table', ...columns, suffix].join('_')
  return Buffer.byteLength(name) <= LONGEST_NAME_BYTES
    ? name
    : `${Buffer.from(name)
        .subarray(0, LONGEST_NAME_BYTES - suffix.length - 1)
        .toString()
        .replaceAll('\uFFFD', '')}_${suffix}`
}

/** A list of columns as SQL writes it. */
export const listed = (columns: readonly string[]): string => columns.map(asIdentifier).join(', ')

/** What an interrupted CREATE INDEX CONCURRENTLY leaves behind is an invalid index of the name. */
export const dropLeftOver = ({ relation }: { readonly relation?: RangeVar }, name: string): string =>
  `DROP INDEX CONCURRENTLY IF EXISTS ${beside(relation, name)};`

/** A name in the schema of a relation, as the statement spells that schema. */
export const beside = (range: RangeVar | undefined, name: string): string =>
  range?.schemaname === undefined ? asIdentifier(name) : `${asIdentifier(range.schemaname)}.${asIdentifier(name)}`
