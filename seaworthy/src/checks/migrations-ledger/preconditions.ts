import type { PreconditionRule } from '../../gate/certificate/precondition.ts'
import { ledger } from '../../observers/ledger/kind.ts'

/** What is applied in production: one part a row, without the time at which it came in. */
export const preconditions: readonly PreconditionRule[] = [
  {
    kind: ledger,
    parts: (observations) => {
      const { style, rows } = observations.need(ledger)
      return rows.map(({ key, name, checksum, isDirty }) => [key, { style, key, name, checksum, isDirty }] as const)
    },
  },
]
