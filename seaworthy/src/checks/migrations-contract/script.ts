import type { MigrationTree, Script } from '../../observers/migration-tree/kind.ts'
import { as } from '../../sql/tree.ts'
import type { ParseError, Statement } from '../../sql/parse.ts'
import { parseScript } from '../../sql/script.ts'
import type { Sending } from './context.ts'

/** What the tool sends in one go, or the whole file where it sends more than one message of it. */
export interface Message {
  readonly text: string
  /** Line of the file on which it begins, from 1. */
  readonly line: number
  readonly statements: readonly Statement[]
  readonly error: ParseError | null
}

export interface ReadScript {
  readonly script: Script
  readonly messages: readonly Message[]
}

/** A statement of a pending file with all that is known about its sending. */
export interface Unit {
  readonly file: string
  readonly message: Message
  readonly statement: Statement
  readonly sending: Sending
}

/** Parses a script, piece by piece where the tool splits it. */
export function readScript(script: Script): ReadScript {
  const pieces = script.pieces ?? [{ text: script.text, line: 1 }]
  return {
    script,
    messages: pieces.map(({ text, line }) => {
      const parsed = parseScript(text)
      return parsed.ok
        ? { text, line, statements: parsed.statements, error: null }
        : { text, line, statements: [], error: parsed.error }
    }),
  }
}

/** Gives each statement the number of its transaction. One numbering serves a whole run. */
export class Transactions {
  #number = 0

  /** The statements of files that are sent together, in order. */
  unitsOf(scripts: readonly ReadScript[], transaction: MigrationTree['transaction']): Unit[] {
    const isOneForAll = transaction === 'all-pending'
    if (isOneForAll) this.#number += 1
    return scripts.flatMap(({ script, messages }) => {
      const isWrapped = isOneForAll || script.send === 'transaction'
      if (isWrapped && !isOneForAll) this.#number += 1
      return messages.flatMap((message) => {
        if (isWrapped) return this.#wrapped(script.file, message)
        return script.send === 'statements' ? this.#oneByOne(script.file, message) : this.#batch(script.file, message)
      })
    })
  }

  #wrapped(file: string, message: Message): Unit[] {
    return message.statements.map((statement) => {
      const unit = this.#unit(file, message, statement, { isAlone: false, isWrapped: true })
      if (endsTransaction(statement)) this.#number += 1
      return unit
    })
  }

  /** Several statements in one message are one implicit transaction, which an explicit COMMIT divides. */
  #batch(file: string, message: Message): Unit[] {
    this.#number += 1
    const isAlone = message.statements.length === 1
    return message.statements.map((statement) => {
      const unit = this.#unit(file, message, statement, { isAlone, isWrapped: false })
      if (endsTransaction(statement)) this.#number += 1
      return unit
    })
  }

  #oneByOne(file: string, message: Message): Unit[] {
    let isOpen = false
    return message.statements.map((statement) => {
      if (!isOpen) this.#number += 1
      const unit = this.#unit(file, message, statement, { isAlone: !isOpen, isWrapped: false })
      if (beginsTransaction(statement)) isOpen = true
      else if (endsTransaction(statement)) isOpen = false
      return unit
    })
  }

  #unit(file: string, message: Message, statement: Statement, how: Omit<Sending, 'transaction'>): Unit {
    return { file, message, statement, sending: { transaction: this.#number, ...how } }
  }
}

const control = (statement: Statement): string =>
  statement.kind === 'TransactionStmt' ? (as(statement.node, 'TransactionStmt')?.kind ?? '') : ''

const beginsTransaction = (statement: Statement): boolean =>
  ['TRANS_STMT_BEGIN', 'TRANS_STMT_START'].includes(control(statement))

const endsTransaction = (statement: Statement): boolean =>
  ['TRANS_STMT_COMMIT', 'TRANS_STMT_ROLLBACK', 'TRANS_STMT_PREPARE'].includes(control(statement))
