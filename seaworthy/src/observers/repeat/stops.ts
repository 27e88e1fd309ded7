import type { Migration, MigrationTree, Script } from '../../migrations/model.ts'
import { type HalfWay, halfWayPoints } from '../../sql/half-way.ts'
import { type StopPoint, sendingOf } from './kind.ts'

/** A stop point with what is sent until then. */
export interface Stop {
  readonly point: StopPoint
  /** The script up to and with the statement. */
  readonly sent: Script
  /** The script before the statement (null if it is the first one), and the statement as a message of its own. */
  readonly before: Script | null
  readonly alone: Script
}

const LONGEST_SHOWN = 400

/** Every place at which the migration can stop with a part of it in for good. */
export function stopsOf(migration: Migration, transaction: MigrationTree['transaction']): readonly Stop[] {
  const { up } = migration
  const sending = sendingOf(up, transaction)
  return halfWayPoints(sending).map((found): Stop => {
    const text = (sending.messages[found.message]?.text ?? '').slice(found.start, found.end)
    return {
      point: {
        file: up.file,
        version: migration.version,
        index: found.index,
        line: found.line,
        column: found.column,
        endLine: found.endLine,
        text: text.slice(0, LONGEST_SHOWN),
        kind: found.kind,
      },
      sent: scriptUpTo(up, found, found.end),
      before: found.index === 1 ? null : scriptUpTo(up, found, found.start),
      alone: { ...up, text, send: 'batch', pieces: null },
    }
  })
}

/** The script cut off at an offset of one of its messages. */
function scriptUpTo(script: Script, { message }: HalfWay, end: number): Script {
  if (script.pieces === null) return { ...script, text: script.text.slice(0, end) }
  const pieces = script.pieces
    .slice(0, message + 1)
    .map((piece, index) => (index === message ? { ...piece, text: piece.text.slice(0, end) } : piece))
  return { ...script, text: pieces.map((piece) => piece.text).join('\n'), pieces }
}
