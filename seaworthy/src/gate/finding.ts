/** How loudly a finding speaks. Only an `error` touches the verdict. */
export type Severity = 'error' | 'warning' | 'note'

/** What one finding makes of the verdict of its check: it refuses, it leaves unproven, or it only informs. */
export type Outcome = 'fail' | 'unproven' | 'none'

/** A place in the user's own files. `file` is relative to the repository root; line and column count from 1. */
export interface Where {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** What a judge has to say about one harm. */
export interface Finding {
  /** Stable: `family/name`, such as `data-loss/drop-table`. Each code has a page in docs/findings/. */
  readonly code: string
  readonly severity: Severity
  readonly outcome: Outcome
  /** One sentence: what would happen, to what. */
  readonly message: string
  readonly where: Where | null
  /** What is harmed or asked about, such as `table public.users` or `migration 129`. */
  readonly subject: string | null
  /** What to do instead. */
  readonly hint: string | null
  /** What was observed, where a server showed it: `table_rewrite of public.users, statement 2`. */
  readonly proof?: string | null
  /** The last line of the statement that `where` begins, so that two findings about it can be told to be one. */
  readonly endLine?: number | null
  /**
   * Why something could not be looked at, where several findings share the reason: it is then told once. What refuses may
   * name itself as the cause of others.
   */
  readonly cause?: string
  /** The path of the page that explains the code, relative to the documentation's root. */
  readonly docs: string
}

interface FindingInput {
  code: string
  message: string
  where?: Where | null
  subject?: string | null
  hint?: string | null
  proof?: string | null
  endLine?: number | null
  cause?: string
}

/** The page of a finding code. */
export const docsPage = (code: string): string => `docs/findings/${code}.md`

/** The cause that everything shares which could not be looked at since a migration does not apply. */
export const notApplied = (version: string): string => `migration ${version} does not apply`

/** Whether that is the cause. */
export const isNotApplied = (cause: string | undefined): boolean => cause !== undefined && NOT_APPLIED.test(cause)
const NOT_APPLIED = /^migration \S+ does not apply(?:,|$)/

/** The family of a finding code: what stands before the slash. */
export const familyOf = (code: string): string => code.slice(0, Math.max(0, code.indexOf('/')))

const make = (severity: Severity, outcome: Outcome, input: FindingInput): Finding => ({
  code: input.code,
  severity,
  outcome,
  message: input.message,
  where: input.where ?? null,
  subject: input.subject ?? null,
  hint: input.hint ?? null,
  ...(input.proof === undefined || input.proof === null ? {} : { proof: input.proof }),
  ...(input.endLine === undefined || input.endLine === null ? {} : { endLine: input.endLine }),
  ...(input.cause === undefined ? {} : { cause: input.cause }),
  docs: docsPage(input.code),
})

/** An error that refuses the release. */
export const refuse = (input: FindingInput): Finding => make('error', 'fail', input)
/** An error that says something required could not be proved. */
export const cannotProve = (input: FindingInput): Finding => make('error', 'unproven', input)
/** Worth reading before the release; does not stop it. */
export const warn = (input: FindingInput): Finding => make('warning', 'none', input)
/** Said once for the record; does not stop anything. */
export const note = (input: FindingInput): Finding => make('note', 'none', input)

/** The text behind a finding code, from which its docs page is made. */
export interface Explanation {
  readonly code: string
  /** A short title, such as "Drops a table". */
  readonly title: string
  /** Why it matters. Plain Markdown. */
  readonly why: string
  /** How production feels it. Plain Markdown. */
  readonly production?: string
  /** What to do instead. Plain Markdown. */
  readonly instead: string
  /** The same in the steps of expand and contract, one after another. Plain Markdown. */
  readonly steps?: readonly string[]
  /** What a false alarm would look like, if one is known. */
  readonly falseAlarm?: string
  /** SQL that is refused and SQL that is not, where the code is about SQL. */
  readonly bad?: readonly string[]
  readonly good?: readonly string[]
}
