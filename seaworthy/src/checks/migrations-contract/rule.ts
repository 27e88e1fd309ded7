import type { Explanation, Severity } from '../../gate/finding.ts'
import type { SendMode } from '../../observers/migration-tree/kind.ts'
import type { AlterTableCmd, CommandKind, Node, NodeKind, NodeOf } from '../../sql/tree.ts'
import type { RuleContext } from './context.ts'

export type Profile = 'online' | 'additive'

/** What a rule has to say about one statement. Code, place and the rest of the finding are filled in around it. */
export interface Harm {
  /** One sentence that begins in lower case: what would happen, to what. */
  readonly message: string
  /** Such as `table public.users`. */
  readonly subject: string
  /** What to write instead, with the real names where they are known. */
  readonly hint: string | null
  /** In place of the rule's own, where a case is milder. */
  readonly severity?: Severity
}

export type Harms = readonly Harm[]
export const NONE: Harms = []

/** A script that the rule is tested with, and that its docs page shows. */
export type Sample =
  | string
  | {
      readonly sql: string
      /** Live before the script, in place of the sample schema. */
      readonly given?: string
      /** How the tool sends it; `statements` by default. */
      readonly send?: SendMode
    }

/** The kinds of statement that a rule looks at; each gets the statement as PostgreSQL's grammar has it. */
export type StatementHandlers = {
  readonly [K in NodeKind]?: (node: NodeOf<K>, context: RuleContext) => Harms
}

/** The commands of ALTER TABLE that a rule looks at. */
export type CommandHandlers = {
  readonly [K in CommandKind]?: (command: AlterTableCmd, context: RuleContext, node: NodeOf<'AlterTableStmt'>) => Harms
}

/** One harm, in one file: what is looked for, why it matters, and the SQL that proves both. */
export interface Rule extends Omit<Explanation, 'bad' | 'good'> {
  readonly profiles: readonly Profile[]
  readonly severity: Severity
  readonly bad: readonly Sample[]
  readonly good: readonly Sample[]
  readonly statements?: StatementHandlers
  readonly commands?: CommandHandlers
}

/** What a rule returns for a single harm. */
export const harm = (message: string, subject: string, hint: string | null = null): Harms => [
  { message, subject, hint },
]

const sqlOf = (sample: Sample): string => (typeof sample === 'string' ? sample : sample.sql)

const SENT: Record<SendMode, string> = {
  statements: 'sent statement by statement',
  batch: 'sent as one message',
  transaction: 'sent in one transaction',
  pieces: 'sent piece by piece',
}

/** The samples as a page shows them: where one text stands on both sides, a comment says what else makes the difference. */
function shown(samples: readonly Sample[], others: readonly Sample[]): string[] {
  const beside = new Set(others.map(sqlOf))
  return samples.map((sample) => {
    const sql = sqlOf(sample)
    if (!beside.has(sql)) return sql
    const { given, send = 'statements' } = typeof sample === 'string' ? {} : sample
    return `-- ${given === undefined ? SENT[send] : `live before it: ${given}`}\n${sql}`
  })
}

/** The rule as its docs page needs it. */
export const explanationOf = (rule: Rule): Explanation => ({
  code: rule.code,
  title: rule.title,
  why: rule.why,
  instead: rule.instead,
  ...(rule.production === undefined ? {} : { production: rule.production }),
  ...(rule.steps === undefined ? {} : { steps: rule.steps }),
  ...(rule.falseAlarm === undefined ? {} : { falseAlarm: rule.falseAlarm }),
  bad: shown(rule.bad, rule.good),
  good: shown(rule.good, rule.bad),
})

/** The one handler of a rule for a statement of that kind, without its type. */
export type AnyHandler = (node: unknown, context: RuleContext) => Harms
export type { Node }
