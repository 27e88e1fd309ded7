import { cannotProve, type Finding } from '../../gate/finding.ts'
import type { Effects, SyntheticConflict } from '../../observers/effects/kind.ts'
import { nameParts } from '../../sql/identifier.ts'
import type { Derived } from './derive.ts'

/** Which sorts of question an error of the server is about, by its SQLSTATE. */
const SORTS: Readonly<Record<string, readonly string[]>> = {
  '23505': ['obligation/unique'],
  '23P01': ['obligation/exclusion'],
  '23502': ['obligation/not-null'],
  '23514': ['obligation/check', 'obligation/partition'],
  '23503': ['obligation/foreign-key'],
  '22001': ['obligation/type'],
  '22003': ['obligation/type'],
  '22P02': ['obligation/type'],
  '22007': ['obligation/type'],
  '22008': ['obligation/type'],
  P0001: ['obligation/gives-up'],
}

/**
 * Migrations that failed on made-up rows only. One that fails on what a question is about is settled by the answer;
 * of any other nobody knows what to ask.
 */
export const judgeConflicts = ({ conflicts }: Pick<Effects, 'conflicts'>, derived: Derived): Finding[] =>
  conflicts.filter((conflict) => !isCovered(conflict, derived)).map(conflictFinding)

function isCovered({ failure }: SyntheticConflict, { obligations }: Derived): boolean {
  const { sqlstate, table, column, constraint } = failure.error
  const sorts = SORTS[sqlstate ?? ''] ?? []
  return obligations.some((one) => {
    if (!sorts.includes(one.code)) return false
    const isSameStatement = one.where?.file === failure.file && one.where.line === failure.statement?.line
    const isSameTable = table === null || nameParts(one.table).at(-1) === table
    const names = [column, constraint].filter((name) => name !== null)
    // Where the server names what failed, a question about something else in the same statement is another one.
    if (names.length > 0)
      return isSameTable && (names.includes(one.name) || (isSameStatement && one.code === 'obligation/check'))
    return isSameStatement || (table !== null && isSameTable && one.where?.file === failure.file)
  })
}

function conflictFinding({ failure, resolution }: SyntheticConflict): Finding {
  const { error, statement, file, version } = failure
  return cannotProve({
    code: 'unproven/synthetic-conflict',
    message: `migration ${version} fails on made-up rows (${error.message}${error.sqlstate === null ? '' : `, SQLSTATE ${error.sqlstate}`}), and no question to production would settle it; ${resolution}`,
    where: { file, line: statement?.line ?? 1, column: statement?.column ?? 1 },
    subject: `migration ${version}`,
    hint: 'Give rows like those of production with --seed-sql FILE; if the migration fails on them too, it is not safe.',
  })
}
