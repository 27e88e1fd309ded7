import type { Json } from '../../gate/chain/chain.ts'
import { candidateName } from '../../gate/certificate/candidate.ts'
import { reasonOf, SeaworthyError } from '../../gate/error.ts'
import type { Acceptance } from '../../gate/policy.ts'
import { isLedgerOrLeft } from '../../state/names-beside.ts'
import type { JudgedRun } from './judged-run.ts'
import type { Recorded } from '../ledger/place.ts'

/**
 * Enters a run into the ledger that is there, and each acceptance that counted in it. Where there is none, nothing is loaded.
 * Returns why it could not be entered, or null: nothing rests on this entry, so it never hides the verdict.
 */
export async function recordRun(
  run: JudgedRun,
  context: { readonly env: NodeJS.ProcessEnv; readonly argv: readonly string[] },
): Promise<string | null> {
  const { stateFile: file } = run.request
  if (file === undefined) return null
  try {
    if (!isLedgerOrLeft(file)) return null
    const { recordEntry } = await import('../ledger/place.ts')
    for (const one of entriesOf(run)) await recordEntry({ file, isNamed: false }, one, context)
    return null
  } catch (error) {
    const isFile = error instanceof Error && 'code' in error && 'syscall' in error
    if (!isFile && !(error instanceof SeaworthyError)) throw error
    return `this run was not entered in the ledger ${file}: ${reasonOf(error)}`
  }
}

function entriesOf({ question, evaluation, candidate: about }: JudgedRun): Recorded[] {
  const candidate = candidateName(about)
  const { action, isPartial } = question
  const { verdict } = evaluation
  const content = { verdict, action, isPartial, checks: question.checks.map((check) => check.id) }
  const accepted = new Set(evaluation.accepted.map(({ acceptance }) => acceptance))
  return [
    { kind: 'run', candidate, content },
    ...[...accepted].map((one): Recorded => ({
      kind: 'acceptance',
      candidate,
      content: { action, verdict, ...termsOf(one) },
    })),
  ]
}

const termsOf = ({ code, file, subject, reason, author, expires }: Acceptance): { readonly [key: string]: Json } => ({
  code,
  file: file ?? null,
  subject: subject ?? null,
  reason,
  author,
  expires,
})
