import { cannotProve, type Finding, refuse, type Where, warn } from '../../gate/finding.ts'
import { commentsOf, type ParseError, parseSql } from '../../sql/parse.ts'
import { as } from '../../sql/tree.ts'
import type { Message, ReadScript } from './script.ts'

const TEMPLATES = ['{{', '{%', '<%', '${', '#{']

/** The template marker at the place of a syntax error; null if there is none. */
function templateAt(text: string, offset: number): string | null {
  for (const marker of TEMPLATES) {
    const at = text.lastIndexOf(marker, offset + 1)
    if (at !== -1 && at >= offset - marker.length) return marker
  }
  // `<%= name %>` reads as an operator at first, so that the error lies behind it, on the same line.
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1
  return text.slice(lineStart, offset + 2).includes('<%') ? '<%' : null
}

const lineAt = (text: string, offset: number): string => {
  const end = text.indexOf('\n', offset)
  return text.slice(text.lastIndexOf('\n', offset - 1) + 1, end === -1 ? text.length : end).trim()
}

/** Semicolons that rows may have before the place at which the parser stops. Each is as much work as the whole text. */
const MOST_SEMICOLONS = 20

/** Whether the statement before the error is a COPY … FROM stdin, whose rows the parser has run into. */
function isCopyData(text: string, offset: number): boolean {
  let end = text.lastIndexOf(';', offset)
  for (let tried = 0; end !== -1 && tried < MOST_SEMICOLONS; tried += 1) {
    const before = parseSql(text.slice(0, end))
    if (before.ok) {
      const copy = as(before.statements.at(-1)?.node, 'CopyStmt')
      return copy?.is_from === true && copy.filename === undefined
    }
    end = end === 0 ? -1 : text.lastIndexOf(';', end - 1)
  }
  return false
}

/** What a file that PostgreSQL's grammar does not take really is. */
export function syntaxFinding(message: Message, error: ParseError, file: string): Finding {
  const { text } = message
  const where: Where = { file, line: error.line + message.line - 1, column: error.column }
  const line = lineAt(text, error.offset)
  const subject = file
  if (error.isUnread === true) {
    return cannotProve({
      code: 'parse/syntax',
      message: `the file was not read: ${error.message}`,
      where,
      subject,
      hint: 'Write it so that a person can read it as well.',
    })
  }
  if (text.codePointAt(0) === 0xfeff && error.offset <= 1) {
    return refuse({
      code: 'parse/byte-order-mark',
      message: 'the file begins with a byte-order mark, which the tool sends and the server refuses',
      where,
      subject,
      hint: 'Save the file as UTF-8 without a byte-order mark.',
    })
  }
  // `\.` alone ends the rows of a COPY.
  if (text[error.offset] === '\\' && line.startsWith('\\') && line !== '\\.') return psqlCommand(line, where, subject)
  const template = templateAt(text, error.offset)
  if (template !== null) {
    return cannotProve({
      code: 'parse/templated',
      message: `the file is a template (${template}): what is sent to the server is not known`,
      where,
      subject,
      hint: 'Render the files first and check the rendered folder.',
    })
  }
  if (isCopyData(text, error.offset)) {
    return refuse({
      code: 'parse/copy-data',
      message: 'rows for COPY … FROM stdin stand in the file, which only psql can send',
      where,
      subject,
      hint: 'Write INSERT statements (pg_dump --inserts).',
    })
  }
  if (text[error.offset] === ':' && /^:['"]?[A-Za-z_]/.test(text.slice(error.offset, error.offset + 3))) {
    return refuse({
      code: 'parse/psql-variable',
      message: `a psql variable (${/^:['"]?\w+['"]?/.exec(text.slice(error.offset))?.[0] ?? ':'}), which only psql replaces`,
      where,
      subject,
      hint: 'Write the value itself.',
    })
  }
  return refuse({ code: 'parse/syntax', message: `the server would refuse the file: ${error.message}`, where, subject })
}

function psqlCommand(line: string, where: Where, subject: string): Finding {
  const command = line.split(/\s/)[0] ?? '\\'
  const isDump = command === '\\restrict' || command === '\\unrestrict'
  return refuse({
    code: 'parse/psql-command',
    message: `${command} is a command of psql, and a migration tool sends it to the server as SQL`,
    where,
    subject,
    hint: isDump
      ? 'pg_dump writes \\restrict and \\unrestrict around a dump for psql: delete both lines.'
      : 'Write it as SQL, or leave it out.',
  })
}

/** A file without a statement. `isAllThereIs`: nothing else is pending, so that the release would do nothing. */
export function emptyFinding(read: ReadScript, isAllThereIs: boolean): Finding {
  const { file, text } = read.script
  const isExplained = (commentsOf(text) ?? []).length > 0
  const make = isExplained && !isAllThereIs ? warn : cannotProve
  return make({
    code: 'parse/empty',
    message: isExplained ? 'the file has comments but no statement' : 'the file is empty',
    where: { file, line: 1, column: 1 },
    subject: file,
    hint: isExplained ? null : 'Write the migration, or a comment that says why there is none.',
  })
}

/** Comments that a lone carriage return ends: what follows looks commented and is live. */
export function carriageReturns(message: Message, file: string): Finding[] {
  const { text } = message
  if (!hasLoneReturn(text)) return []
  return (commentsOf(text) ?? [])
    .filter((one) => one.text.startsWith('--') && text[one.end] === '\r' && text[one.end + 1] !== '\n')
    .filter((one) => text.slice(one.end).trim() !== '')
    .map((one) =>
      refuse({
        code: 'parse/bare-carriage-return',
        message: 'a lone carriage return ends the comment: what follows it on the line is live SQL',
        where: { file, line: one.line + message.line - 1, column: 1 },
        subject: file,
        hint: 'Save the file with LF or CRLF line endings, and read what stands after the comment.',
      }),
    )
}

function hasLoneReturn(text: string): boolean {
  for (let at = text.indexOf('\r'); at !== -1; at = text.indexOf('\r', at + 1)) if (text[at + 1] !== '\n') return true
  return false
}
