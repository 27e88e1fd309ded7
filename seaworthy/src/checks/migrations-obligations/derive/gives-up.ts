import { groupAt, textOf } from '../../../sql/lists.ts'
import { givesUpIf } from '../../../sql/plpgsql.ts'
import { tokensOf } from '../../../sql/tokens.ts'
import type { PendingStatement } from '../statements.ts'
import { inProduction } from './in-production.ts'
import { conflicting, counting, type Stage, type Wanted } from './stage.ts'

/** Blocks that raised an error on made-up rows: whether they would on production's, is asked by their own condition. */
export const givesUpWanted = (stage: Stage): Wanted[] =>
  conflicting(stage, ['P0001']).flatMap(({ statement, message: said }) =>
    givesUpIf(statement.text).flatMap(({ condition, message }): Wanted[] => {
      const asked = said.startsWith(message.split('%', 1)[0] ?? '') ? inProduction(condition, stage) : null
      const [table, ...others] = asked?.tables ?? []
      if (asked === null || table === undefined) return []
      return [
        {
          code: 'obligation/gives-up',
          subject: placed(statement),
          question: `this does not hold: ${condition}`,
          consequence: `the release gives up: ${message}`,
          table,
          others,
          columns: asked.columns,
          name: message,
          statement,
          sql: countingRows(asked.text),
        },
      ]
    }),
  )

const placed = ({ where }: PendingStatement): string => `line ${where.line} of ${where.file}`

/** Of EXISTS (…) the rows can be counted and shown; of any other condition only whether it holds. */
function countingRows(condition: string): ReturnType<typeof counting> {
  const tokens = tokensOf(condition) ?? []
  const group = tokens[0]?.text.toUpperCase() === 'EXISTS' ? groupAt(tokens, 1) : null
  if (group === null || group.next !== tokens.length) return counting('1', 'true AS holds', `WHERE (${condition})`)
  return counting('1', '*', `FROM (${textOf(condition, group.tokens)}) AS found_rows`)
}
