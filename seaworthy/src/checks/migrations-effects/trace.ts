import { type Finding, notApplied } from '../../gate/finding.ts'
import type { TracedStatement } from '../../observers/effects/kind.ts'
import { as } from '../../sql/tree.ts'
import { error, findingOf, type Harm, type Harms, NONE, warning } from './harm.ts'
import type { Scene } from './scene.ts'
import { writesOf } from './rows/writes.ts'

const unproven = (code: string, subject: string, message: string, hint: string, cause?: string): Harm => ({
  code,
  severity: 'error',
  subject,
  message,
  hint,
  isUnproven: true,
  ...(cause === undefined ? {} : { cause }),
})

/** Whether the trace can be believed, and whether it is of all that is pending. */
export function judgeWitness(scene: Scene, pending: readonly string[]): Harms {
  const { traceUnproven, interference, failure, steps } = scene.effects
  const harms: Harm[] = []
  if (traceUnproven !== null)
    harms.push(
      unproven(
        'unproven/trace',
        'the trace',
        `what the migrations did was not traced: ${traceUnproven}`,
        'Leave --server out, so that a scratch server of our own is used, or give it a role that may instrument it.',
      ),
    )
  if (interference.length > 0)
    harms.push(
      unproven(
        'unproven/interference',
        'the trace',
        `the faithful and the traced run differ: ${interference.slice(0, 3).join('; ')}${interference.length > 3 ? ` and ${interference.length - 3} more` : ''}`,
        'Make the migrations do the same each time: no random names, no dependence on the clock. If they do, report it with the evidence folder (--evidence DIR).',
      ),
    )
  const seen = new Set(steps.flatMap((step) => step.files))
  const missing = pending.filter((file) => !seen.has(file))
  if (failure !== null)
    harms.push(
      unproven(
        'unproven/not-all-applied',
        `migration ${failure.version}`,
        `${failure.file} did not apply (${failure.error.message}): what it and the ones after it do was not seen`,
        'Mend what the rehearsal says about it, and run again.',
        notApplied(failure.version),
      ),
    )
  else if (missing.length > 0 && traceUnproven === null)
    harms.push(
      unproven(
        'unproven/not-all-applied',
        'the trace',
        `${missing[0] ?? ''}${missing.length > 1 ? ` and ${missing.length - 1} more were` : ' was'} not traced`,
        'Run again; if it stays, report it with the evidence folder (--evidence DIR).',
      ),
    )
  return harms
}

/** What a file does to its own transaction. */
export function judgeTransactions(scene: Scene): Harms {
  return [...rolledBack(scene), ...halves(scene)]
}

function rolledBack(scene: Scene): Harms {
  const harms: Harm[] = []
  const files = new Set<string>()
  for (const by of scene.undone) {
    if (files.has(by.file)) continue
    files.add(by.file)
    const end = scene.statements.find(
      (one) => one.file === by.file && one.index > by.index && isRollback(one, scene) !== null,
    )
    const isWhole = end !== undefined && isRollback(end, scene) === 'TRANS_STMT_ROLLBACK'
    const say = isWhole ? error : warning
    const whole = isWhole
      ? 'the tool records the migration as applied, and it did nothing'
      : 'what stands before it is undone'
    harms.push(
      ...say(
        'apply/rolled-back',
        `file ${by.file}`,
        `line ${end?.line ?? by.line} rolls back what line ${by.line} did: ${whole}`,
        {
          by: end ?? by,
          proof: `in the trace, and not in what is left: ${by.events
            .map((one) => (one.kind === 'setting' ? one.name : one.object))
            .slice(0, 3)
            .join(', ')}`,
          hint: 'Take the ROLLBACK out.',
        },
      ),
    )
  }
  return harms
}

function isRollback(statement: TracedStatement, scene: Scene): string | null {
  const node = scene.reading.ownNode(statement)
  const kind = node === null ? undefined : as(node, 'TransactionStmt')?.kind
  return kind === 'TRANS_STMT_ROLLBACK' || kind === 'TRANS_STMT_ROLLBACK_TO' ? kind : null
}

/** A file that the tool sends as one, and that commits in parts: a failure leaves the first half. */
function halves(scene: Scene): Harms {
  return scene.tree.migrations.flatMap(({ up }) => {
    if (up.send !== 'batch' && up.send !== 'transaction') return NONE
    const doing = scene.statements.filter(
      (one) => one.file === up.file && one.transaction !== null && one.events.length > 0,
    )
    const [first] = doing
    const other = doing.find((one) => one.transaction !== first?.transaction)
    if (other === undefined) return NONE
    return error(
      'apply/transaction-control',
      'COMMIT',
      `commits before line ${other.line}: if that fails, the first half of ${up.file} stays`,
      {
        by: commitBefore(other, scene) ?? other,
        proof: `transactions ${first?.transaction ?? ''} and ${other.transaction ?? ''} of one file`,
        hint: 'Take COMMIT out, or split the file.',
      },
    )
  })
}

const commitBefore = (statement: TracedStatement, scene: Scene): TracedStatement | undefined =>
  scene.statements.findLast((one) => {
    if (one.file !== statement.file || one.index >= statement.index) return false
    const node = scene.reading.ownNode(one)
    return node !== null && as(node, 'TransactionStmt')?.kind === 'TRANS_STMT_COMMIT'
  })

/** Tables without rows of which something is asked that only rows can answer, unless they are refused already. */
export function judgeUnseeded(scene: Scene, findings: readonly Finding[]): Finding[] {
  const writes = writesOf(scene).filter(({ event }) => event.operation === 'update' || event.operation === 'delete')
  return scene.effects.seeding.unseeded.flatMap(({ object, reason }) => {
    const name = object.slice(object.indexOf(' ') + 1)
    const isTouched = (subject: string | null): boolean =>
      subject === object || subject?.startsWith(`column ${name}.`) === true
    if (findings.some((one) => one.outcome === 'fail' && isTouched(one.subject))) return []
    const write = writes.find((one) => one.table === object)
    const rewritten = scene.doing(
      (event) =>
        (event.kind === 'rewritten' && event.object === object) ||
        (event.kind === 'dropped' && event.object.startsWith(`column ${name}.`)),
    )
    const by = write?.by ?? rewritten
    if (by === null) return []
    return [
      findingOf(
        unproven(
          'unproven/table-not-seeded',
          object,
          `${object} had no rows in the rehearsal (${reason}): what becomes of production's is not seen`,
          'Give it rows of your own: --seed-sql FILE.',
        ),
        by,
      ),
    ]
  })
}
