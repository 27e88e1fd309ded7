import { hash } from 'node:crypto'

export type HashName = 'sha256' | 'sha384'

/** A migration's two checksums: of its text, and of its text with the other line endings. */
export interface Checksums {
  readonly checksum: string
  readonly checksumOtherEndings: string | null
}

/** Lower-case hexadecimal hashes of the UTF-8 bytes. The second one is null where the text has no line ending to change. */
export function checksumsOf(text: string, algorithm: HashName): Checksums {
  return {
    checksum: hash(algorithm, text),
    checksumOtherEndings: text.includes('\n') ? hash(algorithm, withOtherEndings(text)) : null,
  }
}

/** LF where the text has CRLF anywhere, else CRLF where it has LF. */
export const withOtherEndings = (text: string): string =>
  text.includes('\r\n') ? text.replaceAll('\r\n', '\n') : text.replaceAll('\n', '\r\n')
