import { cannotProve, type Finding, note, refuse, type Severity, warn } from '../../gate/finding.ts'
import type { TracedStatement } from '../../observers/effects/kind.ts'

/** What a rule has to say about one effect. */
export interface Harm {
  readonly code: string
  readonly severity: Severity
  /** One sentence that begins in lower case. */
  readonly message: string
  /** Written as the static rules write theirs, so that both are told once. */
  readonly subject: string
  readonly hint?: string | null
  /** What was observed. */
  readonly proof?: string | null
  /** The statement that did it, where the rule knows. */
  readonly by?: TracedStatement | null
  /** Set for what could not be proved. */
  readonly isUnproven?: boolean
  /** What keeps other checks from looking as well, by the same words. */
  readonly cause?: string
}

export type Harms = readonly Harm[]
export const NONE: Harms = []

const say =
  (severity: Severity) =>
  (code: string, subject: string, message: string, more: Partial<Harm> = {}): Harms => [
    { code, severity, subject, message, ...more },
  ]

export const error = say('error')
export const warning = say('warning')
export const remark = say('note')

const SAY = { error: refuse, warning: warn, note } as const
const LONGEST_PROOF = 300

/** The finding; `by` is where it happened. */
export function findingOf(harm: Harm, by: TracedStatement | null): Finding {
  const tell = harm.isUnproven === true ? cannotProve : SAY[harm.severity]
  return tell({
    code: harm.code,
    message: harm.message,
    subject: harm.subject,
    hint: harm.hint ?? null,
    proof: harm.proof === undefined || harm.proof === null ? null : harm.proof.slice(0, LONGEST_PROOF),
    where: by === null ? null : { file: by.file, line: by.line, column: by.column },
    endLine: by?.endLine ?? null,
    ...(harm.cause === undefined ? {} : { cause: harm.cause }),
  })
}
