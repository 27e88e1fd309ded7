import { isNotHere, type NotHere, type WorldChange } from '../gate/drill/drill.ts'
import type { Observations } from '../gate/observation.ts'
import { harmTo, type LiveTable, ownTable } from './live-tables.ts'

/** A world with one migration more, in which a live table that the migrating role owns is harmed. */
export const harming =
  (name: string, up: (table: LiveTable) => string, fits?: (table: LiveTable) => boolean) =>
  (observations: Observations): WorldChange | NotHere => {
    const table = ownTable(observations, fits)
    return isNotHere(table) ? table : harmTo(table, { migration: { name, up: up(table) } })
  }

/** A column that nothing else in the table leans on, as far as that can be told. */
export const freeColumn = ({ columns }: LiveTable): LiveTable['columns'][number] | undefined =>
  columns.find((one) => one.isPlain && !one.isIndexed) ?? columns.find((one) => !one.isIndexed)
