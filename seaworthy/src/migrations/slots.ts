import { SeaworthyError } from '../gate/error.ts'
import { bareNumber, compareNumbers, isNumber } from './naming.ts'

/** How a folder counts: in sequence with a number of digits, or by a time stamp of so many digits. */
export type Counting =
  | { readonly by: 'sequence'; readonly width: number }
  | { readonly by: 'time'; readonly digits: 8 | 12 | 14 | 17 }
  | { readonly by: 'unix' }

const TIME_DIGITS = [8, 12, 14, 17] as const

/** How these versions (in order) count, judged by the newest; the fallback where there are none. */
export function countingOf(versions: readonly string[], fallback: Counting): Counting {
  const newest = versions.findLast((version) => isNumber(version))
  if (newest === undefined) return fallback
  const digits = TIME_DIGITS.find((length) => length === newest.length)
  if (digits !== undefined && timeInVersion(newest) !== null) return { by: 'time', digits }
  if (/^1\d{9}$/.test(newest)) return { by: 'unix' }
  return { by: 'sequence', width: newest.length }
}

/**
 * The next version after all that are known: one more than the highest in a sequence, or the time `now` in UTC. A
 * version that somebody has taken ahead of the clock is stepped over by one unit of its last digit.
 */
export function nextVersion(counting: Counting, known: readonly string[], now: Date): string {
  const numbers = known.filter((version) => isNumber(version))
  const highest = numbers.reduce<string | null>(
    (top, one) => (top === null || compareNumbers(one, top) > 0 ? one : top),
    null,
  )
  if (counting.by === 'sequence') return plusOne(highest ?? '0').padStart(counting.width, '0')
  const wanted =
    counting.by === 'unix' ? String(Math.floor(now.getTime() / 1000)) : stamp(now).slice(0, counting.digits)
  if (highest === null || compareNumbers(wanted, highest) > 0) return wanted
  return counting.by === 'time' && bareNumber(highest).length === counting.digits ? stepTime(highest) : plusOne(highest)
}

/** `20260131235959123`: the time in UTC, down to milliseconds. */
export const stamp = (time: Date): string =>
  time
    .toISOString()
    .replaceAll(/[^0-9]/g, '')
    .slice(0, 17)

function plusOne(digits: string): string {
  const next = String(BigInt(digits) + 1n)
  if (next.length > 18) {
    throw new SeaworthyError('usage', `there is no version left after ${digits}`, {
      hint: 'A ledger holds versions up to 9223372036854775807: look for the file with that number.',
    })
  }
  return next
}

const UNIT_MS: Readonly<Record<number, number>> = { 8: 86_400_000, 12: 60_000, 14: 1000, 17: 1 }

function stepTime(version: string): string {
  const time = timeInVersion(version)
  const unit = UNIT_MS[version.length]
  return time === null || unit === undefined
    ? plusOne(version)
    : stamp(new Date(time.getTime() + unit)).slice(0, version.length)
}

/** The time that a version's digits say; null if they say none between 1990 and 2100. */
export function timeInVersion(digits: string): Date | null {
  const match = /^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(?:(\d\d)(\d{3})?)?)?$/.exec(digits)
  if (match === null) return null
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, milli = 0] = match
    .slice(1)
    .map((part) => Number(part ?? 0))
  if (year < 1990 || year > 2099 || month < 1 || month > 12 || day < 1 || day > 31) return null
  if (hour > 23 || minute > 59 || second > 59) return null
  return new Date(Date.UTC(year, month - 1, day, hour, minute, second, milli))
}
