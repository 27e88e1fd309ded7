import type { TracedStatement } from '../../../observers/effects/kind.ts'
import { as } from '../../../sql/tree.ts'
import { type Call, calledBy } from './called.ts'
import { type Harms, warning } from '../harm.ts'
import type { Scene } from '../scene.ts'
import { bare } from '../sorts/constraint-text.ts'

interface Taken {
  readonly key: string | null
  readonly name: string
  readonly by: TracedStatement
}

const TAKES = /^pg_(?:try_)?advisory_lock(?:_shared)?$/
const GIVES = /^pg_advisory_unlock(?:_shared)?$/

/** A session's own lock outlives the transaction, and the migration: with a pool of connections nobody knows for how long. */
export function judgeAdvisory(scene: Scene): Harms {
  let open: Taken[] = []
  for (const by of scene.statements) {
    const calls = calledBy(by, scene)
    for (const call of calls) if (TAKES.test(call.name)) open.push({ key: keyOf(call), name: call.name, by })
    for (const call of calls) {
      if (!GIVES.test(call.name)) continue
      const key = keyOf(call)
      open = open.filter((one) => one.key !== null && key !== null && one.key !== key)
    }
    const isAll = scene.nodesOf(by).some((node) => as(node, 'DiscardStmt')?.target === 'DISCARD_ALL')
    if (isAll || calls.some((one) => one.name === 'pg_advisory_unlock_all')) open = []
  }
  return open
    .filter((one, index) => open.findIndex((two) => two.by === one.by) === index)
    .flatMap(({ name, by }) =>
      warning(
        'lock/advisory-lock-kept',
        `file ${by.file}`,
        `${name}() takes a lock of the session, and nothing gives it back: it lasts as long as the connection`,
        {
          by,
          proof: `called, and no pg_advisory_unlock() follows: ${by.text.slice(0, 100)}`,
          hint: `${name.replace('advisory_lock', 'advisory_xact_lock')}(…) ends with the transaction.`,
        },
      ),
    )
}

/** Its arguments, where they stand in the file. */
const keyOf = ({ args, isAsWritten }: Call): string | null => (isAsWritten ? bare(args) : null)
