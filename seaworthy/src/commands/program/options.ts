import { InvalidArgumentError } from 'commander'
import { isFormatName } from '../../migrations/formats.ts'
import type { FormatName } from '../../migrations/model.ts'

/** The values of an option that may be given several times. */
export const collect = (value: string, list: string[] = []): string[] => [...list, value]

/** In the order of docs/reference/formats.md. */
export const FORMAT_LIST = 'golang-migrate, numbered, sqlx, diesel, prisma, drizzle'

/** A file or a folder. Nothing would be taken for the working folder. */
export function parsePlace(value: string): string {
  if (value !== '') return value
  throw new InvalidArgumentError('It is empty.')
}

/** A format by its name. */
export function parseFormat(value: string): FormatName {
  if (isFormatName(value)) return value
  throw new InvalidArgumentError(`one of ${FORMAT_LIST}`)
}

/** A major version of PostgreSQL that can be rehearsed on. */
export function parseMajor(value: string): number {
  const major = Number(value)
  if (Number.isInteger(major) && major >= 12 && major <= 99) return major
  throw new InvalidArgumentError('a major version such as 17')
}

/** Seconds, up to a day. */
export function parseSeconds(value: string): number {
  const seconds = Number(value)
  if (seconds > 0 && seconds <= 86_400) return seconds
  throw new InvalidArgumentError('seconds, such as 30')
}

/** The file of `--report markdown=FILE`, where there is no other kind of report. */
export function parseMarkdown(value: string): string {
  const file = value.startsWith('markdown=') ? value.slice('markdown='.length) : ''
  if (file !== '') return file
  throw new InvalidArgumentError('markdown=FILE')
}
