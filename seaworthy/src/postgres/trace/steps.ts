import type { Migration, MigrationTree } from '../../migrations/model.ts'
import { messagesOf, type Sent } from './messages.ts'

/** One thing that the traced run does for a unit. */
export type Step = { readonly migration: Migration } & (
  | { readonly do: 'begin' | 'commit' }
  /** `isAlone`: nothing else is in its message, so that without a transaction it is one of its own. */
  | { readonly do: 'send'; readonly sent: Sent; readonly isAlone: boolean; readonly isInTool: boolean }
  | { readonly do: 'end-message' }
  /** Whether the file left a transaction open, where the tool has none of its own. */
  | { readonly do: 'check-closed' }
  | { readonly do: 'record' }
)

/** What the tool does for a unit, in order; null if the grammar cannot read a file. As `sendScript` in ../apply.ts. */
export function stepsOf(unit: readonly Migration[], transaction: MigrationTree['transaction']): Step[] | null {
  const [first] = unit
  const last = unit.at(-1)
  if (first === undefined || last === undefined) return []
  const isAll = transaction === 'all-pending'
  const steps: Step[] = isAll ? [{ do: 'begin', migration: first }] : []
  for (const migration of unit) {
    const own = stepsOfFile(migration, isAll)
    if (own === null) return null
    steps.push(...own)
  }
  if (isAll) steps.push({ do: 'commit', migration: last })
  return steps
}

function stepsOfFile(migration: Migration, isAll: boolean): Step[] | null {
  const { send } = migration.up
  const messages = messagesOf(migration.up)
  if (messages === null) return null
  const hasTool = send === 'transaction' || send === 'pieces'
  const isInTool = isAll || hasTool
  const steps: Step[] = hasTool && !isAll ? [{ do: 'begin', migration }] : []
  for (const message of messages) {
    const isAlone = message.length === 1
    for (const sent of message) steps.push({ do: 'send', migration, sent, isAlone, isInTool })
    steps.push({ do: 'end-message', migration })
  }
  if (!isInTool) steps.push({ do: 'check-closed', migration })
  steps.push({ do: 'record', migration })
  if (hasTool && !isAll) steps.push({ do: 'commit', migration })
  return steps
}
