import { type Finding, cannotProve, refuse } from '../../gate/finding.ts'
import type { SecondStart } from '../../observers/repeat/kind.ts'
import { flat, list, serverSaid } from './wording.ts'

const CODE = 'repeat/second-start'

/** What the tool does when it is started again right after everything was applied. */
export const judgeSecondStart = (start: SecondStart): Finding[] => [...judgeStart(start), ...judgeMadeAgain(start)]

/** With the profile `additive` tables and indexes are made only where they are not there, whoever makes them. */
const judgeMadeAgain = ({ madeAgain }: SecondStart): Finding[] =>
  madeAgain.map(({ file, line, column, endLine, object, text }) =>
    refuse({
      code: 'repeat/made-again',
      message: `run once more, \`${flat(text)}\` fails: it makes ${object}, and does not look whether it is there`,
      where: { file, line, column },
      endLine,
      subject: object,
      hint: 'Write CREATE TABLE IF NOT EXISTS or CREATE INDEX IF NOT EXISTS in it as well.',
      proof: 'run once more on a server',
    }),
  )

/** At most one finding. */
function judgeStart(start: SecondStart): Finding[] {
  const { ledger, again, failure, error, changed } = start
  const where = placeOf(start)
  if (ledger === 'unreadable') {
    return [
      refuse({
        code: CODE,
        message: `started again, the tool cannot read its ledger: ${error === null ? 'no reason was told' : error.message}`,
        where,
        subject: 'the ledger',
        hint: 'Leave the ledger to the tool: take out of the pending migrations what changes its table or who may read it.',
      }),
    ]
  }
  const isHarmed = failure !== null || changed.length > 0
  if (again.length === 0 || (ledger === 'unknown' && !isHarmed)) return []
  const what =
    failure !== null
      ? `fails at ${failure.file}: ${serverSaid(failure)}`
      : changed.length > 0
        ? `changes ${list(changed)}`
        : 'changes nothing on the rows that are here'
  if (ledger === 'unknown') {
    return [
      cannotProve({
        code: CODE,
        message: `which ledger the runner keeps is not known; if it keeps none, starting it again applies ${list(again)} once more, and that ${what}`,
        where,
        subject: 'the second start',
        hint: 'Name the table in which your runner keeps what is applied (`ledgerTable` in seaworthy.config.ts), or write the migrations such that they may run twice (IF NOT EXISTS, ON CONFLICT DO NOTHING).',
      }),
    ]
  }
  const why = ledger === 'missing' ? 'its ledger is gone' : `its ledger does not hold ${list(again)}`
  return [
    refuse({
      code: CODE,
      message: `started again, the tool applies ${again.length === 1 ? 'a migration' : `${again.length} migrations`} once more, since ${why}; that ${what}`,
      where,
      subject: 'the second start',
      hint: 'Leave the ledger to the tool: take out of the pending migrations what drops, renames or empties its table.',
    }),
  ]
}

function placeOf({ failure, again }: SecondStart): Finding['where'] {
  const file = failure?.file ?? again[0]
  if (file === undefined) return null
  return { file, line: failure?.statement?.line ?? 1, column: failure?.statement?.column ?? 1 }
}
