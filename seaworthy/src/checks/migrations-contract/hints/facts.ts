import type { Node } from '../../../sql/tree.ts'
import type { RuleContext } from '../context.ts'
import { columnOf } from '../state.ts'
import { volatileCall } from '../volatility.ts'
import type { FormatName } from './blocks.ts'

/** What a hint needs to know beside its statement. Tables are named as the statement names them. */
export interface Facts {
  /** The tool that sends the file; null where that is not known. */
  readonly format: FormatName | null
  /** Columns of the primary key; empty where none is known. */
  readonly keyOf: (table: readonly string[]) => readonly string[]
  /** Whether the column is known to be NOT NULL already. */
  readonly isRequired: (table: readonly string[], column: string) => boolean
  /** The type of the column so far; null where it is not known. */
  readonly typeOf: (table: readonly string[], column: string) => string | null
  /** Whether it is the root of a partitioned table. */
  readonly isPartitioned: (table: readonly string[]) => boolean
  /** Whether an expression may give each row a value of its own. */
  readonly isVolatile: (expression: Node | undefined) => boolean
}

/** Where nothing is known but the tool. */
export const factsOf = (format: FormatName | null): Facts => ({
  format,
  keyOf: () => [],
  isRequired: () => false,
  typeOf: () => null,
  isPartitioned: () => false,
  isVolatile: () => false,
})

/** What the static reading knows. */
export const knownFacts = (context: RuleContext, format: FormatName | null): Facts => ({
  format,
  keyOf: (table) =>
    context.tableNamed(context.name(table))?.constraints.find((one) => one.kind === 'primary')?.columns ?? [],
  isRequired: (table, column) => columnOf(context.tableNamed(context.name(table)), column)?.isNotNull === true,
  typeOf: (table, column) => columnOf(context.tableNamed(context.name(table)), column)?.type ?? null,
  isPartitioned: (table) => context.tableNamed(context.name(table))?.isPartitioned === true,
  isVolatile: (expression) => volatileCall(expression, context) !== null,
})
