import { isNotHere, notHere, type World } from '../../gate/drill/drill.ts'
import { queries } from '../../observers/queries/kind.ts'
import { freeColumn } from '../bad-migration.ts'
import { leftOut } from '../left-out.ts'
import { harmTo, ownTable } from '../live-tables.ts'

/** Bad worlds for the queries that the running version sends. */
export const worlds: readonly World[] = [
  {
    name: 'rename-column-of-a-query',
    title: 'a column that a running query needs is renamed',
    why: 'the migration applies, and the version that still runs answers with errors',
    refusedBy: ['compat/query-stops-working'],
    build: (observations) => {
      const seen = observations.maybe(queries)
      if (seen === undefined) return notHere('the queries of the running version were not looked at')
      if (seen.unavailable !== null) return notHere(seen.unavailable)
      const table = ownTable(observations, (one) => freeColumn(one) !== undefined)
      if (isNotHere(table)) return table
      const column = freeColumn(table)?.sql
      return harmTo(table, {
        query: `SELECT ${column} FROM ${table.sql}`,
        migration: {
          name: 'clearer names',
          up: `ALTER TABLE ${table.sql} RENAME COLUMN ${column} TO seaworthy_drill;\n`,
        },
      })
    },
  },
  leftOut('migrations-queries'),
]
